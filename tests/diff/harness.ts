// Comparisons with the packaged haproxy: a table of cases becomes one configuration, each of the two programs runs it
// once on ports of its own, every case is played against both, and what was seen has to be the same, byte for byte
// after normalize.ts, or be listed in known.ts with the reason.
//
// DIFF_ONLY=text runs only cases whose name contains it; DIFF_WAITING=1 also those that wait for a feature.
import { assert } from "@std/assert";
import type { Case, Table } from "./cases.ts";
import { checkWithHaproxy, type Engine, haproxyIsHere, refusedLines, startHaproxy, startSluice } from "./engines.ts";
import { knownDifference } from "./known.ts";
import { Labels } from "./normalize.ts";
import { play, type Seen, serverOf, type Stage } from "./play.ts";
import { freePort, type RawServer, UdpSink } from "./wire.ts";

/** How long nothing must come to believe that nothing will, in milliseconds; and in the second look at a difference. */
const QUIET_MS = 60;
const PATIENT_QUIET_MS = 400;
/** Cases played at a time. */
const PARALLEL = 32;

const USUAL_DEFAULTS = `
  mode http
  timeout connect 3s
  timeout client 4s
  timeout server 4s
`;
const SECTIONS = /^(frontend|backend|listen|defaults|userlist|http-errors|peers|resolvers|ring|cache)\b/;

const only = Deno.env.get("DIFF_ONLY");
const withWaiting = Deno.env.get("DIFF_WAITING") === "1";

/** Declares a test whose name begins with rows of the feature list: all cases of a table, on both programs. */
export function compare(title: string, table: Table): void {
  const names = new Set(table.cases.map((c) => c.name));
  assert(names.size === table.cases.length, `${title}: names of cases are not unique`);
  const cases = table.cases.filter((c) =>
    (c.waits === undefined || withWaiting) && (only === undefined || c.name.includes(only))
  );
  if (cases.length === 0) return;
  if (!haproxyIsHere) console.warn(`tests/diff: haproxy is not installed, "${title}" is skipped`);
  Deno.test({ name: title, ignore: !haproxyIsHere, fn: () => runTable(title, table, cases) });
}

async function runTable(title: string, table: Table, cases: readonly Case[]): Promise<void> {
  const taken = new Set<number>();
  const failures: string[] = [];
  let model: Side | null = null;
  let sluice: Side | null = null;
  try {
    model = await Side.start("haproxy", table, cases, taken);
    const refused = model.refusedBySluice(table);
    for (const [name, reasons] of refused) failures.push(`=== ${name}: Sluice refuses it\n${reasons.join("\n")}`);
    const accepted = cases.filter((c) => !refused.has(c.name));
    sluice = await Side.start("sluice", table, accepted, taken);
    const queue = [...accepted];
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const difference = await compareCase(next, model!, sluice!);
        if (difference !== "") failures.push(difference);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    const said = sluice.messages();
    if (said !== "") failures.push(`=== Sluice says\n${said}`);
  } finally {
    await sluice?.stop();
    await model?.stop();
  }
  const text = failures.join("\n\n");
  assert(failures.length === 0, `${title}: ${failures.length} of ${cases.length} cases differ\n${text}\n`);
}

/** What is wrong with a case; "" when nothing is. */
async function compareCase(test: Case, model: Side, sluice: Side): Promise<string> {
  const known = knownDifference(test.name);
  let a = await model.play(test, QUIET_MS, null);
  let b = await sluice.play(test, QUIET_MS, a);
  if (a.text !== b.text && known === undefined) {
    // A busy machine can make a proxy look silent: the second look is patient.
    a = await model.play(test, PATIENT_QUIET_MS, null);
    b = await sluice.play(test, PATIENT_QUIET_MS, a);
  }
  const both = `haproxy:\n${a.text}\nSluice:\n${b.text}`;
  if (known === undefined) return a.text === b.text ? "" : `=== ${test.name}\n${both}`;
  if (a.text === b.text && known.sometimes === true) return "";
  if (a.text === b.text) return `=== ${test.name}: known.ts lists a difference that is none any more\n${a.text}`;
  if (known.sluice.every((part) => b.text.includes(part))) return "";
  return `=== ${test.name}: differs otherwise than known.ts says (${known.why})\n${both}`;
}

/** One program on the configuration of a table. Every play of a case has servers and log receivers of its own. */
class Side {
  readonly #stages: Map<string, Layout>;
  readonly #engine: Engine;
  readonly #folder: string;

  private constructor(stages: Map<string, Layout>, engine: Engine, folder: string) {
    this.#stages = stages;
    this.#engine = engine;
    this.#folder = folder;
  }

  static async start(
    name: "haproxy" | "sluice",
    table: Table,
    cases: readonly Case[],
    taken: Set<number>,
  ): Promise<Side> {
    const folder = Deno.makeTempDirSync({ prefix: "diff-" });
    const probe = freePort(taken);
    const layouts = new Map<string, Layout>();
    for (const test of cases) layouts.set(test.name, await layOut(test, table.cases.indexOf(test), taken, folder));
    const text = configText(table, probe, [...layouts.values()].map((l) => l.config));
    try {
      if (name === "haproxy") {
        const checked = await checkWithHaproxy(text);
        assert(checked.valid, `haproxy does not take the table:\n${checked.text}\n${numbered(text)}`);
      }
      const engine = name === "haproxy" ? await startHaproxy(text, probe) : await startSluice(text);
      return new Side(layouts, engine, folder);
    } catch (error) {
      for (const layout of layouts.values()) await layout.close();
      Deno.removeSync(folder, { recursive: true });
      throw error;
    }
  }

