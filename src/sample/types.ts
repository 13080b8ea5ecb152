// Contracts of the expression engine: samples, what a fetch may see (`Txn`), and what fetches, converters and conditions
// compile to. Everything here answers at once and throws nothing: a sample is found, absent, or not yet known.
import type { ConnView, PayloadView, ProxyView, ServerView, StreamTimes } from "./views.ts";
import type { Message } from "../http/mod.ts";
import type { VarStore } from "./variables.ts";
import type { Entry } from "../config/mod.ts";

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
  /** bool (0 or 1), sint (bigint only beyond 2^53), ipv4 (unsigned 32 bit), method id. */
  num: number | bigint = 0;
  /** str, bin, the 16 bytes of ipv6, and the name of a method whose id is 0: `bytes[from, to)`. */
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
  /** Two letters of the termination state so far (configuration.txt 8.5), and the four of %tsc. */
  readonly termination: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly retries: number;
  readonly redispatched: boolean;
  readonly uniqueId: string;
  /** Captured headers in slot order, as `capture request header` etc. recorded them. */
  readonly requestCaptures: readonly (string | null)[];
  readonly responseCaptures: readonly (string | null)[];
}

// ---- compiled forms -------------------------------------------------------------------------------------------

/** Fills `into`; the bytes it points to are valid until the next evaluation in this thread. */
export type SampleFn = (txn: Txn, into: Sample) => Verdict;
/** Changes the sample in place; false makes it absent. */
export type ConverterFn = (sample: Sample, txn: Txn) => boolean;
export type ConditionFn = (txn: Txn) => Verdict;

/** Where a fetch finds its data: a rule set gives what it has, and an expression that needs more is refused at parse. */
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
} as const;

/** What an argument of a fetch or converter may be. */
export interface ArgSpec {
  readonly type: "str" | "sint" | "time" | "size" | "ipv4" | "ipv6" | "mask4" | "mask6" | "regex" | "var" | "map" | "proxy" | "server" | "table" | "userlist" | "bool";
  readonly name: string;
  readonly optional?: boolean;
}
export type ArgNode = string | number | bigint | null;

export interface ExprNode {
  readonly fetch: string;
  readonly args: readonly ArgNode[];
  readonly converters: readonly { readonly name: string; readonly args: readonly ArgNode[] }[];
  /** The type of the result, as far as it is known when the configuration is parsed. */
  readonly type: SampleType;
  /** Union of NEEDS. */
  readonly needs: number;
  readonly text: string;
}

export interface FetchEntry extends Entry {
  readonly kind: "fetch";
  readonly args: readonly ArgSpec[];
  readonly out: SampleType;
  readonly needs: number;
  /** Errors in the arguments' values: a reason, found when the configuration is parsed. */
  validate?(args: readonly ArgNode[]): string | null;
  build(args: readonly ArgNode[], env: SampleEnv): SampleFn;
}

export interface ConverterEntry extends Entry {
  readonly kind: "converter";
  readonly args: readonly ArgSpec[];
  readonly input: SampleType;
  readonly out: SampleType;
  validate?(args: readonly ArgNode[]): string | null;
  build(args: readonly ArgNode[], env: SampleEnv): ConverterFn;
}

/** What a thread gives to build(): nothing here does I/O. */
export interface SampleEnv {
  readonly clock: { now(): number; wall(): number };
  readonly rand: { u32(): number; float(): number };
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
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
}

export interface Userlist {
  /** Null when the credentials are wrong, else the groups of the user. */
  check(user: string, password: string): readonly string[] | null;
}
