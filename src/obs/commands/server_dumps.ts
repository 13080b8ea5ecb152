// "show servers state" and "show servers conn" (management.txt 9.3).
import {
  ADMIN_MAINT_CONFIG,
  CHK_INI,
  CHK_L4CON,
  CHK_L4OK,
  CHK_L4TOUT,
  CHK_L7OK,
  CHK_L7OKC,
  CHK_L7RSP,
  CHK_L7STS,
  CHK_L7TOUT,
  CHK_SOCKERR,
  CHK_UNK,
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  type ControlPlane,
  inMaintenance,
  isStopping,
  passed,
  slowStartPercent,
} from "../../proxy/mod.ts";
import { C, SERVER, serverRow, serverWord } from "../../table/mod.ts";
import { type Hide, hider } from "../anon.ts";
import { command } from "./define.ts";

const STATE_COLUMNS = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight " +
  "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state " +
  "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr " +
  "srv_agent_port\n";

/** Operational states. */
const STOPPED = 0;
const STARTING = 1;
const RUNNING = 2;
const STOPPING = 3;

/** Results of checks. */
const RESULT_UNKNOWN = 0;
const RESULT_FAILED = 2;
const RESULT_PASSED = 3;
const RESULT_CONDITIONAL = 4;

/** Bits of the state of a check. */
const CHECK_CONFIGURED = 2;
const CHECK_ENABLED = 4;
const CHECK_PAUSED = 8;

/** HAProxy's numbers of the statuses of checks. */
const STATUS_NUMBERS: Readonly<Record<number, number>> = {
  [CHK_UNK]: 0,
  [CHK_INI]: 1,
  [CHK_SOCKERR]: 5,
  [CHK_L4OK]: 6,
  [CHK_L4TOUT]: 7,
  [CHK_L4CON]: 8,
  [CHK_L7TOUT]: 12,
  [CHK_L7RSP]: 13,
  [CHK_L7OK]: 15,
  [CHK_L7OKC]: 16,
  [CHK_L7STS]: 17,
};

/** The places of the servers of a backend, or of all; a string: there is no such backend. */
function wanted({ control, words }: CommandContext): number[] | string {
  const { configs, servers } = control;
  const [word] = words;
  const rows = [...servers.all.keys()];
  if (word === undefined) return rows;
  const backends = configs.filter((c) => c.hasBackend);
  const found = backends.find((c) => c.name === word) ?? backends.find((c) => word === String(c.id));
  return found === undefined ? "Can't find backend." : rows.filter((row) => servers.at(row).backend === found);
}

/** A dump of a line a server, made as it is sent. */
function dump(
  head: (control: ControlPlane) => string,
  line: (control: ControlPlane, row: number, hide: Hide) => string,
) {
  return (context: CommandContext): CommandAnswer => {
    const rows = wanted(context);
    if (typeof rows === "string") return commandError(rows);
    const { control, session } = context;
    const hide = hider(session);
    return (function* () {
      yield head(control);
      for (const row of rows) yield line(control, row, hide);
    })();
  };
}

function stateLine(control: ControlPlane, row: number, hide: Hide): string {
  const { shared, sys } = control;
  const { backend, server } = control.servers.at(row);
  const word = serverWord(shared.layout, row);
  const load = (at: number) => shared.load(word + at);
  const admin = load(SERVER.admin);
  const status = load(SERVER.checkStatus);
  const { host, port } = place(control, row);
  const checked = server.check;
  const maintenance = inMaintenance(admin);
  const paused = checked ? maintenance : (admin & ADMIN_MAINT_CONFIG) !== 0;
  const checkState = (paused ? CHECK_PAUSED : 0) |
    (checked ? load(SERVER.checking) | CHECK_CONFIGURED : 0) |
    (checked && load(SERVER.checkOff) === 0 ? CHECK_ENABLED : 0);
  // The counter of a server that nobody checks stays where it began.
  const health = checked ? load(SERVER.health) : maintenance ? 0 : server.rise;
  const checkAddress = server.checkAddress;
  return [
    backend.id,
    hide(backend.name),
    server.id,
    hide(server.name),
    hidden(host, hide),
    operational(control, row),
    admin,
    load(SERVER.weight),
    server.weight,
    Math.floor(sys.clock.now() / 1000) - load(SERVER.lastChange),
    checked ? STATUS_NUMBERS[status] ?? 0 : 1,
    checked ? result(status) : RESULT_UNKNOWN,
    health,
    checkState,
    0,
    forced(backend.forcedId),
    forced(server.forcedId),
    server.address.family === "name" ? hide(server.address.host) : "-",
    port,
    "-",
    0,
    server.checkPort,
    checkAddress === null ? "-" : hide(checkAddress.host),
    "-",
    0,
  ].join(" ") + "\n";
}

/** "-" stands for no address, and stays. */
function hidden(host: string, hide: Hide): string {
  return host === "-" ? host : hide(host);
}

function forced(is: boolean): number {
  return is ? 1 : 0;
}

function operational(control: ControlPlane, row: number): number {
  const { shared, sys } = control;
  const { server } = control.servers.at(row);
  const word = serverWord(shared.layout, row);
  if (inMaintenance(shared.load(word + SERVER.admin))) return STOPPED;
  if (shared.load(word + SERVER.health) < server.rise) return STOPPED;
  if (isStopping(shared, word)) return STOPPING;
  return slowStartPercent(shared, row, server.slowstartMs, sys.clock.now()) < 100 ? STARTING : RUNNING;
}

function result(status: number): number {
  if (status === CHK_L7OKC) return RESULT_CONDITIONAL;
  if (passed(status)) return RESULT_PASSED;
  return status === CHK_UNK || status === CHK_INI || status === CHK_L7TOUT ? RESULT_UNKNOWN : RESULT_FAILED;
}

/** Where a server is reached: "-" and 0 when it has no IP address. */
function place(control: ControlPlane, row: number): { host: string; port: number } {
  const address = control.servers.address(row);
  return address === null || address.family === "unix" ? { host: "-", port: 0 } : address;
}

function connectionsLine(control: ControlPlane, row: number, hide: Hide): string {
  const { shared } = control;
  const { layout } = shared;
  const { backend, server } = control.servers.at(row);
  const word = serverWord(layout, row);
  const { host, port } = place(control, row);
  const idle = shared.load(word + SERVER.idle);
  const used = Math.max(0, shared.load(word + SERVER.conns) - idle);
  const perThread = Array.from({ length: layout.threads }, (_, i) => shared.heldBy(i + 1, word + SERVER.idle));
  return [
    `${hide(backend.name)}/${hide(server.name)}`,
    `${backend.id}/${server.id}`,
    hidden(host, hide),
    port,
    "-",
    server.poolPurgeDelayMs,
    used,
    Math.max(used, shared.total(serverRow(layout, row), C.smax)),
    shared.load(word + SERVER.needed),
    0,
    idle,
    server.poolMaxConn,
    idle,
    ...perThread,
  ].join(" ") + "\n";
}

export const serverDumps: readonly CommandEntry[] = [
  command(
    "show servers state",
    "show servers state [<backend>]",
    "dump volatile server information (all or for a single backend)",
    "user",
    dump(() => `1\n${STATE_COLUMNS}`, stateLine),
  ),
  command(
    "show servers conn",
    "show servers conn [<backend>]",
    "dump server connections status (all or for a single backend)",
    "user",
    dump(
      ({ shared }) =>
        "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim " +
        `idle_cur idle_per_thr[${shared.layout.threads}]\n`,
      connectionsLine,
    ),
  ),
];
