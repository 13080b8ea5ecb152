// Explains one request: the configuration is loaded offline, a thread of the program is built from it on a simulated
// world, with an observer, and a scripted client sends it the request. What is said afterwards is what that thread did.
//
// Nothing of the machine is touched but the files that the configuration names. Time and random numbers are the world's;
// the request is played again with others, to see what depends on them.
import type { Diagnostic, Location, Model, Node, Registry, Section } from "../../config/mod.ts";
import type { ConfigFs } from "../../config/mod.ts";
import { spawn } from "../../base/mod.ts";
import { globalConfigOf, initializeShared, layoutFor, type ProxyConfig, proxyConfigsOf } from "../../proxy/mod.ts";
import type { NameQuestion } from "../../rules/mod.ts";
import { type AclLineNode, LoadedPatterns } from "../../sample/mod.ts";
import { createSimWorld, type SimWorld } from "../../sys/sim/mod.ts";
import type { ListenToken, Port, Proc, Sys } from "../../sys/types.ts";
import { SERVER, serverWord, Shared, SharedVariables } from "../../table/mod.ts";
import { load } from "../load.ts";
import { programRegistry } from "../manifest.ts";
import type { FromThread, ThreadData } from "../messages.ts";
import { makeChange } from "../pattern_changes.ts";
import { resolveNames } from "../resolve.ts";
import { allocateCounters } from "../logs.ts";
import { startThread } from "../thread.ts";
import { tuneSettings } from "../tune.ts";
import type { ExplainArguments } from "./arguments.ts";
import { OfflineDns, OfflineFs } from "./offline.ts";
import { addressText, findPlace, type Place } from "./place.ts";
import { Recorder, waitedMs } from "./recorder.ts";
import type { BackendReport, Depends, Explanation, RuleReport, ServerReport } from "./report.ts";
import { requestBytes, ScriptedClient, ScriptedServers } from "./scripted.ts";
import type { Statements } from "./statements.ts";

/** How long a request may take, in simulated time, ms: a day. */
const LONGEST_MS = 24 * 3600 * 1000;
/** A response that came later than this had to wait for something, ms. */
const AT_ONCE_MS = 50;
/** How often the request comes again, to see which servers follow. */
const AGAIN = 4;
/** The other time of the second look: year, month, day, weekday, hour, minute and second all differ. */
const OTHER_TIME_MS = 400 * 24 * 3600 * 1000 + 7 * 3600 * 1000 + 13 * 60 * 1000 + 11 * 1000;
/** Maxconn of a process that has as many descriptors as it likes. */
const MAXCONN = 100_000;

/** What explain needs of the machine. */
export interface ExplainHost {
  readonly fs: ConfigFs;
  readonly proc: Proc;
  readonly env: Readonly<Record<string, string>>;
}

export interface Explained {
  /** Of the loading. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null when `problem` says why not, or an ALERT is among the diagnostics. */
  readonly explanation: Explanation | null;
  readonly problem: string;
  readonly statements: Statements;
}

/** Evaluates a request. Throws only on a bug. */
export async function explain(asked: ExplainArguments, host: ExplainHost): Promise<Explained> {
  const registry = programRegistry();
  const fs = new OfflineFs(host.fs, asked.sources);
  const { statements } = fs;
  const proc = host.proc;
  const loaded = load({ files: asked.sources, env: host.env }, registry, { fs: readOnly(fs), proc });
  const { diagnostics } = loaded;
  const failed = (problem: string) => ({ diagnostics, explanation: null, problem, statements });
  if (loaded.model === null) return failed("");
  const dns = new OfflineDns();
  const { model } = await resolveNames(loaded.model, dns, { ipv4Only: false, ignoreFailures: false, every: true });
  const configs = proxyConfigsOf(model, registry, globalConfigOf(model, registry));
  const place = findPlace(configs, asked);
  if (typeof place === "string") return failed(place);
  const subject: Subject = { model, registry, configs, place, asked, proc, dns };
  const first = await play(subject, 1, 0, true);
  const otherNumbers = await play(subject, 2, 0, false);
  const otherTime = await play(subject, 1, OTHER_TIME_MS, false);
  const notices = [...fs.notices, ...place.notices];
  const explanation = new Conclusion(subject, first, dns).explanation(notices);
  markDifferences(explanation, first, otherNumbers, "randomness");
  markDifferences(explanation, first, otherTime, "time");
  return { diagnostics, explanation, problem: "", statements };
}

