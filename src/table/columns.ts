// Columns of a counter row. Names are those of the statistics output (management.txt 9.1) where it has one.
//
// A "sum" only grows; readers add all lanes and subtract the base that `clear` stored. A "max" is the largest value its
// thread has seen; readers take the largest of all lanes. A "mean" is a sliding sum of milliseconds over the last
// MEAN_WINDOW events of its thread. "own" is for its owner and who looks for it by lane: it is never added up. A "level" is
// how many of something the thread has now; readers add, `clear` leaves it, the death of the thread ends it.

/** Columns in order; the value is the index. */
export const C = {
  // ---- sums ----
  stot: 0,
  bin: 1,
  bout: 2,
  dreq: 3,
  dresp: 4,
  ereq: 5,
  econ: 6,
  eresp: 7,
  wretr: 8,
  wredis: 9,
  chkfail: 10,
  chkdown: 11,
  hrsp_1xx: 12,
  hrsp_2xx: 13,
  hrsp_3xx: 14,
  hrsp_4xx: 15,
  hrsp_5xx: 16,
  hrsp_other: 17,
  req_tot: 18,
  cli_abrt: 19,
  srv_abrt: 20,
  lbtot: 21,
  conn_tot: 22,
  intercepted: 23,
  dcon: 24,
  dses: 25,
  wrew: 26,
  eint: 27,
  connect: 28,
  reuse: 29,
  cache_lookups: 30,
  cache_hits: 31,
  comp_in: 32,
  comp_out: 33,
  comp_byp: 34,
  comp_rsp: 35,
  /** Events behind the means. */
  timed: 36,
  /** Connections closed by the health of their server or by commands. */
  killed: 37,
  /** HTTP/1 connections and exchanges, and what went over them. */
  h1_conns: 38,
  h1_streams: 39,
  h1_in: 40,
  h1_out: 41,
  // ---- maxima ----
  smax: 42,
  qmax: 43,
  rate_max: 44,
  conn_rate_max: 45,
  req_rate_max: 46,
  qtime_max: 47,
  ctime_max: 48,
  rtime_max: 49,
  ttime_max: 50,
  /** When a session was last assigned, ms since process start. */
  lastsess: 51,
  // ---- means ----
  qtime: 52,
  ctime: 53,
  rtime: 54,
  ttime: 55,
  // ---- own ----
  /** When the oldest waiter of this thread entered the queue of this row, ms since process start; 0: none waits. */
  queue_head: 56,
  // ---- levels ----
  /** Open HTTP/1 connections, and exchanges under way on them. */
  h1_open_conns: 57,
  h1_open_streams: 58,
} as const;

/** Index of a column. */
export type Column = (typeof C)[keyof typeof C];

/** Names by index. */
export const COLUMNS: readonly string[] = Object.keys(C);

/** Index of the first maximum, and of the first mean. */
export const FIRST_MAX = C.smax;
export const FIRST_MEAN = C.qtime;
/** Index of the first level; the own columns are before it. */
export const FIRST_LEVEL = C.h1_open_conns;

/** Events a mean covers (management.txt 9.1: "over the 1024 last requests"). */
export const MEAN_WINDOW = 1024;
