// The aliases of log formats, "%ci" (configuration.txt 8.2.6).
import type { Address } from "../sys/types.ts";
import type { Entry } from "../config/mod.ts";
import { encodeCapture, encodeLogText } from "./log_text.ts";
import { DateWriter } from "./time_format.ts";
import { type TimerName, timerOf, TIMERS } from "./timers.ts";
import { NEEDS, type SampleEnv, type Txn } from "./types.ts";

/** What an alias gives; null where there is nothing ("-" in logs). */
export type AliasFn = (txn: Txn) => string | number | Address | null;

export interface AliasEntry extends Entry {
  readonly kind: "logformat";
  /** "number" and "plain" text are never quoted; of a "list" each value is. */
  readonly value: "text" | "plain" | "number" | "address" | "list";
  readonly needs: number;
  /** Only in HTTP mode ("http"). */
  readonly restriction?: "http" | "log";
  /** Digits of its hexadecimal form (flag X); 0: it has none. */
  readonly hexDigits: number;
  /** A "+" before it when it is not final (logasap). */
  readonly growing?: boolean;
  /** Nothing is written for nothing, not even "-". */
  readonly bare?: boolean;
  build(env: SampleEnv): AliasFn;
}

type Options = Partial<Pick<AliasEntry, "needs" | "restriction" | "hexDigits" | "growing" | "bare">>;

function alias(
  name: string,
  doc: string,
  value: AliasEntry["value"],
  options: Options,
  build: (env: SampleEnv) => AliasFn,
): AliasEntry {
  return {
    kind: "logformat",
    name,
    manual: "8.2.6",
    doc,
    value,
    needs: NEEDS.internal,
    hexDigits: 0,
    ...options,
    build,
  };
}

function text(name: string, doc: string, fn: AliasFn, options: Options = {}): AliasEntry {
  return alias(name, doc, "text", options, () => fn);
}

function plain(name: string, doc: string, fn: AliasFn, options: Options = {}): AliasEntry {
  return alias(name, doc, "plain", options, () => fn);
}

function number(name: string, doc: string, fn: AliasFn, options: Options = {}): AliasEntry {
  return alias(name, doc, "number", options, () => fn);
}

const HTTP: Options = { restriction: "http" };
const BAD_REQUEST = "<BADREQ>";

// ---- dates and timers -------------------------------------------------------------------------------------------

/** Milliseconds since the epoch of an instant of the thread's clock. */
function wallOf(env: SampleEnv, instant: number): number {
  return Math.floor(env.clock.wall() - (env.clock.now() - instant));
}

function requestInstant(txn: Txn): number {
  return txn.times.requestStart >= 0 ? txn.times.requestStart : txn.times.accept;
}

function date(
  name: string,
  doc: string,
  format: string,
  local: boolean,
  instant: (txn: Txn) => number,
  millis: boolean,
  options: Options = {},
): AliasEntry {
  return alias(name, doc, "plain", options, (env) => {
    const writer = new DateWriter(format, local);
    return (txn) => {
      const ms = wallOf(env, instant(txn));
      return millis ? `${writer.write(ms)}.${String(ms % 1000).padStart(3, "0")}` : writer.write(ms);
    };
  });
}

const accepted = (txn: Txn) => txn.times.accept;
const ZONE = "%d/%b/%Y:%H:%M:%S %z";
const PLAIN = "%d/%b/%Y:%H:%M:%S";

const dates: readonly AliasEntry[] = [
  date("T", "date of the accept in UTC with its zone", ZONE, false, accepted, false),
  date("Tl", "local date of the accept with its zone", ZONE, true, accepted, false),
  date("t", "local date of the accept with milliseconds", PLAIN, true, accepted, true),
  date("tr", "local date of the request with milliseconds", PLAIN, true, requestInstant, true, HTTP),
  date("trg", "date of the request in UTC with its zone", ZONE, false, requestInstant, false, HTTP),
  date("trl", "local date of the request with its zone", ZONE, true, requestInstant, false, HTTP),
  alias(
    "Ts",
    "date of the accept in seconds since the epoch",
    "number",
    { hexDigits: 4 },
    (env) => (txn) => Math.floor(wallOf(env, txn.times.accept) / 1000),
  ),
  alias(
    "ms",
    "milliseconds of the date of the accept",
    "plain",
    { hexDigits: 2 },
    (env) => (txn) => String(wallOf(env, txn.times.accept) % 1000).padStart(3, "0"),
  ),
];

