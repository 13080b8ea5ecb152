// One object of the statistics as a row of the page's table: the values of the CSV columns, put where people look for them,
// with the rest under the pointer.
import { SERVER } from "../../table/mod.ts";
import { S_DOWN, S_GOING_DOWN, S_GOING_UP, S_MAINT, serverState } from "../../proxy/mod.ts";
import {
  type BackendRow,
  type ServerRow,
  STAT_MODULES,
  STATIC_COLUMNS,
  type StatRow,
  type StatValue,
  valueOf,
} from "../stat/mod.ts";
import type { PageContext } from "./html.ts";
import type { Shade } from "./style.ts";
import { duration, escape, number } from "./text.ts";

/** The values of a row by the names of their columns. */
class Values {
  readonly #values = new Map<string, StatValue>();

  constructor(row: StatRow) {
    for (const column of STATIC_COLUMNS) this.#values.set(column.name, valueOf(column, row));
  }

  raw(name: string): StatValue {
    return this.#values.get(name) ?? null;
  }

  number(name: string): number {
    return Number(this.raw(name) ?? 0);
  }

  /** A number for people, "" when there is none. */
  text(name: string): string {
    const value = this.raw(name);
    return value === null ? "" : typeof value === "number" ? number(value) : escape(value);
  }
}

function cell(text: string, shade = ""): string {
  return shade === "" ? `<td>${text}</td>` : `<td class="${shade}">${text}</td>`;
}

/** A value with more behind it: pairs of what and how much. */
function tip(text: string, lines: readonly (readonly [string, string])[]): string {
  if (lines.length === 0) return text;
  const pairs = lines.map(([name, value]) => `<b>${name}</b><s>${value}</s>`).join("");
  return `<span class="tip" tabindex="0">${text}<span>${pairs}</span></span>`;
}

/** A row of the table; `form`: a column for the marks comes first. */
export function rowHtml(row: StatRow, page: PageContext, form: boolean): string {
  const v = new Values(row);
  const cells = [
    ...queue(row, v),
    ...rates(row, v),
    ...sessions(row, v),
    ...bytes(v),
    cell(v.text("dreq")),
    cell(v.text("dresp")),
    cell(v.text("ereq")),
    cell(v.text("econ")),
    cell(responseErrors(v)),
    cell(v.text("wretr")),
    cell(v.text("wredis")),
    ...state(row, v),
  ];
  if (page.settings.modules) cells.push(modules(row));
  const mark = row.kind === "S"
    ? `<td><input type="checkbox" name="s" value="${escape(row.name)}" aria-label="${escape(row.name)}"></td>`
    : "<td></td>";
  const anchor = escape(`${row.proxy.name}/${anchorName(row)}`);
  return `<tr class="${shadeOf(row)}" id="${anchor}">${form ? mark : ""}<th>${title(row, v, page)}</th>${
    cells.join("")
  }</tr>\n`;
}

function anchorName(row: StatRow): string {
  return row.kind === "F" ? "Frontend" : row.kind === "B" ? "Backend" : row.kind === "L" ? `+${row.name}` : row.name;
}

function title(row: StatRow, v: Values, page: PageContext): string {
  const name = row.kind === "F" ? "Frontend" : row.kind === "B" ? "Backend" : escape(row.name);
  if (!page.settings.legends) return name;
  const lines: [string, string][] = [];
  if (row.kind === "S" || row.kind === "L") lines.push(["address", v.text("addr")], ["id", String(row.id)]);
  if (row.kind === "B") lines.push(["balancing", v.text("algo")]);
  if (v.raw("cookie") !== null) lines.push(["cookie", v.text("cookie")]);
  return tip(name, lines);
}

function queue(row: StatRow, v: Values): string[] {
  if (row.kind === "F" || row.kind === "L") return [cell(""), cell(""), cell("")];
  return [cell(v.text("qcur")), cell(v.text("qmax")), cell(row.kind === "S" ? v.text("qlimit") || "-" : "")];
}

