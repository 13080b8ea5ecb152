// Contracts of the expression engine: samples, what a fetch may see (`Txn`), and what fetches, converters and conditions
// compile to. Everything here answers at once and throws nothing: a sample is found, absent, or not yet known.
import type {
  ConnView,
  KeptView,
  PayloadView,
  ProcessView,
  ProxyView,
  ServerView,
  SideView,
  StreamTimes,
  TimeoutsView,
} from "./views.ts";
import type { Message } from "../http/mod.ts";
import type { SampleObserver } from "./observe.ts";
import type { PatternStore } from "./patterns/store.ts";
import type { VarNames, VarStore } from "./variables.ts";
import type { Entry, Location, Names, ParseContext, Registry } from "../config/mod.ts";

// ---- values ---------------------------------------------------------------------------------------------------

export const FOUND = 1;
export const ABSENT = 0;
/** More data may decide it; becomes ABSENT when the data ended or the inspection delay passed. */
export const NOT_YET = -1;
export type Verdict = 1 | 0 | -1;

/** Types of samples (configuration.txt 7.3). */
export const T_BOOL = 0;
export const T_SINT = 1;
export const T_IPV4 = 2;
export const T_IPV6 = 3;
export const T_STR = 4;
export const T_BIN = 5;
export const T_METH = 6;
/** Only as a declared type of arguments and results: any address; decided at run time; same as the input. */
export const T_ADDR = 7;
export const T_ANY = 8;
export const T_SAME = 9;
export const TYPE_NAMES = ["bool", "sint", "ipv4", "ipv6", "str", "bin", "meth", "addr", "any", "same"] as const;
export type SampleType = number;

/**
 * A sample: one mutable register, reused by its expression for every evaluation. Nothing keeps a reference to it or to
 * its bytes beyond the evaluation; who needs it longer copies (`copyText`, `VarStore`).
 */
export class Sample {
  type: SampleType = T_BOOL;
  /** bool (0 or 1), sint (bigint only beyond 2^53), ipv4 (unsigned 32 bit), method id (informative). */
  num: number | bigint = 0;
  /** str, bin, the 16 bytes of ipv6, and the name of a method, whatever its id: `bytes[from, to)`. Never written to. */
  bytes: Uint8Array<ArrayBuffer> = EMPTY;
  from = 0;
  to = 0;
}
const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

// ---- what a rule may see --------------------------------------------------------------------------------------

/** The transaction as fetches, conditions, logs and actions see it. Streams, checks and explain implement it. */
export interface Txn {
  readonly session: ConnView;
  readonly frontend: ProxyView;
  readonly backend: ProxyView | null;
  readonly server: ServerView | null;
  /** The server side connection, once there is one. */
  readonly serverConn: ConnView | null;
  /** Heads; valid once the flag beside says so. */
  readonly request: Message;
  readonly response: Message;
  readonly requestReady: boolean;
  readonly responseReady: boolean;
  /** Unparsed bytes of layer 6 (tcp rules) or of the body, of the client's and of the server's side. */
  readonly clientPayload: PayloadView;
  readonly serverPayload: PayloadView;
  readonly vars: VarStore;
  readonly times: StreamTimes;
  /** Four letters of the termination state so far (configuration.txt 8.5): %tsc; %ts is the first two. */
  readonly termination: string;
  /** What outlives the messages, for logs and for rules of the other direction. */
  readonly kept: KeptView;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly retries: number;
  readonly redispatched: boolean;
  readonly uniqueId: string;
  /** Captured headers in slot order, as `capture request header` etc. recorded them. */
  readonly requestCaptures: readonly (string | null)[];
  readonly responseCaptures: readonly (string | null)[];
  /** Puts a text into a slot, cut to its length; a slot that there is none is passed over. */
  setCapture(response: boolean, slot: number, value: string): void;
  /** The request is the first one of its connection. */
  readonly firstRequest: boolean;
  /** In force for this stream. */
  readonly timeouts: TimeoutsView;
  /** As `set-priority-class` and `set-priority-offset` (ms) left them. */
  readonly priorityClass: number;
  readonly priorityOffsetMs: number;
  /** The rule that ended a rule set last; the one that waits, or waited when the stream ended. */
  readonly lastRule: Location | null;
  readonly waitingRule: Location | null;
  readonly clientStream: SideView;
  /** Null before there is a server side. */
  readonly serverStream: SideView | null;
  /** Number of the error that the last try to connect to a server ended with (CONN_ERRORS), 0 without. */
  readonly connectError: number;
  /** What ended the layers of the stream (TermEvents). */
  readonly termEvents: string;
}

