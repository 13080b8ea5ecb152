// Fetches of the response's status line and of what is kept of a transaction (configuration.txt 7.3.2, 7.3.6).
import { setBoolean, setInteger, setText } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type FetchEntry,
  FOUND,
  NEEDS,
  type SampleEnv,
  T_BOOL,
  T_SINT,
  T_STR,
  type Txn,
} from "../types.ts";
import { type TimerName, timerOf } from "../timers.ts";
import { fetch, headOf, RESPONSE, simple, unready } from "./define.ts";
import { versionFetch } from "./request.ts";

const { internal, requestKept, responseKept, clientL4, clientL5, serverL4 } = NEEDS;

function textFetch(
  name: string,
  manual: string,
  doc: string,
  needs: number,
  text: (txn: Txn) => string | null,
): FetchEntry[] {
  return fetch({
    name,
    manual,
    doc,
    out: T_STR,
    needs,
    build: (_args, env) => (txn, into) => {
      const value = text(txn);
      return value !== null && setText(into, value, env) ? FOUND : ABSENT;
    },
  });
}

function timerFetch(name: string, manual: string, timer: TimerName, needs: number): FetchEntry[] {
  return fetch({
    name,
    manual,
    doc: `%${timer} of log formats, ms`,
    out: T_SINT,
    needs,
    build: (_args, env) => (txn, into) => {
      setInteger(into, timerOf(timer, txn.times, env.clock.now()));
      return FOUND;
    },
  });
}

const UNITS: Readonly<Record<string, number>> = { s: 1, ms: 1000, us: 1_000_000 };

/** A date in a unit; `instant`: of the thread's clock. */
function dateFetch(name: string, doc: string, needs: number, instant: (txn: Txn) => number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.2",
    doc,
    out: T_SINT,
    needs,
    args: [{ type: "str", name: "unit", optional: true }],
    validate: ([unit]) => validUnit(unit),
    build([unit], env) {
      const factor = unitFactor(unit);
      return (txn, into) => {
        const ms = env.clock.wall() - (env.clock.now() - instant(txn));
        setInteger(into, Math.floor(ms * factor / 1000));
        return FOUND;
      };
    },
  });
}

export function validUnit(unit: ArgNode | undefined): string | null {
  if (unit === null || unit === undefined || unit === "" || Object.hasOwn(UNITS, unit as string)) return null;
  return `expects 's', 'ms' or 'us', got '${unit}'`;
}

/** Units in a second. */
export function unitFactor(unit: ArgNode | undefined): number {
  return UNITS[(unit as string | null) || "s"];
}

function capturedFetch(
  name: string,
  doc: string,
  needs: number,
  of: (txn: Txn) => readonly (string | null)[],
): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc,
    out: T_STR,
    needs,
    args: [{ type: "sint", name: "idx" }],
    validate: ([index]) => Number(index) >= 0 ? null : "the index must not be negative",
    build([index], env: SampleEnv) {
      const slot = Number(index);
      return (txn, into) => {
        const value = of(txn)[slot];
        return typeof value === "string" && setText(into, value, env) ? FOUND : ABSENT;
      };
    },
  });
}

function linePart(line: string, part: (line: string) => string): string | null {
  return line === "" ? null : part(line);
}