function rates(row: StatRow, v: Values): string[] {
  if (row.kind === "L") return [cell(""), cell(""), cell("")];
  if (row.kind !== "F") return [cell(v.text("rate")), cell(v.text("rate_max")), cell("")];
  const now: [string, string][] = [["connections/s", v.text("conn_rate")], ["sessions/s", v.text("rate")]];
  const most: [string, string][] = [["connections/s", v.text("conn_rate_max")], ["sessions/s", v.text("rate_max")]];
  if (row.http) {
    now.push(["requests/s", v.text("req_rate")]);
    most.push(["requests/s", v.text("req_rate_max")]);
  }
  const limit = v.number("rate_lim");
  return [cell(tip(v.text("rate"), now)), cell(tip(v.text("rate_max"), most)), cell(limit === 0 ? "-" : number(limit))];
}

function sessions(row: StatRow, v: Values): string[] {
  const last = v.raw("lastsess");
  return [
    cell(row.kind === "S" ? tip(v.text("scur"), connections(v)) : v.text("scur")),
    cell(v.text("smax")),
    cell(v.number("slim") === 0 ? "-" : v.text("slim")),
    cell(tip(v.text("stot"), totals(row, v))),
    cell(v.text("lbtot")),
    cell(last === null ? "" : last === -1 ? "?" : duration(Number(last))),
  ];
}

/** The connections of a server. */
function connections(v: Values): [string, string][] {
  return [
    ["active sessions", v.text("scur")],
    ["used connections", v.text("used_conn_cur")],
    ["idle connections", v.text("srv_icur")],
    ["needed of late", v.text("need_conn_est")],
    ["limit of idle ones", v.text("src_ilim") || "-"],
  ];
}

/** What became of the sessions. */
function totals(row: StatRow, v: Values): [string, string][] {
  const lines: [string, string][] = [];
  const line = (name: string, column: string) => {
    if (v.raw(column) !== null) lines.push([name, v.text(column)]);
  };
  line("connections", "conn_tot");
  lines.push(["sessions", v.text("stot")]);
  line("new connections", "connect");
  line("reused connections", "reuse");
  line("HTTP requests", "req_tot");
  for (const status of ["1xx", "2xx", "3xx", "4xx", "5xx"]) line(`responses ${status}`, `hrsp_${status}`);
  line("other responses", "hrsp_other");
  line("answered here", "intercepted");
  line("cache lookups", "cache_lookups");
  line("cache hits", "cache_hits");
  line("failed rewrites", "wrew");
  line("internal errors", "eint");
  if (row.kind === "S" || row.kind === "B") {
    for (
      const [name, column] of [["queue", "qtime"], ["connect", "ctime"], ["response", "rtime"], ["total", "ttime"]]
    ) {
      lines.push([`${name} time, max / mean`, `${v.text(`${column}_max`)} / ${v.text(column)} ms`]);
    }
  }
  return lines;
}

function bytes(v: Values): string[] {
  if (v.raw("comp_in") === null || v.number("comp_in") + v.number("comp_byp") === 0) {
    return [cell(v.text("bin")), cell(v.text("bout"))];
  }
  const lines: [string, string][] = [
    ["compression in", v.text("comp_in")],
    ["compression out", v.text("comp_out")],
    ["passed by", v.text("comp_byp")],
  ];
  return [cell(v.text("bin")), cell(tip(v.text("bout"), lines))];
}

function responseErrors(v: Values): string {
  if (v.raw("eresp") === null) return "";
  return tip(v.text("eresp"), [["broken off by clients", v.text("cli_abrt")], ["by servers", v.text("srv_abrt")]]);
}