// ---- compiled forms -------------------------------------------------------------------------------------------

/** Fills `into`; the bytes it points to are valid until the next evaluation in this thread. */
export type SampleFn = (txn: Txn, into: Sample) => Verdict;
/** Changes the sample in place; false makes it absent. */
/**
 * Of a fetch that finds several values: calls `test` for each until it answers FOUND. Returns that, NOT_YET when more
 * data may bring a value that passes, else ABSENT.
 */
export type EachFn = (txn: Txn, into: Sample, test: (sample: Sample, txn: Txn) => boolean) => Verdict;
export type ConverterFn = (sample: Sample, txn: Txn) => boolean;
export type ConditionFn = (txn: Txn) => Verdict;

/**
 * Where a fetch finds its data. A place offers what it has (`OFFERS` in offers.ts), and an expression that needs more is
 * refused when it is parsed.
 */
export const NEEDS = {
  internal: 1,
  clientL4: 2,
  clientL5: 4,
  clientL6: 8,
  request: 16,
  requestBody: 32,
  serverL4: 64,
  serverL5: 128,
  serverL6: 256,
  response: 512,
  responseBody: 1024,
  /** What is kept of the request (response) head for the rest of the transaction: method (status), `kept`. */
  requestKept: 2048,
  responseKept: 4096,
  /** The server was chosen. */
  server: 8192,
  /** The backend is known: everywhere in backends, and behind the switching rules of frontends. */
  backend: 16384,
  /** A head of the direction being processed (the old fetches "hdr" and "cookie", of either). */
  headers: 32768,
  /** Bytes at hand of the direction being processed (the old fetches "payload", and "distcc_body"). */
  buffers: 65536,
} as const;

/** What an argument of a fetch or converter may be. "number": an integer or the name of a variable. */
const ARG_TYPES = [
  "str",
  "sint",
  "number",
  "time",
  "size",
  "ipv4",
  "ipv6",
  "mask4",
  "mask6",
  "regex",
  "var",
  "map",
  "file",
  "frontend",
  "backend",
  "proxy",
  "server",
  "table",
  "userlist",
  "acl",
] as const;
export type ArgType = (typeof ARG_TYPES)[number];

export interface ArgSpec {
  readonly type: ArgType;
  /** Name in the manual's syntax line. */
  readonly name: string;
  readonly optional?: boolean;
  /** The last one: may be given up to so many times. */
  readonly repeat?: number;
}

/**
 * An argument as the model stores it; null when it was left out (an optional one).
 * sint, number: number (bigint beyond 2^53); time: ms; size: bytes; ipv4, mask4: unsigned 32 bits; mask6: prefix length;
 * ipv6: text; var, and number naming one: the variable's name; map: key in `files`; file: the key in `files` when the text
 * is the path of a file and no variable's name, else the text; frontend, backend, proxy, table, left
 * out: the section's own name; server: "proxy/server"; acl: a name, perhaps with "!" before it; everything else: the text.
 */
export type ArgNode = string | number | bigint | null;

/** A name that an expression refers to; resolved when the whole configuration is parsed (checkExpressions). */
export interface ReferenceNode {
  readonly type: "frontend" | "backend" | "proxy" | "server" | "table" | "userlist";
  readonly name: string;
  /** "arg 1 of sample fetch keyword 'nbsrv'", for messages. */
  readonly where: string;
}

export interface ConverterNode {
  readonly name: string;
  readonly args: readonly ArgNode[];
}

/** A sample expression: plain data. */
export interface ExprNode {
  readonly fetch: string;
  readonly args: readonly ArgNode[];
  readonly converters: readonly ConverterNode[];
  /** The type of the result, as far as it is known when the configuration is parsed. */
  readonly type: SampleType;
  /** Union of NEEDS. */
  readonly needs: number;
  readonly references: readonly ReferenceNode[];
  /** ACLs named by arguments (fetch "acl"). */
  readonly acls: Readonly<Record<string, AclNode>>;
  readonly text: string;
}