const TIMER_DOCS: Readonly<Record<TimerName, string>> = {
  Ta: "active time of the request, ms",
  Tc: "time to connect to the server, ms",
  Td: "time of the data transfer, ms",
  Th: "time of the handshakes, ms",
  Ti: "idle time before the request, ms",
  Tq: "time from the accept to the whole request, ms",
  TR: "time to receive the request, ms",
  Tr: "response time of the server, ms",
  Tt: "time from the accept to the end, ms",
  Tu: "time as the client sees it, ms",
  Tw: "time in queues, ms",
};
const GROWING: readonly TimerName[] = ["Ta", "Tt", "Tu"];
const HTTP_TIMERS: readonly TimerName[] = ["Ta", "Ti", "Tq", "TR", "Tr"];

const timers = TIMERS.map((name) =>
  alias(name, TIMER_DOCS[name], "number", {
    growing: GROWING.includes(name),
    ...(HTTP_TIMERS.includes(name) ? HTTP : {}),
  }, (env) => (txn) => timerOf(name, txn.times, env.clock.now()))
);

// ---- the request line -------------------------------------------------------------------------------------------

/** A part of the request line, encoded; BAD_REQUEST without a valid request. */
function line(name: string, doc: string, part: (line: string) => string, options: Options = {}): AliasEntry {
  return text(name, doc, (txn) => {
    const { requestLine } = txn.kept;
    return requestLine === "" ? BAD_REQUEST : encodeLogText(part(requestLine));
  }, { needs: NEEDS.requestKept, ...HTTP, ...options });
}

function uriOf(requestLine: string): string {
  const from = requestLine.indexOf(" ") + 1;
  if (from === 0) return "";
  const to = requestLine.lastIndexOf(" ");
  return requestLine.slice(from, to < from ? undefined : to);
}

function withoutQuery(uri: string): string {
  const query = uri.indexOf("?");
  return query < 0 ? uri : uri.slice(0, query);
}

/** The path of a URI in origin or absolute form. */
function pathOf(uri: string): string {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]*/.exec(uri);
  return withoutQuery(scheme === null ? uri : uri.slice(scheme[0].length));
}

const lines: readonly AliasEntry[] = [
  line("r", "request line", (l) => l),
  line("HM", "method", (l) => l.split(" ", 1)[0]),
  line("HU", "URI of the request", uriOf),
  line("HP", "URI without its query string", (l) => withoutQuery(uriOf(l))),
  line("HPO", "path of the URI", (l) => pathOf(uriOf(l))),
  line("HQ", "query string with its question mark", (l) => {
    const uri = uriOf(l);
    const query = uri.indexOf("?");
    return query < 0 ? "" : uri.slice(query);
  }, { bare: true }),
  line("HV", "HTTP version", (l) => /HTTP\/\S+$/.exec(l)?.[0] ?? ""),
];

// ---- captures ---------------------------------------------------------------------------------------------------

/** Captured headers between braces; nothing without any declared or without a request. */
function braces(captures: readonly (string | null)[], txn: Txn): string {
  if (captures.length === 0 || txn.kept.requestLine === "") return "";
  let out = "{";
  for (let i = 0; i < captures.length; i++) {
    if (i > 0) out += "|";
    const value = captures[i];
    if (value !== null) out += encodeCapture(value);
  }
  return out + "}";
}

/** For the list style: values apart by a NUL, which no value holds. */
function listed(captures: readonly (string | null)[], txn: Txn): string {
  if (captures.length === 0 || txn.kept.requestLine === "") return "";
  return captures.map((value) => value === null ? "" : encodeCapture(value)).join("\0") + "\0";
}

const captures: readonly AliasEntry[] = [
  text("hr", "captured request headers", (txn) => braces(txn.requestCaptures, txn), { bare: true }),
  text("hs", "captured response headers", (txn) => braces(txn.responseCaptures, txn), { bare: true }),
  alias(
    "hrl",
    "captured request headers, one a field",
    "list",
    { bare: true },
    () => (txn) => listed(txn.requestCaptures, txn),
  ),
  alias(
    "hsl",
    "captured response headers, one a field",
    "list",
    { bare: true },
    () => (txn) => listed(txn.responseCaptures, txn),
  ),
  text("CC", "captured request cookie", (txn) => encoded(txn.kept.requestCookie), HTTP),
  text("CS", "captured response cookie", (txn) => encoded(txn.kept.responseCookie), HTTP),
];

function encoded(value: string | null): string | null {
  return value === null ? null : encodeLogText(value);
}

// ---- addresses --------------------------------------------------------------------------------------------------

function portOf(address: Address | null | undefined, listenerId: number): number | null {
  if (address === null || address === undefined) return null;
  return address.family === "unix" ? listenerId : address.port;
}

