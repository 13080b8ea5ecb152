// The columns of the statistics, one entry each, in the order of the manual (management.txt 9.1): what it is called, how
// its values are to be read (9.2), and where they come from for each kind of object. A kind without a function has no
// value there; so has one that answers null.
import { CHECK_STATUSES, CHK_INI, CHK_L4OK, CHK_UNK, serverStatus } from "../../proxy/mod.ts";
import { C, LISTENER, PROXY, SERVER } from "../../table/mod.ts";
import { empty, everywhere, maximum, type StatColumn, type StatValue, sum, time } from "./define.ts";
import type { BackendRow, ServerRow, StatRow } from "./rows.ts";

/** Health checks tell nothing of a server that is not checked or in maintenance. */
function checked(row: ServerRow): boolean {
  return row.checked && !serverStatus(row.source.shared, row.index, row.server).startsWith("MAINT");
}

/** The values of a check that has a result; null while there is none. */
function checkResult(row: ServerRow, value: (status: number) => StatValue): StatValue {
  if (!checked(row)) return null;
  const status = row.load(SERVER.checkStatus);
  return status <= CHK_INI ? null : value(status);
}

function checkStatus(row: ServerRow): StatValue {
  if (!checked(row)) return null;
  const name = CHECK_STATUSES[row.load(SERVER.checkStatus) || CHK_UNK][0];
  return row.load(SERVER.checking) === 0 ? name : `* ${name}`;
}

/** Only checks of layer 7 have a code, and only with an answer. */
function checkCode(row: ServerRow): StatValue {
  return checkResult(row, (status) => {
    const code = row.load(SERVER.checkCode);
    return status > CHK_L4OK && code !== 0 ? code : null;
  });
}

function lastSession(row: ServerRow | BackendRow): StatValue {
  const at = row.total(C.lastsess);
  return row.total(C.stot) === 0 && at === 0 ? -1 : Math.max(0, row.seconds - Math.floor(at / 1000));
}

const name = (row: StatRow) => row.proxy.name;
const mode = (row: StatRow) => row.proxy.mode;
const ZERO = () => 0;