export const responseFetches: readonly FetchEntry[] = [
  ...simple("status", "7.3.6", "status of the response", T_SINT, responseKept, (txn, into) => {
    const head = headOf(txn, RESPONSE);
    if (head !== null) setInteger(into, head.status);
    else if (txn.kept.status >= 0) setInteger(into, txn.kept.status);
    else return unready(txn, RESPONSE);
    return FOUND;
  }),
  ...simple("server_status", "7.3.6", "status as the server sent it", T_SINT, responseKept, (txn, into) => {
    if (txn.kept.serverStatus < 0) return unready(txn, RESPONSE);
    setInteger(into, txn.kept.serverStatus);
    return FOUND;
  }),
  ...simple("http_first_req", "7.3.6", "whether the request is the first of its connection", T_BOOL, requestKept, (
    txn,
    into,
  ) => {
    setBoolean(into, txn.firstRequest);
    return FOUND;
  }),
  ...simple("txn.status", "7.3.6", "status of the transaction as logged", T_SINT, responseKept, (txn, into) => {
    setInteger(into, txn.kept.status);
    return FOUND;
  }),
  ...versionFetch("res.ver", "HTTP version of the response", ["resp_ver"], NEEDS.response, RESPONSE),
  ...capturedFetch("capture.req.hdr", "captured request header", requestKept, (txn) => txn.requestCaptures),
  ...capturedFetch("capture.res.hdr", "captured response header", responseKept, (txn) => txn.responseCaptures),
  ...textFetch(
    "capture.req.method",
    "7.3.6",
    "method, also in the response",
    requestKept,
    (txn) => txn.kept.method || null,
  ),
  ...textFetch(
    "capture.req.uri",
    "7.3.6",
    "URI, also in the response",
    requestKept,
    (txn) => linePart(txn.kept.requestLine, (line) => line.split(" ")[1] ?? ""),
  ),
  ...textFetch(
    "capture.req.ver",
    "7.3.6",
    "HTTP version of the request, also in the response",
    requestKept,
    (txn) => linePart(txn.kept.requestLine, (line) => line.endsWith("HTTP/1.0") ? "HTTP/1.0" : "HTTP/1.1"),
  ),
  ...textFetch(
    "capture.res.ver",
    "7.3.6",
    "HTTP version of the response, also in logs",
    // As haproxy has it: usable wherever the request's is, absent until there is a response.
    requestKept,
    ({ kept }) => kept.responseVersion === 0 ? null : kept.responseVersion === 10 ? "HTTP/1.0" : "HTTP/1.1",
  ),
  ...textFetch("unique-id", "7.3.6", "unique id of the request", internal, (txn) => txn.uniqueId || null),
  ...textFetch(
    "txn.sess_term_state",
    "7.3.2",
    "termination state, two letters",
    internal,
    (txn) => txn.termination.slice(0, 2),
  ),
  ...simple("txn.conn_retries", "7.3.2", "retries of connections to servers", T_SINT, serverL4, (txn, into) => {
    setInteger(into, txn.retries);
    return FOUND;
  }),
  ...simple("txn.redispatched", "7.3.2", "whether another server was tried", T_BOOL, serverL4, (txn, into) => {
    setBoolean(into, txn.redispatched);
    return FOUND;
  }),
  ...simple("txn.id32", "7.3.2", "number of the request or session", T_SINT, internal, (txn, into) => {
    setInteger(into, txn.kept.requestCounter);
    return FOUND;
  }),
  ...dateFetch("accept_date", "date of the accept", clientL4, (txn) => txn.times.accept),
  ...dateFetch(
    "request_date",
    "date of the request's first byte",
    requestKept,
    (txn) => txn.times.requestStart >= 0 ? txn.times.requestStart : txn.times.accept,
  ),
  ...timerFetch("fc.timer.handshake", "7.3.3", "Th", clientL4),
  ...timerFetch("fc.timer.total", "7.3.3", "Tt", clientL4),
  ...timerFetch("req.timer.idle", "7.3.6", "Ti", requestKept),
  ...timerFetch("req.timer.hdr", "7.3.6", "TR", requestKept),
  ...timerFetch("req.timer.tq", "7.3.6", "Tq", requestKept),
  ...timerFetch("req.timer.queue", "7.3.6", "Tw", requestKept),
  ...timerFetch("bc.timer.connect", "7.3.3", "Tc", serverL4),
  ...timerFetch("res.timer.hdr", "7.3.6", "Tr", responseKept),
  ...timerFetch("res.timer.data", "7.3.3", "Td", responseKept),
  ...timerFetch("txn.timer.total", "7.3.6", "Ta", requestKept),
  ...timerFetch("txn.timer.user", "7.3.4", "Tu", clientL5),
];
