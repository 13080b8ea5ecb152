// The statistics page (configuration.txt 4.2 "stats enable"): what people know of HAProxy's, with the same columns in the
// same groups and the same meaning of colours. It is made a part at a time. Text that is not from here is escaped where it
// goes in.
import { digest, latin1ToBytes } from "../../base/mod.ts";
import { PROCESS } from "../../table/mod.ts";
import type { StatRow } from "../stat/mod.ts";
import { SERVER_ACTIONS } from "./actions.ts";
import type { StatsHost } from "./page.ts";
import { optionWords, type PageOptions } from "./request.ts";
import type { StatsSettings } from "./settings.ts";
import { SCRIPT, SHADES, STYLE } from "./style.ts";
import { modulesHead, rowHtml } from "./table.ts";
import { duration, escape, number } from "./text.ts";

/** What the page is about. */
export interface PageContext {
  readonly settings: StatsSettings;
  readonly options: PageOptions;
  /** The form is shown. */
  readonly admin: boolean;
  readonly host: StatsHost;
}

/** Nothing but what is in the page runs or is shown, and its form goes only here. */
export const CONTENT_SECURITY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; " +
  `base-uri 'none'; frame-ancestors 'self'; script-src 'sha256-${scriptHash()}'`;

function scriptHash(): string {
  return btoa(String.fromCharCode(...digest("sha256", latin1ToBytes(SCRIPT))!));
}

/** The whole page, part by part. */
export function* pageText(page: PageContext, rows: Iterable<StatRow>): Generator<string> {
  yield head(page);
  let open = -1;
  for (const row of rows) {
    if (row.place !== open) {
      if (open >= 0) yield endTable(page, open);
      open = row.place;
      yield beginTable(page, row);
    }
    yield rowHtml(row, page, hasForm(page, row.place));
  }
  if (open >= 0) yield endTable(page, open);
  yield `<footer>${page.settings.hideVersion ? "" : escape(page.host.version)}</footer></body></html>\n`;
}

// ---- above the tables -------------------------------------------------------------------------------------------

const STATUS: Readonly<Record<string, readonly [shade: string, text: string]>> = {
  DONE: ["good", "Action processed successfully."],
  NONE: ["fair", "Nothing has changed."],
  PART: ["fair", "Action partially processed: some of the servers are not known."],
  ERRP: ["bad", "Action not processed: the action, the backend or the servers are not known."],
  EXCD: ["bad", "Action not processed: the form does not fit in a buffer. Retry with fewer servers at a time."],
  DENY: ["bad", "Action denied."],
  IVAL: ["bad", "Invalid request."],
};

