// A transaction for tests of what expressions do, without streams: made from raw requests and responses, every field
// writable. Used by tests only.
import { latin1ToBytes } from "../base/mod.ts";
import { H1Parser } from "../codec/mod.ts";
import { createRegistry, type Entry, Environment, type ParseContext, type Registry } from "../config/mod.ts";
import { Message } from "../http/mod.ts";
import type { Address } from "../sys/types.ts";
import { SharedVariables } from "../table/mod.ts";
import { sampleText } from "./casts.ts";
import { sampleEntries } from "./entries.ts";
import { buildExpression, parseExpression } from "./expression.ts";
import { PatternSets } from "./patterns/sets.ts";
import { PatternMaker } from "./patterns/store.ts";
import { BinaryAddress } from "./binary_address.ts";
import { FOUND, Sample, type SampleEnv, type Txn, TYPE_NAMES, type Verdict } from "./types.ts";
import { NO_VAR_LIMITS, ProcessVariables, Variables, VarNames } from "./variables.ts";
import type {
  ConnView,
  KeptView,
  PayloadView,
  ProxyStats,
  ProxyView,
  ServerView,
  SideView,
  StreamTimes,
  TimeoutsView,
} from "./views.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A registry of the sample entries and of those given. */
export function testRegistry(more: readonly Entry[] = []): Registry {
  return createRegistry({ entries: [...sampleEntries, ...more] });
}

/** A place to parse in; files are found by their names. Diagnostics gather in `diagnostics`. */
export function testContext(options: {
  readonly registry?: Registry;
  readonly kind?: ParseContext["section"]["kind"];
  readonly name?: string;
  readonly files?: Readonly<Record<string, string>>;
} = {}): ParseContext & { section: { nodes: { keyword: string; value: unknown }[] } } {
  const files = options.files ?? {};
  return {
    registry: options.registry ?? testRegistry(),
    diagnostics: [],
    state: { environment: new Environment({}, []), gates: new Set(), pathPolicy: "current", pathOrigin: "" },
    section: { kind: options.kind ?? "frontend", name: options.name ?? "f", nodes: [] },
    file(path, optional) {
      if (files[path] !== undefined) return { key: path, bytes: latin1ToBytes(files[path]) };
      return optional ? { key: path, bytes: null } : "No such file or directory";
    },
    kindOf: (path) => files[path] === undefined ? "absent" : "file",
    list: () => "No such file or directory",
  };
}

/** Bytes of variables of the process that a test may have. */
const TEST_HEAP = 1 << 16;

function testTransactionVariables(): Variables {
  const process = new ProcessVariables(NO_VAR_LIMITS, SharedVariables.allocate(TEST_HEAP), 1);
  return new Variables(process, process.session());
}

/** Numbers of variables of the process; transactions for tests have memory of their own, by the same numbers. */
function testVariables(): SharedVariables {
  return new SharedVariables(SharedVariables.allocate(TEST_HEAP), 1, 0);
}

/** Lists made when an expression asks for them, in memory of their own. */
export function testPatterns(files: Readonly<Record<string, Uint8Array>> = {}): PatternMaker {
  return new PatternMaker(new PatternSets({ k0: 0x2545f491, k1: -0x7bd2c0e5 }, 64 << 20), files);
}

/** What a thread gives to build(): a clock that stands, chance without surprise. */
export function testEnv(more: Partial<SampleEnv> = {}): SampleEnv {
  const areas = [0, 1, 2, 3].map(() => new Uint8Array(16384));
  let area = 0;
  const files = more.files ?? {};
  return {
    registry: testRegistry(),
    clock: { now: () => 5000, wall: () => 1_700_000_005_000 },
    rand: { u32: () => 0x12345678, float: () => 0.25 },
    files,
    hostname: "here",
    pid: 4242,
    thread: 1,
    threads: 2,
    scratch: () => areas[area = (area + 1) % areas.length],
    proxy: () => undefined,
    server: () => undefined,
    userlist: () => undefined,
    environment: { HOME: "/srv", EMPTY: "" },
    isLocal: (host) => host === "127.0.0.1" || host === "10.0.0.2",
    debug: () => {},
    process: { connections: 3, stopping: false, quic: false },
    variables: new VarNames(testVariables()),
    patterns: testPatterns(files).store(),
    acls: new WeakMap(),
    demand: () => {},
    ...more,
  };
}

const TEST_STATS: ProxyStats = {
  frontendSessions: 1,
  frontendSessionRate: 0,
  backendSessions: 1,
  backendSessionRate: 0,
  httpRequestRate: 0,
  maxconn: 0,
};

export function testProxy(name: string, more: Partial<ProxyView> = {}): ProxyView {
  return {
    name,
    id: 2,
    mode: "http",
    stats: TEST_STATS,
    servers: [],
    usableServers: 0,
    queued: 0,
    defaultBackend: "",
    timeouts: { client: 0, server: 0, tunnel: 0 },
    ...more,
  };
}

export function testServer(name: string, more: Partial<ServerView> = {}): ServerView {
  return {
    name,
    id: 1,
    proxy: testProxy("b"),
    usable: true,
    backup: false,
    inService: true,
    weight: 1,
    currentWeight: 1,
    initialWeight: 1,
    currentSessions: 0,
    queued: 0,
    sessionRate: 0,
    maxconn: 0,
    maxqueue: 0,
    slots: 0,
    address: null,
    ...more,
  };
}

/** Bytes at hand; complete unless set otherwise. */
export class TestPayload implements PayloadView {
  block: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  from = 0;
  to = 0;
  complete = true;
  ended = true;