/** load() reads only. */
function readOnly(fs: ConfigFs): Sys["fs"] {
  return {
    readFile: (path) => fs.readFile(path),
    readDir: (path) => fs.readDir(path),
    kind: (path) => fs.kind(path),
    writeFile: () => "Read-only file system",
    remove: () => "Read-only file system",
  };
}

// ---- playing it -------------------------------------------------------------------------------------------------

/** What is explained. */
interface Subject {
  readonly model: Model;
  readonly registry: Registry;
  readonly configs: readonly ProxyConfig[];
  readonly place: Place;
  readonly asked: ExplainArguments;
  readonly proc: Proc;
  readonly dns: OfflineDns;
}

/** One course of the request. */
interface Played {
  readonly recorder: Recorder;
  readonly servers: ScriptedServers;
  readonly client: ScriptedClient;
  readonly request: string;
  readonly termination: string;
}

/** Sends the request through a new thread in a new world; `again`: then a few times more. */
async function play(subject: Subject, seed: number, laterMs: number, again: boolean): Promise<Played> {
  const { asked, place } = subject;
  const world = createSimWorld({ seed, blockSize: tuneSettings(subject.model, subject.registry).bufsize });
  world.core.wallStartMs = (asked.timeMs ?? world.core.wallStartMs) + laterMs;
  const recorder = new Recorder(() => world.core.time, aclPlaces(subject.model));
  const servers = new ScriptedServers(world, asked.answer);
  const client = new ScriptedClient(world);
  const request = requestBytes(asked, place.dst);
  const thread = new WatchedThread(subject, world, servers, recorder);
  thread.start();
  await runClient(world, client, request, place);
  thread.check();
  recorder.finish();
  const termination = recorder.stream?.termination ?? "";
  if (again && recorder.server !== "") {
    for (let i = 0; i < AGAIN; i++) await runClient(world, new ScriptedClient(world), request, place);
    thread.check();
  }
  return { recorder, servers, client, request, termination };
}

async function runClient(world: SimWorld, client: ScriptedClient, request: string, place: Place): Promise<void> {
  const { src, dst } = place;
  client.run(request, src, dst);
  await world.run(world.core.time + LONGEST_MS);
}

/** The `acl` lines of a model by the description of their tests. */
function aclPlaces(model: Model): Map<string, Location> {
  const places = new Map<string, Location>();
  for (const { nodes } of model.sections) {
    for (const { keyword, at, value } of nodes) {
      if (keyword === "acl") places.set((value as AclLineNode).test.description, at);
    }
  }
  return places;
}

/** The thread of the program, alone in its process. */
class WatchedThread {
  readonly #subject: Subject;
  readonly #world: SimWorld;
  readonly #servers: ScriptedServers;
  readonly #recorder: Recorder;
  readonly #bugs: string[] = [];
  readonly #lists: LoadedPatterns;
  #port: Port | null = null;

  constructor(subject: Subject, world: SimWorld, servers: ScriptedServers, recorder: Recorder) {
    this.#subject = subject;
    this.#world = world;
    this.#servers = servers;
    this.#recorder = recorder;
    this.#lists = new LoadedPatterns(subject.model, subject.registry, { k0: 1, k1: 2 });
  }

