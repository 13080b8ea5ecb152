// A world for rules without streams: a configuration is loaded and built as a thread does it, a request (and response)
// in HTTP/1 is given to the rule sets, and what they did is shown as text.
import { bytesToLatin1, latin1ToBytes } from "../../src/base/mod.ts";
import { H1Parser } from "../../src/codec/h1/mod.ts";
import {
  configEntries,
  createRegistry,
  type Diagnostic,
  type Entry,
  type KeywordEntry,
  loadConfig,
  type Location,
  type Model,
  type Section,
} from "../../src/config/mod.ts";
import { Message } from "../../src/http/mod.ts";
import { logEntries } from "../../src/log/mod.ts";
import {
  type ActionContext,
  actionEntries,
  buildHttpErrors,
  buildUserlists,
  type ErrorReplies,
  errorReply,
  type LogOrigin,
  ProxyRules,
  type Reply,
  rulesChecks,
  rulesEntries,
  type RulesEnv,
  type TimeoutKind,
} from "../../src/rules/mod.ts";
import {
  aclKeyword,
  aliasEntries,
  fetchEntries,
  type KeptView,
  NO_VAR_LIMITS,
  type PayloadView,
  ProcessVariables,
  type ProxyView,
  type StreamTimes,
  testAddress,
  testConn,
  testPatterns,
  testProxy,
  type Userlist,
  Variables,
  VarNames,
} from "../../src/sample/mod.ts";
import type { Address, SocketOptions } from "../../src/sys/types.ts";
import { SharedVariables } from "../../src/table/mod.ts";

const PROXIES = ["defaults", "frontend", "backend", "listen"] as const;

/** Statements of other folders, as far as rules look at them. */
function other(name: string, parse: KeywordEntry["parse"]): KeywordEntry {
  return { kind: "keyword", name, manual: "test", doc: "test", sections: PROXIES, inherit: true, parse };
}

const entries: readonly Entry[] = [
  ...configEntries,
  ...logEntries,
  ...rulesEntries,
  ...actionEntries,
  aclKeyword,
  ...fetchEntries,
  ...aliasEntries,
  other("mode", (cursor) => cursor.take("a mode")),
  other("bind", (cursor) => cursor.rest()),
  other("default_backend", (cursor) => cursor.take("a name")),
  { ...other("server", (cursor) => ({ name: cursor.rest()[0] })), inherit: false },
];

export const registry = createRegistry({
  entries,
  refused: [{ kind: "action", name: "track-sc0", reason: "not supported yet" }],
  noop: [
    { kind: "action", name: "set-nice", arguments: 1, reason: "streams of a thread have no priorities" },
    { kind: "action", name: "wait-for-handshake", reason: "no early data is accepted" },
  ],
  checks: rulesChecks,
});

/** Loads a configuration; `files` are found by their absolute paths. */
export function load(
  text: string,
  files: Readonly<Record<string, string>> = {},
): { readonly model: Model | null; readonly diagnostics: readonly Diagnostic[] } {
  return loadConfig({
    files: [{ name: "t.cfg", text }],
    fs: {
      readFile: (path) => files[path] === undefined ? "No such file or directory" : latin1ToBytes(files[path]),
      readDir: () => "none",
      kind: (path) => files[path] === undefined ? "absent" : "file",
    },
    registry,
    env: {},
    cwd: "",
    facts: { version: "3.2.0", features: [], enabled: [] },
    localPeer: "here",
  });
}

export function show(diagnostic: Diagnostic): string {
  const { level, at, text } = diagnostic;
  return `${level} ${at === null ? "" : `${at.line}:${at.column} `}${text.split("\n")[0]}`;
}

// ---- one thread -------------------------------------------------------------------------------------------------

/** The proxies of a model, built. Waits of rule sets settle at once. */
export class Thread {
  readonly proxies = new Map<string, ProxyRules>();
  readonly variables = new ProcessVariables(NO_VAR_LIMITS, SharedVariables.allocate(1 << 16), 1);
  /** How often a rule set let others have their turn. */
  turns = 0;
  readonly #env: Omit<RulesEnv, "rules" | "http">;

