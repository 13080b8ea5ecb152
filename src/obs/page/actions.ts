// What an administrator may do to servers from the statistics page (configuration.txt 4.2 "stats admin"). The page's thread
// finds the servers; main, which alone changes them, does it and answers how many changed.
import type { Nudge, ProxyConfig, ServerControl } from "../../proxy/mod.ts";
import type { AdminForm } from "./request.ts";

/** Actions by the names of the form, with what people are shown, in the order of the list. */
export const SERVER_ACTIONS = {
  ready: "Set state to READY",
  drain: "Set state to DRAIN",
  maint: "Set state to MAINT",
  dhlth: "Health: disable checks",
  ehlth: "Health: enable checks",
  hrunn: "Health: force UP",
  hnolb: "Health: force NOLB",
  hdown: "Health: force DOWN",
  shutdown: "Kill Sessions",
} as const;
export type ServerAction = keyof typeof SERVER_ACTIONS;

/** How a form ended: the word behind ";st=" of the page it leads to. */
export type FormStatus = "DONE" | "NONE" | "PART" | "ERRP" | "EXCD" | "DENY" | "IVAL";

/** What a form asks for: an action on servers by their places in the layout; or why there is nothing to do. */
export interface Order {
  readonly action: ServerAction;
  readonly rows: readonly number[];
  /** Some of the servers are not known. */
  readonly partial: boolean;
}

/** Finds what a form speaks of. */
export function orderOf(form: AdminForm, configs: readonly ProxyConfig[]): Order | FormStatus {
  if (form.action === null || form.servers.length === 0) return "NONE";
  const action = form.action;
  if (!Object.hasOwn(SERVER_ACTIONS, action)) return "ERRP";
  let first = 0;
  for (const proxy of configs) {
    if (proxy.hasBackend && isNamed(proxy, form.backend)) {
      const rows = form.servers.map((name) => rowOf(proxy, first, name));
      const known = rows.filter((row) => row >= 0);
      if (known.length === 0) return "ERRP";
      return { action: action as ServerAction, rows: [...new Set(known)], partial: known.length < rows.length };
    }
    first += proxy.servers.length;
  }
  return "ERRP";
}

function isNamed(proxy: ProxyConfig, name: string | null): boolean {
  return name !== null && (name.startsWith("#") ? String(proxy.id) === name.slice(1) : proxy.name === name);
}

function rowOf(proxy: ProxyConfig, first: number, name: string): number {
  const index = proxy.servers.findIndex((server) => server.name === name);
  return index < 0 ? -1 : first + index;
}

/** What main does it with. */
export interface ActionHost {
  readonly servers: ServerControl;
  /** Tells all threads. */
  nudge(nudge: Nudge): void;
}

/** Main: does it; how many of the servers changed. */
export function performAction(host: ActionHost, action: ServerAction, rows: readonly number[]): number {
  return rows.filter((row) => {
    switch (action) {
      case "shutdown":
        host.nudge({ kind: "kill", server: row });
        return true;
      case "ehlth":
      case "dhlth":
        return changeChecks(host, row, action === "ehlth");
      case "hrunn":
      case "hnolb":
      case "hdown":
        return host.servers.checksOn(row) && host.servers.setHealth(row, HEALTHS[action]) === "";
      default:
        host.servers.setState(row, action);
        return true;
    }
  }).length;
}

const HEALTHS = { hrunn: "up", hnolb: "stopping", hdown: "down" } as const;

function changeChecks({ servers }: ActionHost, row: number, on: boolean): boolean {
  return servers.checksOn(row) !== on && servers.at(row).server.check && servers.setChecks(row, on) === "";
}