  /** Bytes (one code unit each) that have arrived. */
  set(text: string, complete = true): void {
    this.block = latin1ToBytes(text);
    this.from = 0;
    this.to = text.length;
    this.complete = complete;
    this.ended = complete;
  }
}

export function testAddress(host: string, port: number): Address {
  return { family: host.includes(":") ? "ipv6" : "ipv4", host, port };
}

export function testConn(src: Address, dst: Address, more: Partial<ConnView> = {}): ConnView {
  return {
    src,
    dst,
    originalSrc: src,
    originalDst: dst,
    srcBinary: new BinaryAddress(),
    dstBinary: new BinaryAddress(),
    acceptedAtMs: 1_700_000_000_000,
    httpVersion: 11,
    ssl: false,
    listenerName: "",
    listenerId: 1,
    listenerConnections: 1,
    reused: false,
    streams: 1,
    streamsLimit: 1,
    glitches: 0,
    error: 0,
    proxyHeader: null,
    tcpInfo: () => null,
    ...more,
  };
}

export class TestTxn implements Writable<Txn> {
  session: Writable<ConnView> = testConn(testAddress("10.0.0.1", 33317), testAddress("10.0.0.2", 80));
  frontend: ProxyView;
  backend: ProxyView | null = null;
  server: ServerView | null = null;
  serverConn: ConnView | null = null;
  readonly request = new Message();
  readonly response = new Message();
  requestReady = false;
  responseReady = false;
  readonly clientPayload = new TestPayload();
  readonly serverPayload = new TestPayload();
  #vars: Variables | null = null;
  /** Nothing of the stream but the accept happened, one second after the start of the process. */
  times: Writable<StreamTimes> = {
    accept: 1000,
    handshake: 1000,
    requestStart: -1,
    request: -1,
    queue: -1,
    connect: -1,
    response: -1,
    end: -1,
  };
  termination = "----";
  kept: Writable<KeptView> = {
    service: "",
    method: "",
    requestLine: "",
    status: -1,
    serverStatus: -1,
    responseVersion: 0,
    requestCookie: null,
    responseCookie: null,
    serverQueue: 0,
    backendQueue: 0,
    requestCounter: 1,
    logCounter: 0,
    incomplete: false,
    logOrigin: "txn_close",
    tlsVersion: "",
    tlsCipher: "",
  };
  bytesIn = 0;
  bytesOut = 0;
  retries = 0;
  redispatched = false;
  uniqueId = "";
  requestCaptures: (string | null)[] = [];
  responseCaptures: (string | null)[] = [];
  firstRequest = true;
  timeouts: TimeoutsView = { client: 0, server: 0, tunnel: 0 };
  priorityClass = 0;
  priorityOffsetMs = 0;
  lastRule: Txn["lastRule"] = null;
  waitingRule: Txn["waitingRule"] = null;
  clientStream: SideView = { id: 1, aborted: false, resetCode: -1 };
  serverStream: SideView | null = null;
  connectError = 0;
  termEvents = "{,,,,,,}";

  /** Made when they are first asked for: many transactions of tests have none. */
  get vars(): Variables {
    return this.#vars ??= testTransactionVariables();
  }

  /** `request`: a raw request in HTTP/1; what is behind its head is the body. "": none has arrived, the mode is TCP. */
  constructor(request = "", response = "") {
    this.frontend = testProxy("fe", { id: 2, mode: request === "" ? "tcp" : "http" });
    this.request.attach(new Uint8Array(16384));
    this.response.attach(new Uint8Array(16384));
    if (request !== "") this.setRequest(request);
    if (response !== "") this.setResponse(response);
  }

  setCapture(response: boolean, slot: number, value: string): void {
    (response ? this.responseCaptures : this.requestCaptures)[slot] = value;
  }

  /** The request has arrived. Throws when it is none. */
  setRequest(raw: string): void {
    const bytes = latin1ToBytes(raw);
    this.request.reset();
    const length = new H1Parser().parseRequest(bytes, 0, bytes.length, this.request);
    if (length <= 0) throw new Error(`no request (${length}): ${raw}`);
    this.requestReady = true;
    this.kept.method = this.request.methodText();
    this.kept.requestLine = raw.slice(0, raw.indexOf("\r\n"));
    this.clientPayload.set(raw.slice(length));
  }

  /** As setRequest(), for the response. */
  setResponse(raw: string): void {
    const bytes = latin1ToBytes(raw);
    this.response.reset();
    const length = new H1Parser().parseResponse(bytes, 0, bytes.length, this.response, this.request.method);
    if (length <= 0) throw new Error(`no response (${length}): ${raw}`);
    this.responseReady = true;
    this.kept.status = this.response.status;
    this.kept.serverStatus = this.response.status;
    this.kept.responseVersion = this.response.version;
    this.serverPayload.set(raw.slice(length));
  }
}

/** A GET request with these header lines. */
export function testRequest(target = "/", ...headers: string[]): string {
  return `GET ${target} HTTP/1.1\r\n${["Host: example.com", ...headers].join("\r\n")}\r\n\r\n`;
}

/** What evaluating a text as an expression gives: "type:text", the verdict's name, or the error of parsing it. */
export function evaluate(text: string, txn: Txn = new TestTxn(), env: SampleEnv = testEnv()): string {
  const node = parseExpression(text, testContext({ registry: env.registry, kind: "listen" }));
  if (typeof node === "string") return `error: ${node}`;
  const sample = new Sample();
  const verdict = buildExpression(node, env)(txn, sample);
  return verdict === FOUND ? `${TYPE_NAMES[sample.type]}:${sampleText(sample, true)}` : verdictName(verdict);
}

export function verdictName(verdict: Verdict): string {
  return verdict === FOUND ? "found" : verdict === 0 ? "absent" : "not yet";
}