/** Columns 0 to 99 of the manual, and those the program has behind them before the "-". */
export const STATIC_COLUMNS: readonly StatColumn[] = [
  { name: "pxname", tags: "KNS", type: "str", doc: "Name of the proxy", of: { F: name, L: name, S: name, B: name } },
  {
    name: "svname",
    tags: "KNS",
    type: "str",
    doc: "FRONTEND, BACKEND, or the name of the server or listener",
    of: everywhere("FLSB", (row) => row.name),
  },
  {
    name: "qcur",
    tags: "MGP",
    type: "u32",
    doc: "Requests waiting now; of a backend those without a server",
    of: { S: (row) => row.load(SERVER.queued), B: (row) => row.load(PROXY.queued) },
  },
  maximum("qmax", "SB", C.qmax, "Most requests that waited at once"),
  {
    name: "scur",
    tags: "MGP",
    type: "u32",
    doc: "Sessions now",
    of: {
      F: (row) => row.load(PROXY.feConns),
      L: (row) => row.load(LISTENER.conns),
      S: (row) => row.load(SERVER.served),
      B: (row) => row.load(PROXY.beConns),
    },
  },
  maximum("smax", "FLSB", C.smax, "Most sessions at once"),
  {
    name: "slim",
    tags: "CLP",
    type: "u32",
    doc: "Limit of sessions: maxconn, of a backend fullconn",
    of: {
      F: (row) => row.load(PROXY.maxconn),
      L: (row) => row.bind.maxconn,
      S: (row) => row.load(SERVER.maxconn) || null,
      B: (row) => row.proxy.fullconn,
    },
  },
  sum("stot", "FLSB", C.stot, "Sessions so far"),
  sum("bin", "FLSB", C.bin, "Bytes of requests"),
  sum("bout", "FLSB", C.bout, "Bytes of responses"),
  sum("dreq", "FLB", C.dreq, "Requests denied by rules"),
  sum("dresp", "FLSB", C.dresp, "Responses denied by rules"),
  sum("ereq", "FL", C.ereq, "Requests that were no requests, or did not arrive whole"),
  sum("econ", "SB", C.econ, "Requests that no server could be connected for"),
  sum("eresp", "SB", C.eresp, "Responses that broke off or were no responses"),
  sum("wretr", "SB", C.wretr, "Connections to a server that were tried again"),
  sum("wredis", "SB", C.wredis, "Requests that were sent to another server"),
  {
    name: "status",
    tags: "SGP",
    type: "str",
    doc: "State of the object",
    of: {
      F: (row) => row.status,
      L: (row) => row.status,
      S: (row) => serverStatus(row.source.shared, row.index, row.server),
      B: (row) => row.up ? "UP" : "DOWN",
    },
  },
  {
    name: "weight",
    tags: "MaP",
    type: "u32",
    doc: "Weight in force; of a backend that of the servers in use",
    of: { S: (row) => row.weight, B: (row) => row.weight },
  },
  {
    name: "act",
    tags: "SGP",
    backendTags: "MGP",
    type: "u32",
    doc: "Active servers that can be used; 1 for a server that is no backup",
    of: { S: (row) => row.server.backup ? 0 : 1, B: (row) => row.active },
  },
  {
    name: "bck",
    tags: "SGP",
    backendTags: "MGP",
    type: "u32",
    doc: "Backup servers that can be used; 1 for a server that is one",
    of: { S: (row) => row.server.backup ? 1 : 0, B: (row) => row.backups },
  },
  {
    name: "chkfail",
    tags: "MCP",
    type: "u64",
    doc: "Checks that failed while the server was up",
    of: { S: (row) => row.checked ? row.total(C.chkfail) : null },
  },
  {
    name: "chkdown",
    tags: "MCP",
    type: "u64",
    doc: "Changes from UP to DOWN",
    of: { S: (row) => row.checked ? row.total(C.chkdown) : null, B: (row) => row.total(C.chkdown) },
  },
  {
    name: "lastchg",
    tags: "MAP",
    type: "u32",
    doc: "Seconds since the state changed",
    of: {
      S: (row) => row.seconds - row.load(SERVER.lastChange),
      B: (row) => row.seconds - row.load(PROXY.beChange),
    },
  },
  {
    name: "downtime",
    tags: "MCP",
    type: "u32",
    doc: "Seconds it was down",
    of: {
      S: (row) => row.checked ? row.downtime : null,
      B: (row) => row.proxy.servers.length === 0 ? null : row.downtime,
    },
  },
  {
    name: "qlimit",
    tags: "CLS",
    type: "u32",
    doc: "maxqueue of the server",
    of: { S: (row) => row.server.maxqueue || null },
  },
  { name: "pid", tags: "KGP", type: "u32", doc: "Number of the process", of: everywhere("FLSB", () => 1) },
  { name: "iid", tags: "KGS", type: "u32", doc: "Id of the proxy", of: everywhere("FLSB", (row) => row.proxy.id) },
  {
    name: "sid",
    tags: "KGS",
    type: "u32",
    doc: "Id of the server or listener",
    of: everywhere("FLSB", (row) => row.id),
  },
  {
    name: "throttle",
    tags: "MaP",
    type: "u32",
    doc: "Percent of its weight a server has during its slow start",
    of: { S: (row) => row.throttle < 100 && row.serving ? row.throttle : null },
  },
  sum("lbtot", "SB", C.lbtot, "Times a server was chosen by the balancer"),
  {
    name: "tracked",
    tags: "CNS",
    type: "str",
    doc: "The server whose state counts for this one",
    of: { S: (row) => (row.server.options.get("track") as string | undefined) ?? null },
  },
  {
    name: "type",
    tags: "CGS",
    type: "u32",
    doc: "0 frontend, 1 backend, 2 server, 3 listener",
    of: { F: ZERO, B: () => 1, S: () => 2, L: () => 3 },
  },
  {
    name: "rate",
    tags: "MRP",
    backendTags: "MGP",
    type: "u32",
    doc: "Sessions in the last second",
    of: {
      F: (row) => row.rate(PROXY.feSessRate),
      S: (row) => row.rate(SERVER.sessRate),
      B: (row) => row.rate(PROXY.beSessRate),
    },
  },
  {
    name: "rate_lim",
    tags: "CLP",
    type: "u32",
    doc: "Limit of sessions in a second",
    of: { F: (row) => row.proxy.rateLimit },
  },
  { ...maximum("rate_max", "FSB", C.rate_max, "Most sessions in a second"), backendTags: "MGP" },
  {
    name: "check_status",
    tags: "MOP",
    type: "str",
    doc: "Last check; a star in front: one is under way",
    of: { S: checkStatus },
  },
  { name: "check_code", tags: "MGP", type: "u32", doc: "Code of the last check's answer", of: { S: checkCode } },
  {
    name: "check_duration",
    tags: "MDP",
    type: "u64",
    doc: "Milliseconds the last check took",
    of: { S: (row) => checkResult(row, () => row.load(SERVER.checkDuration)) },
  },
  sum("hrsp_1xx", "FSB", C.hrsp_1xx, "Responses with status 100 to 199", true),
  sum("hrsp_2xx", "FSB", C.hrsp_2xx, "Responses with status 200 to 299", true),
  sum("hrsp_3xx", "FSB", C.hrsp_3xx, "Responses with status 300 to 399", true),
  sum("hrsp_4xx", "FSB", C.hrsp_4xx, "Responses with status 400 to 499", true),
  sum("hrsp_5xx", "FSB", C.hrsp_5xx, "Responses with status 500 to 599", true),
  sum("hrsp_other", "FSB", C.hrsp_other, "Responses with another status, or none", true),
  empty("hanafail", "MCP", "u64", "Failures seen in live traffic"),
  {
    name: "req_rate",
    tags: "MRP",
    type: "u32",
    doc: "HTTP requests in the last second",
    of: { F: (row) => row.http ? row.rate(PROXY.feReqRate) : null },
  },
  maximum("req_rate_max", "F", C.req_rate_max, "Most HTTP requests in a second", true),
  // A TCP frontend may hand over to HTTP.
  {
    ...sum("req_tot", "FSB", C.req_tot, "HTTP requests", true),
    of: { ...sum("", "SB", C.req_tot, "", true).of, ...sum("", "F", C.req_tot, "").of },
  },
  sum("cli_abrt", "SB", C.cli_abrt, "Transfers that the client broke off"),
  sum("srv_abrt", "SB", C.srv_abrt, "Transfers that the server broke off"),
  sum("comp_in", "FB", C.comp_in, "Response bytes given to the compressor"),
  sum("comp_out", "FB", C.comp_out, "Response bytes the compressor made of them"),
  sum("comp_byp", "FB", C.comp_byp, "Response bytes that passed the compressor by"),
  sum("comp_rsp", "FB", C.comp_rsp, "Responses that were compressed"),
  {
    name: "lastsess",
    tags: "MAP",
    type: "s32",
    doc: "Seconds since the last session; -1: none",
    of: { S: lastSession, B: lastSession },
  },
  {
    name: "last_chk",
    tags: "MOP",
    type: "str",
    doc: "What the last check said",
    of: { S: (row) => checkResult(row, () => row.checkInfo) },
  },
  empty("last_agt", "MOP", "str", "What the last agent check said"),
  time("qtime", C.qtime, "MaP", "Mean time in the queue over 1024 requests, ms"),
  time("ctime", C.ctime, "MaP", "Mean time to connect over 1024 requests, ms"),
  time("rtime", C.rtime, "MaP", "Mean time to the response over 1024 requests, ms", true),
  time("ttime", C.ttime, "MaP", "Mean time of a session over 1024 requests, ms"),
  empty("agent_status", "MOP", "str", "Last agent check"),
  empty("agent_code", "MGP", "u32", "Code of the last agent check"),
  empty("agent_duration", "MDP", "u64", "Milliseconds the last agent check took"),
  {
    name: "check_desc",
    tags: "MOP",
    type: "str",
    doc: "check_status in words",
    of: { S: (row) => checked(row) ? CHECK_STATUSES[row.load(SERVER.checkStatus)][1] : null },
  },
  empty("agent_desc", "MOP", "str", "agent_status in words"),
  {
    name: "check_rise",
    tags: "CGS",
    type: "u32",
    doc: "rise of the server",
    of: { S: (row) => checked(row) ? row.server.rise : null },
  },
  {
    name: "check_fall",
    tags: "CGS",
    type: "u32",
    doc: "fall of the server",
    of: { S: (row) => checked(row) ? row.server.fall : null },
  },
  {
    name: "check_health",
    tags: "CGS",
    type: "u32",
    doc: "Health, 0 to rise + fall - 1",
    of: { S: (row) => checked(row) ? row.load(SERVER.health) : null },
  },
  empty("agent_rise", "CGS", "u32", "rise of the agent check"),
  empty("agent_fall", "CGS", "u32", "fall of the agent check"),
  empty("agent_health", "CGS", "u32", "Health the agent check says"),
  {
    name: "addr",
    tags: "CGS",
    type: "str",
    doc: "address:port, or unix",
    private: true,
    of: { L: (row) => row.address, S: (row) => row.address },
  },
  {
    name: "cookie",
    tags: "CNS",
    type: "str",
    doc: "Cookie value of the server, cookie name of the backend",
    private: true,
    of: { S: (row) => row.server.cookie || null, B: (row) => row.proxy.cookie?.name ?? null },
  },
  { name: "mode", tags: "CGS", type: "str", doc: "Mode of the proxy", of: { F: mode, L: mode, S: mode, B: mode } },
  {
    name: "algo",
    tags: "CGS",
    type: "str",
    doc: "Algorithm of the balancer",
    private: true,
    of: { B: (row) => row.proxy.balance.algorithm },
  },
  {
    name: "conn_rate",
    tags: "MRP",
    type: "u32",
    doc: "Connections in the last second",
    of: { F: (row) => row.rate(PROXY.feConnRate) },
  },
  maximum("conn_rate_max", "F", C.conn_rate_max, "Most connections in a second"),
  sum("conn_tot", "F", C.conn_tot, "Connections so far"),
  sum(
    "intercepted",
    "FB",
    C.intercepted,
    "Requests that were answered here: monitor, redirect, return, statistics",
    true,
  ),
  sum("dcon", "FL", C.dcon, "Connections that tcp-request connection rules refused"),
  sum("dses", "FL", C.dses, "Sessions that tcp-request session rules refused"),
  sum("wrew", "FLSB", C.wrew, "Rewrites of headers that failed"),
  sum("connect", "SB", C.connect, "Connects to servers that were tried"),
  sum("reuse", "SB", C.reuse, "Requests that went over a connection of the pool"),
  sum("cache_lookups", "FB", C.cache_lookups, "Requests that were looked up in the cache", true),
  sum("cache_hits", "FB", C.cache_hits, "Requests that were answered from the cache", true),
  {
    name: "srv_icur",
    tags: "MGP",
    type: "u32",
    doc: "Idle connections of the pool",
    of: { S: (row) => row.load(SERVER.idle) },
  },
  {
    name: "src_ilim",
    tags: "CLP",
    type: "u32",
    doc: "Limit of idle connections",
    of: { S: (row) => row.server.poolMaxConn >= 0 ? row.server.poolMaxConn : null },
  },
  time("qtime_max", C.qtime_max, "MMP", "Longest time in the queue, ms"),
  time("ctime_max", C.ctime_max, "MMP", "Longest time to connect, ms"),
  time("rtime_max", C.rtime_max, "MMP", "Longest time to the response, ms", true),
  time("ttime_max", C.ttime_max, "MMP", "Longest time of a session, ms"),
  sum("eint", "FLSB", C.eint, "Internal errors"),
  {
    name: "idle_conn_cur",
    tags: "MGP",
    type: "u32",
    doc: "Idle connections that only repeatable requests may use",
    of: { S: (row) => row.load(SERVER.idle) },
  },
  {
    // Every idle connection is given out under the rules of `http-reuse`: none is kept apart as safe.
    name: "safe_conn_cur",
    tags: "MGP",
    type: "u32",
    doc: "Idle connections that any request may use",
    of: { S: ZERO },
  },
  {
    name: "used_conn_cur",
    tags: "MGP",
    type: "u32",
    doc: "Connections in use",
    of: { S: (row) => Math.max(0, row.load(SERVER.conns) - row.load(SERVER.idle)) },
  },
  {
    name: "need_conn_est",
    tags: "MGP",
    type: "u32",
    doc: "Connections needed at once, of late",
    of: { S: (row) => row.load(SERVER.needed) },
  },
  {
    name: "uweight",
    tags: "MaP",
    type: "u32",
    doc: "Weight as it is set; of a backend that of the servers in use",
    of: { S: (row) => row.load(SERVER.weight), B: (row) => row.userWeight },
  },
  // Sums for the Prometheus exporter, which tells them by state; here they are 0 as HAProxy's are.
  { name: "agg_server_status", tags: "MGP", type: "u32", doc: "Servers by state (Prometheus)", of: { B: ZERO } },
  {
    name: "agg_server_check_status",
    tags: "MGP",
    type: "u32",
    doc: "Servers by result of their check (Prometheus)",
    of: { B: ZERO },
  },
  {
    name: "agg_check_status",
    tags: "MGP",
    type: "u32",
    doc: "Servers by result of their check (Prometheus)",
    of: { B: ZERO },
  },
];