  /** Cases whose configuration, as it is for this side, Sluice refuses, with its messages. */
  refusedBySluice(table: Table): Map<string, string[]> {
    const refused = new Map<string, string[]>();
    const configs = [...this.#stages].map(([name, layout]) => ({ name, text: layout.config }));
    if (refusedLines(configText(table, 9, configs.map((c) => c.text))).length === 0) return refused;
    const common = refusedLines(configText(table, 9, []));
    assert(common.length === 0, `Sluice refuses the table's defaults: ${JSON.stringify(common)}`);
    for (const { name, text } of configs) {
      const lines = refusedLines(configText(table, 9, [text]));
      if (lines.length > 0) refused.set(name, lines.map((l) => l.text));
    }
    return refused;
  }

  async play(test: Case, quietMs: number, model: Seen | null): Promise<Seen> {
    const layout = this.#stages.get(test.name)!;
    layout.reset(quietMs);
    return await play(layout, quietMs, model?.counts ?? null);
  }

  /** What the program said that is no rule of traffic: internal errors. */
  messages(): string {
    return this.#engine.said().split("\n").filter((line) => line.startsWith("[ALERT]")).join("\n");
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
    for (const layout of this.#stages.values()) await layout.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** Ports and peers of one case for one program. */
class Layout implements Stage {
  readonly binds = new Map<string, number>();
  readonly servers = new Map<string, RawServer>();
  readonly logs = new Map<string, UdpSink>();
  readonly labels = new Labels();
  config = "";
  quietMs = QUIET_MS;
  constructor(readonly test: Case) {}

  /** Forgets what an earlier play left. */
  reset(quietMs: number): void {
    this.quietMs = quietMs;
    for (const server of this.servers.values()) server.forget();
    for (const sink of this.logs.values()) sink.lines.length = 0;
  }

  async close(): Promise<void> {
    for (const server of this.servers.values()) await server.close();
    for (const sink of this.logs.values()) await sink.close();
  }
}

async function layOut(test: Case, index: number, taken: Set<number>, folder: string): Promise<Layout> {
  const layout = new Layout(test);
  const scripts = Object.entries(test.servers ?? (test.server === undefined ? {} : { "": test.server }));
  for (const [name, script] of scripts) {
    const server = await serverOf(script, () => layout.quietMs);
    layout.servers.set(name, server);
    layout.labels.set(server.port, `<server ${name}>`);
  }
  for (const [, name] of test.config.matchAll(/\{log:?(\w*)\}/g)) {
    if (!layout.logs.has(name)) layout.logs.set(name, await UdpSink.open());
  }
  const address = (port: number) => `127.0.0.1:${port}`;
  layout.config = fill(test, index, (kind, name) => {
    if (kind === "file") {
      const content = test.files?.[name];
      assert(content !== undefined, `case ${test.name}: no file ${name}`);
      const path = `${folder}/${index}-${name}`;
      Deno.writeFileSync(path, Uint8Array.from(content, (c) => c.charCodeAt(0)));
      return path;
    }
    if (kind === "server") {
      const server = layout.servers.get(name);
      assert(server !== undefined, `case ${test.name}: no server ${name}`);
      return address(server.port);
    }
    if (kind === "log") return address(layout.logs.get(name)!.port);
    const known = layout.binds.get(name);
    if (kind === "bind" && known !== undefined) return address(known);
    const port = freePort(taken);
    if (kind === "bind") layout.binds.set(name, port);
    layout.labels.set(port, `<${kind} ${name}>`);
    return address(port);
  });
  return layout;
}

/** The sections of a case with its words replaced. */
function fill(test: Case, index: number, replace: (kind: string, name: string) => string): string {
  let text = test.config.trim();
  if (!SECTIONS.test(text)) {
    const server = test.server !== undefined && !/^\s*server\s/m.test(text) ? "\n  server s1 {server}" : "";
    text = `listen c{n}\n  bind {bind}\n  ${text}${server}`;
  }
  return text.replace(/\{(n|bind|server|dead|log|file)(?::(\w+))?\}/g, (_, kind: string, name = "") => {
    return kind === "n" ? String(index) : replace(kind, name);
  });
}

function configText(table: Table, probe: number, sections: readonly string[]): string {
  const global = `global\n  ${(table.global ?? "").trim()}\n`;
  const defaults = `defaults\n${USUAL_DEFAULTS}  ${(table.defaults ?? "").trim()}\n`;
  const ready = `listen ready\n  mode tcp\n  bind 127.0.0.1:${probe}\n`;
  return [global, defaults, ready, ...sections].join("\n") + "\n";
}

function numbered(text: string): string {
  return text.split("\n").map((line, i) => `${i + 1}: ${line}`).join("\n");
}