function head({ settings, options, host, admin }: PageContext): string {
  const node = settings.node === null || settings.node === "" ? "" : ` on ${escape(settings.node)}`;
  const desc = settings.desc === null || settings.desc === "" ? "" : `: ${escape(settings.desc)}`;
  const version = settings.hideVersion ? "" : `${escape(host.version)} &middot; `;
  const uri = escape(settings.uri);
  const link = (words: string, text: string) => `<li><a href="${uri}${escape(words)}">${text}</a></li>`;
  const here = optionWords(options);
  let said = "";
  if (options.status !== "") {
    const [shade, text] = STATUS[options.status] ?? ["fair", "Unexpected result."];
    said = `<div class="say ${shade}">${text} <a href="${uri}${
      escape(here)
    }" title="Remove this message">[X]</a></div>`;
  }
  const refresh = settings.refresh === 0
    ? ""
    : options.norefresh
    ? link(optionWords(options, "norefresh"), "Enable refresh")
    : link(`${here};norefresh`, "Disable refresh");
  const links = [
    options.up ? link(optionWords(options, "up"), "Show all servers") : link(`${here};up`, "Hide 'DOWN' servers"),
    options.noMaint
      ? link(optionWords(options, "no-maint"), "Show servers in maintenance")
      : link(`${here};no-maint`, "Hide servers in maintenance"),
    refresh,
    link(here, "Refresh now"),
    link(";csv;norefresh", "CSV export"),
    `<li><a href="${uri};json;norefresh">JSON export</a> (<a href="${uri};json-schema">schema</a>)</li>`,
  ].join("");
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Statistics${node}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body>
<header><h1>Statistics report for pid ${host.pid}${node}${desc}</h1><p>${version}general process information</p></header>
${said}<div class="top">
<div class="card"><h2>Process</h2><dl>${facts(host)}</dl></div>
<div class="card legend"><h2>Servers</h2><ul>${legend()}</ul></div>
<div class="card"><h2>Display options</h2><ul>${links}</ul>${scopeForm(settings, options)}</div>
</div>${admin ? `<script type="module">${SCRIPT}</script>` : ""}
`;
}

function facts({ source, pid, maxconn }: StatsHost): string {
  const { shared } = source;
  const lines: readonly (readonly [string, string])[] = [
    ["pid", String(pid)],
    ["uptime", duration(Math.floor(source.now() / 1000))],
    ["threads", String(shared.layout.threads)],
    ["connections", `${number(shared.load(PROCESS.conns))} of ${number(maxconn)}`],
    ["connection rate", `${number(shared.rate(PROCESS.connRate).read(source.now()))}/s`],
    ["session rate", `${number(shared.rate(PROCESS.sessRate).read(source.now()))}/s`],
  ];
  return lines.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("");
}

function legend(): string {
  return Object.entries(SHADES).map(([shade, text]) => `<li><i class="${shade}"></i>${text}</li>`).join("");
}

/** A form that asks for the proxies with a text in their names: what the URI has behind its "?" goes with it. */
function scopeForm({ uri }: StatsSettings, options: PageOptions): string {
  const query = uri.indexOf("?");
  const path = query < 0 ? uri : uri.slice(0, query);
  const kept = query < 0 ? "" : `<input type="hidden" name="${escape(uri.slice(query + 1).replace(/=$/, ""))}">`;
  return `<form method="get" action="${escape(path)}">${kept}` +
    `<label>Scope <input name="scope" size="8" maxlength="20" value="${escape(options.scope)}"></label></form>`;
}

// ---- tables -----------------------------------------------------------------------------------------------------

function hasForm({ admin, host }: PageContext, place: number): boolean {
  return admin && host.source.configs[place].servers.length > 0;
}

const GROUPS: readonly (readonly [name: string, columns: readonly string[]])[] = [
  ["Queue", ["Cur", "Max", "Limit"]],
  ["Session rate", ["Cur", "Max", "Limit"]],
  ["Sessions", ["Cur", "Max", "Limit", "Total", "LbTot", "Last"]],
  ["Bytes", ["In", "Out"]],
  ["Denied", ["Req", "Resp"]],
  ["Errors", ["Req", "Conn", "Resp"]],
  ["Warnings", ["Retr", "Redis"]],
  ["Server", ["Status", "LastChk", "Wght", "Act", "Bck", "Chk", "Dwn", "Dwntme", "Thrtle"]],
];

function beginTable(page: PageContext, { proxy, place }: StatRow): string {
  const name = escape(proxy.name);
  const { legends, modules, uri } = page.settings;
  const kind = proxy.kind === "listen" ? "proxy" : proxy.kind;
  const ids = legends ? `<small>cap: ${kind}, mode: ${proxy.mode}, id: ${proxy.id}</small>` : "";
  const desc = proxy.description === "" ? "" : `<span>${escape(proxy.description)}</span>`;
  const form = hasForm(page, place);
  const action = escape(uri + optionWords(page.options));
  const all = form ? `<th rowspan="2"><input type="checkbox" data-all aria-label="all servers"></th>` : "";
  const groups = GROUPS.map(([title, columns]) => `<th colspan="${columns.length}">${title}</th>`).join("");
  const columns = GROUPS.flatMap(([, titles]) => titles).map((title) => `<th>${title}</th>`).join("");
  const extra = modules ? modulesHead() : { group: "", columns: "" };
  return `<section id="${name}"><div class="name"><h2><a href="#${name}">${name}</a></h2>${ids}${desc}</div>` +
    (form ? `<form method="post" action="${action}">` : "") +
    `<table><thead><tr>${all}<th rowspan="2"></th>${groups}${extra.group}</tr><tr>${columns}${extra.columns}</tr></thead><tbody>\n`;
}

function endTable(page: PageContext, place: number): string {
  if (!hasForm(page, place)) return "</tbody></table></section>\n";
  const options = Object.entries(SERVER_ACTIONS).map(([name, text]) => `<option value="${name}">${text}</option>`).join(
    "",
  );
  return `</tbody></table><div class="act"><label>Choose the action to perform on the checked servers: ` +
    `<select name="action"><option value=""></option>${options}</select></label> ` +
    `<input type="hidden" name="b" value="#${page.host.source.configs[place].id}"><button>Apply</button></div>` +
    "</form></section>\n";
}