/** Status and checks. */
function state(row: StatRow, v: Values): string[] {
  if (row.kind === "F" || row.kind === "L") return [cell(v.text("status"), "text"), ...Array<string>(8).fill(cell(""))];
  const since = duration(v.number("lastchg"));
  const weight = `${v.text("weight")}/${v.text("uweight")}`;
  if (row.kind === "B") {
    const shade = backendShade(row);
    const text = shade === "active-going-up" ? "DOWN, going UP" : v.text("status");
    return [
      cell(`${since} ${text}`, shade === null ? "text" : `text ${shade}`),
      cell(""),
      cell(weight, "text"),
      cell(v.text("act")),
      cell(v.text("bck")),
      cell(""),
      cell(v.text("chkdown")),
      cell(v.raw("downtime") === null ? "" : duration(v.number("downtime"))),
      cell(""),
    ];
  }
  const status = v.text("status");
  const throttle = v.raw("throttle");
  return [
    cell(status === "no check" ? "<em>no check</em>" : `${since} ${status}`, "text"),
    cell(lastCheck(v), "text"),
    cell(weight, "text"),
    cell(row.server.backup ? "-" : "Y", "text"),
    cell(row.server.backup ? "Y" : "-", "text"),
    cell(v.text("chkfail")),
    cell(v.text("chkdown")),
    cell(v.raw("downtime") === null ? "" : duration(v.number("downtime"))),
    cell(throttle === null ? "-" : `${throttle}%`),
  ];
}

function lastCheck(v: Values): string {
  const status = v.text("check_status");
  if (status === "" || v.raw("check_duration") === null) return status;
  const code = v.raw("check_code") === null ? "" : `/${v.text("check_code")}`;
  const lines: [string, string][] = [["what", v.text("check_desc")], [
    "health",
    `${v.text("check_health")} (rise ${v.text("check_rise")}, fall ${v.text("check_fall")})`,
  ]];
  if (v.text("last_chk") !== "") lines.push(["it said", v.text("last_chk")]);
  return tip(`${status}${code} in ${v.text("check_duration")}ms`, lines);
}

// ---- colours ----------------------------------------------------------------------------------------------------

function shadeOf(row: StatRow): string {
  switch (row.kind) {
    case "F":
      return "front";
    case "L":
      return "listener";
    case "B":
      return "back";
    default:
      return serverShade(row);
  }
}

function serverShade(row: ServerRow): Shade {
  const { server } = row;
  const status = String(valueOf(STATUS_COLUMN, row));
  if (status.startsWith("MAINT")) return "maint";
  if (status.startsWith("DRAIN") || status.startsWith("NOLB")) return "drain";
  if (status === "no check") return "no-check";
  switch (serverState(0, row.load(SERVER.health), server.rise, server.fall, true)) {
    case S_MAINT:
    case S_DOWN:
      return "active-down";
    case S_GOING_UP:
      return server.backup ? "backup-going-up" : "active-going-up";
    case S_GOING_DOWN:
      return server.backup ? "backup-going-down" : "active-going-down";
    default:
      return server.backup ? "backup-up" : "active-up";
  }
}

const STATUS_COLUMN = STATIC_COLUMNS.find((column) => column.name === "status")!;

/** A backend that is down is red, orange while one of its servers is going up; null: it is up. */
function backendShade(row: BackendRow): Shade | null {
  if (row.up) return null;
  return row.goingUp ? "active-going-up" : "active-down";
}

// ---- modules ----------------------------------------------------------------------------------------------------

/** The columns of `stats show-modules`. */
export function modulesHead(): { readonly group: string; readonly columns: string } {
  return {
    group: `<th colspan="${STAT_MODULES.length}">Extra modules</th>`,
    columns: STAT_MODULES.map((module) => `<th>${module.name}</th>`).join(""),
  };
}

function modules(row: StatRow): string {
  return STAT_MODULES.map(({ name, columns }) => {
    const lines = columns.flatMap((column): [string, string][] => {
      const value = valueOf(column, row);
      return value === null ? [] : [[column.doc, number(Number(value))]];
    });
    return cell(lines.length === 0 ? "" : tip(name, lines), "text");
  }).join("");
}
