// Figures of proxies and servers, the section's own or others by name (configuration.txt 7.3.2).
import { setBoolean, setInteger } from "../casts.ts";
import { ABSENT, type FetchEntry, FOUND, NEEDS, T_BOOL, T_SINT, type Txn } from "../types.ts";
import type { ProxyView, ServerView } from "../views.ts";
import { fetch } from "./define.ts";

const MANUAL = "7.3.2";
const needs = NEEDS.internal;

/** A figure of a proxy: the named one, or the section's own. */
function proxyFetch(
  name: string,
  doc: string,
  side: "frontend" | "backend",
  figure: (proxy: ProxyView) => number,
): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out: T_SINT,
    needs,
    args: [{ type: side, name: side, optional: true }],
    build([arg], env) {
      const own = (txn: Txn) => side === "frontend" ? txn.frontend : txn.backend ?? txn.frontend;
      return (txn, into) => {
        const proxy = typeof arg === "string" ? env.proxy(arg) : own(txn);
        if (proxy === undefined) return ABSENT;
        setInteger(into, figure(proxy));
        return FOUND;
      };
    },
  });
}

/** A figure of a server. */
function serverFetch(
  name: string,
  doc: string,
  out: number,
  figure: (server: ServerView) => number | boolean,
): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out,
    needs,
    args: [{ type: "server", name: "[<backend>/]<server>" }],
    build([arg], env) {
      const [proxy, server] = (arg as string).split("/");
      return (_txn, into) => {
        const view = env.server(proxy, server);
        if (view === undefined) return ABSENT;
        const value = figure(view);
        if (typeof value === "boolean") setBoolean(into, value);
        else setInteger(into, value);
        return FOUND;
      };
    },
  });
}

/** Queued for each usable server, rounded up; without any, twice as many as there are. */
function averageQueue(proxy: ProxyView): number {
  const usable = proxy.usableServers;
  return usable === 0 ? proxy.queued * 2 : Math.ceil(proxy.queued / usable);
}

/** Slots left on a server; -1: no limit. */
function freeSlots(server: ServerView): number {
  return server.slots === 0 ? -1 : Math.max(0, server.slots - server.currentSessions);
}

/** Slots left on the servers that the balancer picks from; -1 when one of them has no limit. */
function freeConnections(proxy: ProxyView): number {
  let free = 0;
  for (const server of proxy.servers) {
    if (!server.inService) continue;
    if (server.slots === 0) return -1;
    free += freeSlots(server);
  }
  return free;
}

/** Slots and places in queues left on all servers that are up; -1 when one of them has no limit. */
function connectionSlots(proxy: ProxyView): number {
  let slots = 0;
  for (const server of proxy.servers) {
    if (!server.usable) continue;
    if (server.maxconn === 0 || server.maxqueue === 0) return -1;
    slots += Math.max(0, server.maxconn - server.currentSessions) + Math.max(0, server.maxqueue - server.queued);
  }
  return slots;
}

export const proxyFetches: readonly FetchEntry[] = [
  ...proxyFetch("nbsrv", "usable servers of a backend", "backend", (proxy) => proxy.usableServers),
  ...proxyFetch("queue", "entries queued in a backend and its servers", "backend", (proxy) => proxy.queued),
  ...proxyFetch("avg_queue", "entries queued in a backend for each usable server", "backend", averageQueue),
  ...proxyFetch("be_conn", "current connections of a backend", "backend", (proxy) => proxy.stats.backendSessions),
  ...proxyFetch("be_conn_free", "connections that the servers of a backend still take", "backend", freeConnections),
  ...proxyFetch("connslots", "connections and queue places left in a backend", "backend", connectionSlots),
  ...proxyFetch(
    "be_sess_rate",
    "sessions of a backend in the last second",
    "backend",
    (proxy) => proxy.stats.backendSessionRate,
  ),
  ...proxyFetch("fe_conn", "current connections of a frontend", "frontend", (proxy) => proxy.stats.frontendSessions),
  ...proxyFetch(
    "fe_sess_rate",
    "sessions of a frontend in the last second",
    "frontend",
    (proxy) => proxy.stats.frontendSessionRate,
  ),
  ...proxyFetch(
    "fe_req_rate",
    "requests of a frontend in the last second",
    "frontend",
    (proxy) => proxy.stats.httpRequestRate,
  ),
  ...serverFetch("srv_is_up", "whether a server is usable", T_BOOL, (server) => server.usable),
  ...serverFetch("srv_conn", "current connections of a server", T_SINT, (server) => server.currentSessions),
  ...serverFetch("srv_conn_free", "connections a server still takes, -1 without a limit", T_SINT, freeSlots),
  ...serverFetch("srv_queue", "entries queued for a server", T_SINT, (server) => server.queued),
  ...serverFetch("srv_sess_rate", "sessions of a server in the last second", T_SINT, (server) => server.sessionRate),
  ...serverFetch("srv_iweight", "configured weight of a server", T_SINT, (server) => server.initialWeight),
  ...serverFetch("srv_uweight", "weight of a server as it was set last", T_SINT, (server) => server.weight),
  ...serverFetch("srv_weight", "weight of a server that counts now", T_SINT, (server) => server.currentWeight),
];
