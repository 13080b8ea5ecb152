// Which objects are shown, in HAProxy's order: of each proxy its frontend, its listeners, its servers, its backend
// (management.txt 9.3 "show stat").
import type { ProxyConfig } from "../../proxy/mod.ts";
import { serverStatus } from "../../proxy/mod.ts";
import { BackendRow, FrontendRow, ListenerRow, ServerRow, type StatRow, type StatSource } from "./rows.ts";

/** Bits of `types`. */
const SHOW_FRONTENDS = 1;
const SHOW_BACKENDS = 2;
const SHOW_SERVERS = 4;
const SHOW_LISTENERS = 8;
const SHOW_ALL = -1;

export interface Selection {
  /** Id of the only proxy; -1: all. */
  readonly proxy: number;
  /** SHOW_ bits; -1: all. */
  readonly types: number;
  /** Id of the only server or listener; -1: all. */
  readonly id: number;
  /** Leave out servers that are down or in maintenance. */
  readonly up: boolean;
  /** Leave out servers in maintenance. */
  readonly noMaint: boolean;
  /** False: the proxy is not shown. */
  shows(proxy: ProxyConfig): boolean;
}

/** Everything. */
export const EVERYTHING: Selection = {
  proxy: -1,
  types: SHOW_ALL,
  id: -1,
  up: false,
  noMaint: false,
  shows: () => true,
};

/** The rows of a selection, made one at a time as they are asked for. */
export function* selectRows(source: StatSource, selection: Selection): Generator<StatRow> {
  let server = 0;
  let listener = 0;
  for (let place = 0; place < source.configs.length; place++) {
    const proxy = source.configs[place];
    const firstServer = server;
    const firstListener = listener;
    server += proxy.servers.length;
    listener += proxy.binds.length;
    if (isShown(proxy, selection)) yield* rowsOf(source, selection, place, firstServer, firstListener);
  }
}

/** Whether any of a proxy is shown. */
function isShown(proxy: ProxyConfig, selection: Selection): boolean {
  return !proxy.disabled && (selection.proxy < 0 || proxy.id === selection.proxy) && selection.shows(proxy);
}

function* rowsOf(
  source: StatSource,
  selection: Selection,
  place: number,
  firstServer: number,
  firstListener: number,
): Generator<StatRow> {
  const proxy = source.configs[place];
  const { types, id } = selection;
  const wanted = (item: { readonly id: number }) => id < 0 || item.id === id;
  if (proxy.hasFrontend && (types & SHOW_FRONTENDS) !== 0) yield new FrontendRow(source, place);
  if (proxy.socketStats && (types & SHOW_LISTENERS) !== 0) {
    for (let i = 0; i < proxy.binds.length; i++) {
      const bind = proxy.binds[i];
      if (wanted(bind)) yield new ListenerRow(source, place, firstListener + i, bind);
    }
  }
  if (!proxy.hasBackend) return;
  if ((types & SHOW_SERVERS) !== 0) {
    for (let i = 0; i < proxy.servers.length; i++) {
      const row = new ServerRow(source, place, firstServer + i, proxy.servers[i]);
      if (wanted(row) && !isHidden(row, selection)) yield row;
    }
  }
  if ((types & SHOW_BACKENDS) !== 0) yield new BackendRow(source, place, firstServer);
}

function isHidden(row: ServerRow, { up, noMaint }: Selection): boolean {
  if (!up && !noMaint) return false;
  const status = serverStatus(row.source.shared, row.index, row.server);
  return status.startsWith("MAINT") || (up && !row.serving);
}