export interface FetchEntry extends Entry {
  readonly kind: "fetch";
  readonly args: readonly ArgSpec[];
  readonly out: SampleType;
  readonly needs: number;
  /** Matching methods of its ACL derivatives: "beg" makes path_beg of path. */
  readonly derivatives?: readonly MatchMethod[];
  /** The fetch that its name, alone or in derivatives, stands for in ACLs. */
  readonly aclFetch?: string;
  /** Matching method in ACLs when the output type implies another or none. */
  readonly match?: MatchMethod;
  /** Errors in the arguments' values: a reason, found when the configuration is parsed. */
  validate?(args: readonly ArgNode[]): string | null;
  /** Errors in the patterns of an ACL: a reason, found when everything is parsed. */
  checkAcl?(args: readonly ArgNode[], patterns: readonly string[], names: Names): string | null;
  build(args: readonly ArgNode[], env: SampleEnv): SampleFn;
  /** Present when ACLs try several values of it, such as all the values of a header. */
  buildEach?(args: readonly ArgNode[], env: SampleEnv): EachFn;
}

export interface ConverterEntry extends Entry {
  readonly kind: "converter";
  readonly args: readonly ArgSpec[];
  readonly input: SampleType;
  readonly out: SampleType;
  /** As a fetch's; `context` tells what is in the files that arguments name. */
  validate?(args: readonly ArgNode[], context: ParseContext): string | null;
  /** Of maps, whose first argument names a list: how the input is looked up in it. */
  readonly lookup?: MatchMethod;
  build(args: readonly ArgNode[], env: SampleEnv): ConverterFn;
}

/** Matching methods of ACLs (configuration.txt 7.1). "dotted": versions as two integers, of req.ssl_ver. */
export const MATCH_METHODS = [
  "found",
  "bool",
  "int",
  "ip",
  "bin",
  "len",
  "str",
  "sub",
  "reg",
  "beg",
  "end",
  "dir",
  "dom",
  "dotted",
] as const;
export type MatchMethod = (typeof MATCH_METHODS)[number];

/** What a thread gives to build(): nothing here does I/O. */
export interface SampleEnv {
  readonly registry: Registry;
  readonly clock: { now(): number; wall(): number };
  readonly rand: { u32(): number; float(): number };
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** Environment variables, one code unit a byte. */
  readonly environment: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly pid: number;
  /** The thread's number, from 1. */
  readonly thread: number;
  readonly threads: number;
  /** A scratch area of `tune.bufsize` bytes, of a few that take turns; what it held before is gone. */
  scratch(): Uint8Array<ArrayBuffer>;
  proxy(name: string): ProxyView | undefined;
  server(proxy: string, name: string): ServerView | undefined;
  userlist(name: string): Userlist | undefined;
  /** The entry `name` is built and needs access to sockets (Net.optionsUsable): a thread without does not start. */
  demand(name: string): void;
  /** Whether this machine has the address. */
  isLocal(host: string): boolean;
  /** Writes a line, without its line feed, to standard output (1) or error (2); it may be lost. */
  debug(descriptor: 1 | 2, line: string): void;
  readonly process: ProcessView;
  /** Names and slots of variables, shared by everything the thread builds of one configuration. */
  readonly variables: VarNames;
  /** Pattern lists and maps of this thread, shared by name. */
  readonly patterns: PatternStore;
  /** Tests of ACLs built so far, by their node: an ACL used by several rules is built once. */
  readonly acls: WeakMap<object, ConditionFn>;
  /** ACLs by name that the expression being built may refer to; set while it is built. */
  readonly namedAcls?: Readonly<Record<string, AclNode>>;
  /** Who watches the closures that are built (explain); without one they are built as if there were none at all. */
  readonly observer?: SampleObserver;
}

/** What one `acl` line (or a pair of braces) tests: plain data. */
export interface AclTest {
  readonly expression: ExprNode;
  readonly method: MatchMethod;
  /** Patterns in files and virtual lists. */
  readonly lists: readonly { readonly name: string; readonly ignoreCase: boolean; readonly map: boolean }[];
  /** Patterns written in the line. */
  readonly patterns: readonly string[];
  /** Without -n: addresses may be names of hosts. */
  readonly resolve: boolean;
  readonly ignoreCase: boolean;
  /** Number of the list of the written patterns in the runtime API (-u); -1: any free one. */
  readonly id: number;
  /** For the runtime API. */
  readonly description: string;
}

/** All the tests of one name: the ACL matches when any does. `name` is "" for an anonymous one. */
export interface AclNode {
  readonly name: string;
  readonly tests: readonly AclTest[];
}

export interface Userlist {
  /** Null when the credentials are wrong, else the groups of the user. */
  check(user: string, password: string): readonly string[] | null;
}
