// Finding what a command names: proxies by name or "#id", servers by "backend/server".
import type { ControlPlane } from "../../proxy/mod.ts";

/** Whether a word names something with this name and number. */
function names(word: string, { name, id }: { readonly name: string; readonly id: number }): boolean {
  return word.startsWith("#") && /^#[0-9]+$/.test(word) ? Number(word.slice(1)) === id : word === name;
}

/** The place in the layout of a frontend; -1: there is none of that name or number. */
export function findFrontend(control: ControlPlane, word: string): number {
  return control.configs.findIndex((config) => config.hasFrontend && names(word, config));
}

/** As findFrontend(), of a backend. */
export function findBackend(control: ControlPlane, word: string): number {
  return control.configs.findIndex((config) => config.hasBackend && names(word, config));
}

/** The place in the layout of a server, or what is wrong with its name. */
export function findServer(control: ControlPlane, word: string | undefined): number | string {
  const slash = word === undefined ? -1 : word.indexOf("/");
  if (word === undefined || slash < 0) return "Require 'backend/server'.";
  const proxy = findBackend(control, word.slice(0, slash));
  if (proxy < 0) return "No such backend.";
  const name = word.slice(slash + 1);
  const row = control.servers.all.findIndex((s) => s.proxy === proxy && names(name, s.server));
  return row < 0 ? "No such server." : row;
}