function serverAddress(txn: Txn): Address | null {
  return txn.serverConn?.dst ?? txn.server?.address ?? null;
}

const CLIENT = { needs: NEEDS.clientL4 };
const SERVER = { needs: NEEDS.serverL4 };
const PORT = { hexDigits: 4 };

const addresses: readonly AliasEntry[] = [
  alias("ci", "address of the client", "address", CLIENT, () => (txn) => txn.session.src),
  number("cp", "port of the client", (txn) => portOf(txn.session.src, txn.session.listenerId), { ...CLIENT, ...PORT }),
  alias("fi", "address the client connected to", "address", CLIENT, () => (txn) => txn.session.dst),
  number("fp", "port the client connected to", (txn) => portOf(txn.session.dst, txn.session.listenerId), {
    ...CLIENT,
    ...PORT,
  }),
  alias("bi", "source address towards the server", "address", SERVER, () => (txn) => txn.serverConn?.src ?? null),
  number("bp", "source port towards the server", (txn) => portOf(txn.serverConn?.src, 0), { ...SERVER, ...PORT }),
  alias("si", "address of the server", "address", SERVER, () => serverAddress),
  number("sp", "port of the server", (txn) => portOf(serverAddress(txn), 0), { ...SERVER, ...PORT }),
];

// ---- names, counters, state -------------------------------------------------------------------------------------

const names: readonly AliasEntry[] = [
  text("b", "name of the backend", (txn) => (txn.backend ?? txn.frontend).name),
  text("f", "name of the frontend", (txn) => txn.frontend.name),
  text(
    "ft",
    "name of the frontend, '~' behind it when the client used TLS",
    (txn) => txn.session.ssl ? `${txn.frontend.name}~` : txn.frontend.name,
  ),
  text("s", "name of the server", (txn) => txn.server?.name ?? (txn.kept.service || "<NOSRV>")),
  alias("H", "host name of this machine", "text", {}, (env) => () => env.hostname),
  text("ID", "unique id", (txn) => txn.uniqueId),
  text("OG", "where the log line was made", (txn) => txn.kept.logOrigin, { restriction: "log" }),
  plain("ts", "termination state", (txn) => txn.termination.slice(0, 2)),
  plain("tsc", "termination state with cookie status", (txn) => txn.termination, HTTP),
  text("sslv", "TLS version of the client", (txn) => txn.kept.tlsVersion, { needs: NEEDS.clientL5 }),
  text("sslc", "TLS cipher of the client", (txn) => txn.kept.tlsCipher, { needs: NEEDS.clientL5 }),
];

const counters: readonly AliasEntry[] = [
  number("B", "bytes sent to the client", (txn) => txn.bytesOut, { growing: true }),
  number("U", "bytes sent by the client", (txn) => txn.bytesIn),
  number("ST", "status sent to the client", (txn) => txn.kept.status, { needs: NEEDS.responseKept }),
  alias("ac", "connections of the process", "number", {}, (env) => () => env.process.connections),
  number("fc", "connections of the frontend", (txn) => txn.frontend.stats.frontendSessions),
  number(
    "bc",
    "connections of the backend",
    (txn) => txn.backend === null ? 0 : txn.backend.stats.backendSessions,
  ),
  number("sc", "connections of the server", (txn) => txn.server?.currentSessions ?? 0),
  number("sq", "entries before this one in the server's queue", (txn) => txn.kept.serverQueue),
  number("bq", "entries before this one in the backend's queue", (txn) => txn.kept.backendQueue),
  plain("rc", "retries, '+' before them after a redispatch", (txn) => `${txn.redispatched ? "+" : ""}${txn.retries}`),
  number("rt", "number of the request", (txn) => txn.kept.requestCounter, { hexDigits: 4 }),
  number("lc", "number of the frontend's log line", (txn) => txn.kept.logCounter),
  alias("pid", "process id", "number", { hexDigits: 4 }, (env) => () => env.pid),
];

/** It writes nothing: its flags are for the items behind it, which is the format parser's matter. */
const flags = plain("o", "flags of the items behind it", () => "", { bare: true });

/** All aliases. */
export const aliasEntries: readonly AliasEntry[] = [
  ...dates,
  ...timers,
  ...lines,
  ...captures,
  ...addresses,
  ...names,
  ...counters,
  flags,
];

/** The hexadecimal form of an address: eight digits or thirty-two. */
export function hexBytes(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += byte.toString(16).toUpperCase().padStart(2, "0");
  return out;
}