  constructor(model: Model, rulesAtOnce = 50) {
    const lists = buildUserlists(model);
    const httpErrors = buildHttpErrors(model);
    const areas = [0, 1, 2, 3].map(() => new Uint8Array(16384));
    let area = 0;
    const files = model.files;
    this.#env = {
      registry,
      clock: { now: () => 1000, wall: () => 1_700_000_000_000 },
      rand: { u32: () => 4, float: () => 0.25 },
      files,
      environment: {},
      hostname: "here",
      pid: 7,
      thread: 1,
      threads: 1,
      scratch: () => areas[area = (area + 1) % areas.length],
      proxy: () => undefined,
      server: () => undefined,
      userlist: (name: string): Userlist | undefined => lists.get(name),
      process: { connections: 1, stopping: false },
      variables: new VarNames(new SharedVariables(SharedVariables.allocate(1 << 16), 1, 0)),
      patterns: testPatterns(files).store(),
      acls: new Map(),
      listChanges: { made: () => false, change: (_change: unknown, done: () => void) => (done(), true) },
      httpErrors: (name: string): ErrorReplies | undefined => httpErrors.get(name),
    } as unknown as Omit<RulesEnv, "rules" | "http">;
    const turns = { rulesAtOnce, turn: () => Promise.resolve(void this.turns++) };
    for (const section of model.sections) {
      if (section.kind === "frontend" || section.kind === "backend" || section.kind === "listen") {
        this.proxies.set(section.name, this.#build(section, new ProxyRules(section.name, turns)));
      }
    }
  }

  #build(section: Section, rules: ProxyRules): ProxyRules {
    const env = { ...this.#env, rules, http: true };
    for (const node of section.nodes) {
      const entry = registry.find("keyword", node.keyword, section.kind) as KeywordEntry;
      if ((rulesEntries as readonly unknown[]).includes(entry)) entry.build?.(node, env);
    }
    return rules;
  }
}

// ---- one transaction --------------------------------------------------------------------------------------------

const NO_PAYLOAD: PayloadView = { block: new Uint8Array(0), from: 0, to: 0, complete: true, ended: true };

/** A stream as rules see it; what they do to it is noted. */
export class FakeStream implements ActionContext {
  ruleIndex = 0;
  lastRule: Location | null = null;
  waitingRule: Location | null = null;
  stopped = 0;
  strictRewriting = true;
  failedRewrites = 0;
  proxyRequest = false;
  reply: Reply | null = null;
  chosenBackend: string | null = null;
  chosenServer: string | null = null;
  logLevel = -1;
  session = { ...testConn(testAddress("192.0.2.7", 4711), testAddress("192.0.2.80", 80), { listenerName: "l" }) };
  readonly frontend: ProxyView;
  backend: ProxyView | null = null;
  readonly server = null;
  readonly serverConn = null;
  readonly request = new Message();
  readonly response = new Message();
  requestReady = false;
  responseReady = false;
  clientPayload: PayloadView = NO_PAYLOAD;
  serverPayload: PayloadView = NO_PAYLOAD;
  readonly vars: Variables;
  readonly times: StreamTimes = {
    accept: 0,
    handshake: 0,
    requestStart: 0,
    request: 0,
    queue: -1,
    connect: -1,
    response: -1,
    end: -1,
  };
  readonly termination = "----";
  readonly kept: KeptView;
  readonly bytesIn = 0;
  readonly bytesOut = 0;
  readonly retries = 0;
  readonly redispatched = false;
  uniqueId = "";
  readonly requestCaptures: (string | null)[];
  readonly responseCaptures: (string | null)[];
  readonly firstRequest = true;
  readonly timeouts = { client: 0, server: 0, tunnel: 0 };
  readonly priorityClass = 0;
  readonly priorityOffsetMs = 0;
  readonly clientStream = { id: 1, aborted: false, resetCode: -1 };
  readonly serverStream = null;
  readonly connectError = 0;
  readonly termEvents = "{,,,,,,}";

  /** What rules did that is in no message. */
  readonly done: string[] = [];
  /** What waitForBody() answers. */
  bodyArrives: number | Promise<number> = 1;
  readonly #rules: ProxyRules;

  /** `room`: bytes of the block that a message lives in. */
  constructor(thread: Thread, rules: ProxyRules, room = 4096) {
    this.#rules = rules;
    this.frontend = testProxy(rules.name, { id: 1 });
    this.vars = new Variables(thread.variables, thread.variables.session());
    this.kept = {
      method: "GET",
      requestLine: "GET /x HTTP/1.1",
      status: 200,
      serverStatus: 200,
      responseVersion: 11,
      requestCookie: null,
      responseCookie: null,
      serverQueue: 0,
      backendQueue: 0,
      requestCounter: 1,
      logCounter: 1,
      incomplete: false,
      logOrigin: "txn_close",
      service: "",
      tlsVersion: "",
      tlsCipher: "",
    };
    this.requestCaptures = rules.captures.request.map(() => null);
    this.responseCaptures = rules.captures.response.map(() => null);
    this.request.attach(new Uint8Array(room), Math.min(1024, room / 2));
    this.response.attach(new Uint8Array(room), Math.min(1024, room / 2));
  }

