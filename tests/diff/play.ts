// Plays one case against one program and writes down what the clients, the servers and the log receiver saw.
// How long to wait for nothing more is taken from a model: what haproxy did tells how many bytes and which ends to
// wait for when Sluice is played, so that waits are short where the two agree and bounded where they do not.
import type { Case, ClientScript, Reply, ServerScript, Step } from "./cases.ts";
import { endOfMessage, withOneChunk } from "./http_text.ts";
import { type Labels, logLine, printable, withoutDates, withUsualErrorHeads } from "./normalize.ts";
import { connect, RawServer, UdpSink, type Wire } from "./wire.ts";

/** Longest wait for something that has to come, in milliseconds. */
const BOUND_MS = 3000;

/** What belongs to a case while its program runs: where to connect to, and who listens. */
export interface Stage {
  readonly test: Case;
  readonly binds: ReadonlyMap<string, number>;
  readonly servers: ReadonlyMap<string, RawServer>;
  readonly logs: ReadonlyMap<string, UdpSink>;
  readonly labels: Labels;
}

/** What was seen; `counts` serve as the model of a later play. */
export interface Seen {
  readonly text: string;
  readonly counts: Counts;
}

interface Counts {
  readonly clients: readonly { readonly bytes: number; readonly open: boolean }[];
  readonly server: number;
  readonly logs: number;
}

export function clientScripts(test: Case): readonly ClientScript[] {
  const [first] = test.clients;
  if (first === undefined || (typeof first === "object" && "steps" in first)) return test.clients as ClientScript[];
  return [{ steps: test.clients as Step[] }];
}

/** Plays it. `quietMs`: how long nothing must come to believe that nothing will. */
export async function play(stage: Stage, quietMs: number, model: Counts | null): Promise<Seen> {
  const clients: { bytes: number; open: boolean }[] = [];
  const parts: string[] = [];
  let number = 0;
  for (const script of clientScripts(stage.test)) {
    const port = stage.binds.get(script.to ?? "");
    if (port === undefined) throw new Error(`case ${stage.test.name}: no {bind:${script.to}}`);
    const wire = await connect(port, script.from);
    stage.labels.set(wire.localPort, `<client ${number}>`);
    for (const step of script.steps) await take(step, wire, quietMs);
    await settle(wire, quietMs, model?.clients[number]);
    clients.push({ bytes: wire.received.length, open: wire.end === "open" });
    const text = withUsualErrorHeads(withoutDates(received(wire, stage.test)));
    parts.push(`--- client ${number} received\n${text}\n--- ${endOf(wire, stage.test)}\n`);
    wire.close();
    number++;
  }
  const atServers = () => [...stage.servers.values()].reduce((sum, server) => sum + server.total, 0);
  await steady(atServers, quietMs, model?.server);
  const atLogs = () => [...stage.logs.values()].reduce((sum, sink) => sum + sink.lines.length, 0);
  if (stage.logs.size > 0) await steady(atLogs, quietMs, model?.logs);
  const counts = { clients, server: atServers(), logs: atLogs() };
  for (const [name, server] of stage.servers) {
    server.wires.forEach((wire, index) => {
      stage.labels.set(wire.remotePort, `<source of ${name} ${index}>`);
      const end = stage.test.serverEnds === undefined ? "" : ` ${endOf(wire, stage.test)}`;
      // A connection on which nothing came shows only when one of the two noticed an error.
      if (wire.received === "" && stage.test.serverEnds === undefined) return;
      parts.push(`--- server ${name} connection ${index} received\n${received(wire, stage.test)}\n---${end}\n`);
    });
  }
  for (const [name, sink] of stage.logs) {
    const lines = sink.lines.map((line) => logLine(line, stage.test.mask ?? []));
    parts.push(`--- log ${name}\n${lines.join("\n")}\n`);
  }
  return { text: printable(stage.labels.apply(parts.join(""))), counts };
}

function received(wire: Wire, test: Case): string {
  return test.oneChunk === undefined ? wire.received : withOneChunk(wire.received);
}

function endOf(wire: Wire, test: Case): string {
  return wire.end === "reset" && test.resets === undefined ? "closed" : wire.end;
}

async function take(step: Step, wire: Wire, quietMs: number): Promise<void> {
  if (step === "quiet") await wire.quiet(quietMs);
  else if (step === "shut") wire.shut();
  else if (step === "reset") wire.reset();
  else if (step === "close") wire.close();
  else if (typeof step === "string") wire.send(step);
  else if ("ms" in step) await new Promise((resolve) => setTimeout(resolve, step.ms));
  else {
    const { until, times = 1 } = step;
    await wire.until(() => wire.end !== "open" || wire.received.split(until).length > times, BOUND_MS);
  }
}

/** Waits until a client has received everything. */
async function settle(wire: Wire, quietMs: number, model?: { bytes: number; open: boolean }): Promise<void> {
  if (model !== undefined) {
    const enough = () => wire.end !== "open" || (model.open && wire.received.length >= model.bytes);
    await wire.until(enough, BOUND_MS / 2);
    if (wire.end !== "open") return;
  }
  await wire.quiet(quietMs);
}

/** Waits until a number has reached that of the model, or, without one, does not change any more. */
async function steady(read: () => number, quietMs: number, model?: number): Promise<void> {
  const step = 10;
  const deadline = performance.now() + BOUND_MS / 2;
  let quietSince = performance.now();
  for (let last = read(); performance.now() < deadline;) {
    if (model !== undefined && read() >= model) return;
    if (model === undefined && performance.now() - quietSince >= quietMs) return;
    await new Promise((resolve) => setTimeout(resolve, step));
    if (read() !== last) {
      last = read();
      quietSince = performance.now();
    }
  }
}

/** Does what a script says on every connection of a server. */
export function serverOf(script: ServerScript, quietMs: () => number): Promise<RawServer> {
  let next = 0;
  let round = 0;
  return RawServer.listen(async (wire, index, server) => {
    if (round !== server.round) next = 0;
    round = server.round;
    if ("steps" in script) {
      const steps = script.steps[Math.min(index, script.steps.length - 1)] ?? [];
      for (const step of steps) await take(step, wire, quietMs());
      return;
    }
    for (let at = 0;;) {
      await wire.until(() => wire.end !== "open" || !wire.writable || endOfMessage(wire.received, at) >= 0, 60_000);
      const end = endOfMessage(wire.received, at);
      if (end < 0) {
        wire.shut();
        return;
      }
      at = end;
      const reply: Reply = script.replies[Math.min(next++, script.replies.length - 1)];
      if (typeof reply === "string") wire.send(reply);
      else {
        wire.send(reply.send);
        if (reply.then === "close") wire.shut();
        else wire.reset();
      }
    }
  });
}
