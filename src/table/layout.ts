// Where everything lies in the shared memory of one configuration. Main computes it once and posts it to the threads with
// the SharedArrayBuffer; it is plain data. Nothing grows: another configuration has another segment.
//
// The segment is three parts: words (32 bit, Atomics, any thread), the held words of each lane (what a thread has of each
// gauge, so that its share can be given back when it dies), and the Float64 counter rows of each lane.
// Lane 0 is main's, lanes 1 to `threads` are the threads'.
import { COLUMNS } from "./columns.ts";
import { TEXT_WORDS } from "./text.ts";

/** What there is to lay out. Names identify rows over a reload: "proxy", "proxy/server", "proxy/listener". */
export interface Shape {
  readonly threads: number;
  readonly proxies: readonly string[];
  readonly servers: readonly string[];
  readonly listeners: readonly string[];
}

export interface Layout extends Shape {
  /** 32-bit words of the shared part. */
  readonly words: number;
  /** First byte of the held words of lane 0, and of the counters of lane 0. */
  readonly heldAt: number;
  readonly countersAt: number;
  /** Counter rows. */
  readonly rows: number;
  /** Bytes of the whole segment. */
  readonly bytes: number;
}

// ---- words ----------------------------------------------------------------------------------------------------
// A rate takes three words (rate.ts). "gauge": its holders keep their part in the held words of their lanes.

/** Words of the process. */
export const PROCESS = {
  /** Gauge: client connections. */
  conns: 0,
  connRate: 1,
  sessRate: 4,
  /** Gauge: TLS connections, both sides. */
  sslConns: 7,
  sslRate: 8,
  /** Gauge: connections to servers, idle or not. */
  serverConns: 11,
  /** Gauge: accept loops that wait for a connection of the process to end. */
  waiting: 12,
  /** Limits of `conns`, `connRate` and `sessRate`, 0: none; main writes. */
  maxconn: 13,
  connsPerSecond: 14,
  sessionsPerSecond: 15,
  /** Messages that broke the rules of HTTP/1, so far. */
  faults: 16,
  size: 17,
} as const;

/** Words of a proxy. */
export const PROXY = {
  /** Gauge: client connections of the frontend. */
  feConns: 0,
  feConnRate: 1,
  feSessRate: 4,
  feReqRate: 7,
  /** Gauge: streams of the backend. */
  beConns: 10,
  beSessRate: 11,
  /** Gauge: waiters for any server, and for any or one server. */
  queued: 14,
  totalQueued: 15,
  /** The balancer's cursor. */
  cursor: 16,
  /** Counts changes of the servers' states and weights. */
  generation: 17,
  /** Streams that left the queues, for the position in the queue that logs tell. */
  dequeued: 18,
  /** Gauge: accept loops that wait for a connection of the frontend to end. */
  waiting: 19,
  /** Limit of `feConns`, 0: none; main writes. */
  maxconn: 20,
  /** FRONTEND_ state of its listeners; main writes. */
  listening: 21,
  /**
   * Whether the backend can serve: 0 not known yet, BACKEND_UP, BACKEND_DOWN; seconds since process start of the last
   * change; seconds of down time before that. Written by who changed the state of a server.
   */
  beState: 22,
  beChange: 23,
  beDowntime: 24,
  size: 25,
} as const;

/** Values of `PROXY.listening`. */
export const FRONTEND_LISTENS = 0;
/** Its addresses are given up for a while. */
export const FRONTEND_PAUSED = 1;
/** For ever. */
export const FRONTEND_STOPPED = 2;

/** Values of PROXY.beState. */
export const BACKEND_UP = 1;
export const BACKEND_DOWN = 2;

/** Words of a server. */
export const SERVER = {
  /** Gauge: slots in use. */
  served: 0,
  /** Gauge: waiters for this server. */
  queued: 1,
  dequeued: 2,
  sessRate: 3,
  /** Gauge: idle connections. */
  idle: 6,
  /** Gauge: connections, idle or not. */
  conns: 7,
  /** ADMIN_ bits; main writes. */
  admin: 8,
  /** Current weight 0 to 256 before slow start; main writes. */
  weight: 9,
  /** Limit of `served`, 0 none; main writes. */
  maxconn: 10,
  /** Health counter 0 to rise+fall-1; the check's owner writes. */
  health: 11,
  /** Result of the last check: status, code, duration ms, consecutive state; the check's owner writes. */
  checkStatus: 12,
  checkCode: 13,
  checkDuration: 14,
  /** Seconds since process start of the last change of state; seconds of down time before that. */
  lastChange: 15,
  downtime: 16,
  /** Consecutive errors seen by `observe`. */
  errors: 17,
  /** When the slow start began, ms since process start (low 32 bits); 0: none is under way. */
  slowSince: 18,
  /** 1: health checks are stopped by a command; main writes. */
  checkOff: 19,
  /** 1 while a check is under way; the check's owner writes. */
  checking: 20,
  /** Connections that were needed at once, of late. */
  needed: 21,
  /** 1: it gets no new streams until the next good check, by a command ("health stopping"). */
  stopping: 22,
  /** What the last check says beside its status, for people: a text (text.ts); the check's owner writes. */
  checkInfo: 23,
  size: 23 + TEXT_WORDS,
} as const;

/** Words of a listener. */
export const LISTENER = {
  /** Gauge: connections. */
  conns: 0,
  size: 1,
} as const;

export function proxyWord(index: number): number {
  return PROCESS.size + index * PROXY.size;
}

export function serverWord(layout: Shape, index: number): number {
  return PROCESS.size + layout.proxies.length * PROXY.size + index * SERVER.size;
}

export function listenerWord(layout: Shape, index: number): number {
  return serverWord(layout, layout.servers.length) + index * LISTENER.size;
}

// ---- counter rows ---------------------------------------------------------------------------------------------

/** The process's row. */
export const PROCESS_ROW = 0;

export function frontendRow(index: number): number {
  return 1 + index;
}

export function backendRow(layout: Shape, index: number): number {
  return 1 + layout.proxies.length + index;
}

export function serverRow(layout: Shape, index: number): number {
  return 1 + 2 * layout.proxies.length + index;
}

export function listenerRow(layout: Shape, index: number): number {
  return 1 + 2 * layout.proxies.length + layout.servers.length + index;
}

// ---- the whole ------------------------------------------------------------------------------------------------

/** Bytes that different lanes keep apart, so that no two threads write one cache line. */
const LINE = 128;

/** Lays out a segment. */
export function layoutOf(shape: Shape): Layout {
  const words = listenerWord(shape, shape.listeners.length);
  const rows = listenerRow(shape, shape.listeners.length);
  const lanes = shape.threads + 1;
  const heldAt = roundUp(words * 4);
  const countersAt = heldAt + lanes * heldStride(words);
  // One lane more: the base that `clear` subtracts.
  const bytes = countersAt + (lanes + 1) * countersStride(rows);
  return {
    threads: shape.threads,
    proxies: shape.proxies,
    servers: shape.servers,
    listeners: shape.listeners,
    words,
    heldAt,
    countersAt,
    rows,
    bytes,
  };
}

/** Bytes of one lane's held words. */
export function heldStride(words: number): number {
  return roundUp(words * 4);
}

/** Bytes of one lane's counters. */
export function countersStride(rows: number): number {
  return roundUp(rows * COLUMNS.length * 8);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}