  start(): void {
    const { registry, place, proc } = this.#subject;
    const { listen, dst } = place;
    const own = this.#world.thread(1);
    this.#world.process.hostname = proc.hostname;
    const sys: Sys = { ...own, net: this.#servers.net(own.net, [listen, dst]) };
    const port: Port = this.#port = {
      post: (message) => this.#received(message as FromThread),
      onmessage: null,
      close: () => {},
    };
    startThread(sys, 1, this.#data(), port, registry, this.#recorder);
    this.check();
  }

  #received(message: FromThread): void {
    if (message.kind === "failed" || message.kind === "bug") this.#bugs.push(message.text);
    if (message.kind === "resolve") this.#resolve(message.number, message.question);
    if (message.kind !== "change") return;
    // The thread stands where it asks: it goes on when it has the answer.
    makeChange(this.#lists.sets, message.change);
    this.#port?.onmessage?.({ kind: "changed", id: message.id });
  }

  /** Nobody is asked: an address that stands for the name. */
  #resolve(number: number, { name, prefer }: NameQuestion): void {
    const answer = ([address]: string[]) => this.#port?.onmessage?.({ kind: "resolved", number, address });
    spawn(
      this.#subject.dns.lookup(name, prefer === "ipv4" ? "ipv4" : "any").then(answer),
      (error) => this.#bugs.push(String(error)),
    );
  }

  /** Throws what the thread has to tell of itself. */
  check(): void {
    if (this.#bugs.length > 0) throw new Error(this.#bugs.join("\n"));
  }

  #data(): ThreadData {
    const { model, configs, registry, place } = this.#subject;
    const layout = layoutFor(configs, 1);
    const segment = Shared.allocate(layout);
    const shared = new Shared(segment, layout, 0);
    const global = globalConfigOf(model, registry);
    if (global.maxconn === 0) global.maxconn = MAXCONN;
    initializeShared(shared, configs, global);
    // Nothing is checked: all servers are up, whatever state they would begin in.
    configs.flatMap((c) => c.servers).forEach(({ rise, fall }, row) => {
      shared.store(serverWord(layout, row) + SERVER.health, rise + fall - 1);
    });
    const opened = this.#world.main.net.open({ address: place.listen, backlog: 16 });
    if (typeof opened === "string") throw new Error(`listening on ${addressText(place.listen)}: ${opened}`);
    const share = opened.share() as ListenToken;
    return {
      model: this.#lists.model,
      patterns: this.#lists.memory(),
      variables: SharedVariables.allocate(),
      layout,
      segment,
      counters: allocateCounters(model),
      maxconn: global.maxconn,
      platform: { io: "auto", origin: 0, blockSize: 0 },
      shares: configs.flatMap((c) => c.binds.map((bind) => c === place.frontend && bind === place.bind ? share : null)),
      changes: [],
    };
  }
}

// ---- concluding -------------------------------------------------------------------------------------------------

/** From what was recorded to what is said. */
class Conclusion {
  readonly #subject: Subject;
  readonly #played: Played;
  readonly #dns: OfflineDns;

  constructor(subject: Subject, played: Played, dns: OfflineDns) {
    this.#subject = subject;
    this.#played = played;
    this.#dns = dns;
  }

  explanation(notices: string[]): Explanation {
    const { asked, place } = this.#subject;
    const { recorder, servers, client, request, termination } = this.#played;
    const backend = this.#backend();
    const { name, kind, at } = place.frontend;
    const exchange = servers.exchanges[0] ?? null;
    if (this.#configOf(recorder.backend)?.servers.some((s) => s.check)) {
      notices.push("health checks do not run here: every server that is not disabled is up");
    }
    return {
      method: asked.method,
      target: asked.target,
      host: /^host: *(.*)\r$/im.exec(request)?.[1] ?? "",
      src: addressText(place.src),
      dst: addressText(place.dst),
      frontend: { name, kind, at },
      notices,
      unevaluated: recorder.reached ? null : this.#unevaluated(),
      rules: recorder.rules,
      notEvaluated: recorder.notEvaluated(),
      backend,
      server: this.#server(),
      toServer: exchange?.request ?? null,
      answer: exchange?.answer ?? null,
      toClient: client.received,
      clientEnd: client.end,
      afterMs: client.firstByteMs > AT_ONCE_MS ? waitedMs(client.firstByteMs) : 0,
      termination,
    };
  }

  #unevaluated(): Explanation["unevaluated"] {
    const { frontend } = this.#subject.place;
    const monitored = frontend.monitorUri !== "" && frontend.monitorUri === this.#subject.asked.target;
    if (!monitored) return { reason: "invalid request", at: null };
    return { reason: "monitor-uri", at: this.#statement(frontend, "monitor-uri")?.at ?? null };
  }