  /** Gives the stream a request in HTTP/1. */
  receive(text: string): void {
    const bytes = latin1ToBytes(text);
    const parser = new H1Parser();
    // Fragments are what some normalizers are for.
    parser.relaxed = true;
    const length = parser.parseRequest(bytes, 0, bytes.length, this.request);
    if (length <= 0) throw new Error(`the request is not one: ${length} at ${parser.errorAt}`);
    this.requestReady = true;
    this.clientPayload = { block: bytes, from: length, to: bytes.length, complete: true, ended: true };
  }

  /** Gives the stream a server's response in HTTP/1. */
  answer(text: string): void {
    const bytes = latin1ToBytes(text);
    const parser = new H1Parser();
    const length = parser.parseResponse(bytes, 0, bytes.length, this.response, this.request.method);
    if (length <= 0) throw new Error(`the response is not one: ${length} at ${parser.errorAt}`);
    this.responseReady = true;
  }

  errorReply(status: number): Reply {
    return errorReply(status, this, null, this.#rules.errors);
  }
  setTimeout(kind: TimeoutKind, ms: number): void {
    this.done.push(`timeout ${kind} ${ms}`);
  }
  finalStatus(letter: string): void {
    this.done.push(`ends ${letter}`);
  }
  waitFor(start: (done: () => void) => void): Promise<void> {
    return new Promise(start);
  }

  sleep(ms: number): Promise<void> {
    this.done.push(`sleep ${ms}`);
    return Promise.resolve();
  }
  setCapture(response: boolean, slot: number, value: string): void {
    this.#rules.captures.put(slot, value, response, response ? this.responseCaptures : this.requestCaptures);
  }
  setUniqueId(id: string): void {
    this.uniqueId = id;
  }
  waitForBody(response: boolean, atLeast: number, ms: number): number | Promise<number> {
    this.done.push(`wait for ${response ? "response" : "request"} body ${atLeast} ${ms}`);
    return this.bodyArrives;
  }
  interim(status: number, headers: readonly string[]): number | Promise<number> {
    this.done.push(`interim ${status} ${headers.join(": ")}`);
    return Promise.resolve(1);
  }
  setAddress(which: "src" | "dst", address: Address): void {
    this.session[which] = address;
    this.done.push(`${which} ${address.family === "unix" ? "unix" : `${address.host}:${address.port}`}`);
  }
  expectHeader(which: string): void {
    this.done.push(`expect ${which}`);
  }
  setSocket(server: boolean, options: SocketOptions): void {
    this.done.push(`${server ? "server" : "client"} socket ${JSON.stringify(options)}`);
  }
  setRetries(count: number): void {
    this.done.push(`retries ${count}`);
  }
  disableL7Retry(): void {
    this.done.push("no l7 retry");
  }
  setPriority(priorityClass: number | null, offsetMs: number | null): void {
    this.done.push(`priority ${priorityClass} ${offsetMs}`);
  }
  log(origin: LogOrigin): void {
    this.done.push(`log ${origin.name}`);
  }
  closeServer(): void {
    this.done.push("close server");
  }
}

/** The first line and the fields of a head. */
export function headText(message: Message): string {
  const start = message.status === 0
    ? `${message.methodText()} ${message.targetText()}`
    : `${message.status} ${message.reasonText()}`;
  const lines = [start];
  for (let row = message.next(0); row >= 0; row = message.next(row + 1)) {
    lines.push(`${message.nameText(row)}: ${message.valueText(row)}`);
  }
  return lines.join("\n");
}

export function replyText(reply: Reply): string {
  if (reply.raw !== null) return `raw ${reply.raw.length}`;
  const lines = [`${reply.status} ${reply.reason}${reply.close ? " (close)" : ""}${reply.tarpit ? " (tarpit)" : ""}`];
  for (let i = 0; i < reply.headers.length; i += 2) lines.push(`${reply.headers[i]}: ${reply.headers[i + 1]}`);
  if (reply.body !== null && reply.body.length > 0) lines.push("", bytesToLatin1(reply.body).trimEnd());
  return lines.join("\n");
}