  #backend(): BackendReport | null {
    const config = this.#configOf(this.#played.recorder.backend);
    if (config === undefined) return null;
    const { name, at } = config;
    const { rules } = this.#played.recorder;
    const chosen = rules.find((r) => r.keyword === "use_backend" && r.verdict === "matched" && r.target === name);
    const usual = chosen === undefined && config !== this.#subject.place.frontend
      ? this.#statement(this.#subject.place.frontend, "default_backend")
      : null;
    return { name, at, chosenAt: chosen?.at ?? usual?.at ?? null };
  }

  #server(): ServerReport | null {
    const { recorder } = this.#played;
    const backend = this.#configOf(recorder.backend);
    const server = backend?.servers.find((s) => s.name === recorder.server);
    if (backend === undefined || server === undefined) return null;
    const { name, at, address } = server;
    const insisted = recorder.rules.find((r) =>
      r.keyword === "use-server" && r.verdict === "matched" && r.target === name
    );
    const { algorithm, value } = backend.balance;
    const choice = insisted !== undefined ? "use-server" : backend.servers.length === 1 ? "only" : "balance";
    const looked = algorithm === "hash" ? (value as { readonly text: string }).text : "";
    return {
      name,
      address: address.text,
      at,
      unresolved: this.#dns.names.has(address.host),
      choice,
      algorithm,
      chosenAt: insisted?.at ?? this.#statement(backend, "balance")?.at ?? null,
      expressions: recorder.others.filter((e) => e.expression === looked).slice(0, 1),
      next: choice === "only" ? [] : recorder.next,
      depends: algorithm === "random" && choice === "balance" ? ["randomness"] : [],
    };
  }

  #configOf(name: string): ProxyConfig | undefined {
    return this.#subject.configs.find((c) => c.hasBackend && c.name === name);
  }

  /** The last statement of this keyword in a proxy. */
  #statement(config: ProxyConfig, keyword: string): Node | undefined {
    return this.#section(config)?.nodes.findLast((node) => node.keyword === keyword);
  }

  #section({ kind, name }: ProxyConfig): Section | undefined {
    return this.#subject.model.sections.find((s) => s.kind === kind && s.name === name);
  }
}

/** Marks what came out otherwise when only the time, or only the random numbers, were others. */
function markDifferences(explanation: Explanation, first: Played, other: Played, why: Depends): void {
  const others = new Map<string, string[]>();
  for (const rule of other.recorder.rules) {
    const same = others.get(ruleKey(rule));
    if (same === undefined) others.set(ruleKey(rule), [contentOf(rule)]);
    else same.push(contentOf(rule));
  }
  /** What the rules just marked wrote into messages. */
  const written: string[] = [];
  for (const rule of first.recorder.rules) {
    const there = others.get(ruleKey(rule));
    if (there === undefined || there.shift() === contentOf(rule)) continue;
    rule.depends.push(why);
    written.push(...rule.effects);
  }
  const { server } = explanation;
  if (server !== null && other.recorder.server !== first.recorder.server && !server.depends.includes(why)) {
    server.depends.push(why);
  }
  for (const line of differentLines(first, other)) {
    if (written.some((effect) => effect.endsWith(line))) continue;
    explanation.notices.push(`the line "${line}" depends on ${why === "time" ? "the time" : "random numbers"}`);
  }
}

/** Lines of the messages' heads that the other course has not. */
function differentLines(first: Played, other: Played): string[] {
  const lines = (text: string) => text.split("\r\n\r\n", 1)[0].split("\r\n");
  const missing = (a: string, b: string) => lines(a).filter((line) => !lines(b).includes(line));
  const toServer = [first, other].map((played) => played.servers.exchanges[0]?.request ?? "");
  if (toServer[1] === "") return [];
  return [...missing(toServer[0], toServer[1]), ...missing(first.client.received, other.client.received)];
}

function ruleKey({ proxy, keyword, at }: RuleReport): string {
  return `${proxy} ${keyword} ${at.file}:${at.line}`;
}

function contentOf({ depends: _, ...content }: RuleReport): string {
  return JSON.stringify(content);
}
