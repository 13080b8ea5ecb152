// What the process gives up once everything is open (configuration.txt 3.1 "chroot", "user", "group", "uid", "gid",
// "ulimit-n", "strict-limits", "insecure-fork-wanted", "insecure-setuid-wanted").
//
// Order: limits before anything is opened; after sockets, files, threads and the pid file: no program with more rights may
// be run, the root directory, groups, group, user. All threads of the process change together (the C library sees to it).
import type { Model, Registry } from "../config/mod.ts";
import {
  accountId,
  descriptorsFor,
  fixedDescriptors,
  globalConfigOf,
  proxyConfigsOf,
  threadCount,
} from "../proxy/mod.ts";
import type { System } from "../sys/deno/mod.ts";
import type { Fs } from "../sys/types.ts";
import type { ProcessSettings } from "./settings.ts";

/** What a process is to become. */
export interface Identity {
  /** -1: as it is. */
  readonly uid: number;
  readonly gid: number;
}

/** The numbers of the configured user and group; a string says what is wrong. Before the root directory changes. */
export function identityOf({ user, uid, group, gid }: ProcessSettings, fs: Pick<Fs, "readFile">): Identity | string {
  const userId = user === "" ? uid : accountId(fs, "/etc/passwd", user);
  if (typeof userId === "string") return `cannot find user id for '${user}' (${userId})`;
  const groupId = group === "" ? gid : accountId(fs, "/etc/group", group);
  if (typeof groupId === "string") return `cannot find group id for '${group}' (${groupId})`;
  return { uid: userId, gid: groupId };
}

/** Gives up what the settings say. "", or why not: the process has to end then. `warn` is told what is less than asked. */
export function dropPrivileges(
  system: System,
  settings: ProcessSettings,
  { uid, gid }: Identity,
  warn: (text: string) => void,
): string {
  // Where the library may not be used, nothing was asked that needs it.
  if (!settings.setuidWanted) system.forbidNewPrivileges();
  if (settings.chroot !== "") {
    const reason = system.changeRoot(settings.chroot);
    if (reason !== "") return `Cannot chroot(${settings.chroot}): ${reason}.`;
  }
  if (gid >= 0) {
    const groups = system.clearGroups();
    if (groups !== "") {
      warn(
        `Failed to drop supplementary groups: ${groups}. Using 'gid'/'group' without 'uid'/'user' is generally useless.`,
      );
    }
    const reason = system.setGroup(gid);
    if (reason !== "") return `Cannot set gid ${gid}: ${reason}.`;
  } else if (uid > 0) {
    const groups = system.clearGroups();
    if (groups !== "") warn(`Failed to drop supplementary groups: ${groups}.`);
  }
  if (uid >= 0) {
    const reason = system.setUser(uid);
    if (reason !== "") return `Cannot set uid ${uid}: ${reason}.`;
  }
  return "";
}

/** What limitDescriptors() needs to know. */
export interface Limits {
  readonly settings: Pick<ProcessSettings, "ulimitN" | "strictLimits">;
  /** Connections as configured, 0 when not. */
  readonly maxconn: number;
  /** Descriptors beside those of connections. */
  readonly fixed: number;
}

/** `maxconn`: of the command line, 0 when not given. */
export function limitsOf(
  model: Model,
  registry: Registry,
  settings: ProcessSettings,
  maxconn: number,
  cpus: number,
): Limits {
  const global = globalConfigOf(model, registry);
  const fixed = fixedDescriptors(proxyConfigsOf(model, registry, global), threadCount(global, cpus));
  return { settings, maxconn: maxconn || global.maxconn, fixed };
}

/**
 * Sets the limit of descriptors to `ulimit-n`, or raises it to what the connections need as far as the system lets it
 * (Process tells when that is too little). "", or why the process has to end; with `no strict-limits` that is a warning.
 */
export function limitDescriptors(
  system: System,
  { settings, maxconn, fixed }: Limits,
  warn: (text: string) => void,
): string {
  const limits = system.descriptorLimits();
  if (typeof limits === "string") return "";
  const { ulimitN, strictLimits } = settings;
  const [soft, hard] = limits;
  const wanted = ulimitN || (maxconn > 0 ? descriptorsFor(maxconn, fixed) : 0);
  if (ulimitN === 0 && wanted <= soft) return "";
  if (system.setDescriptorLimits(wanted, Math.max(wanted, hard)) === "") return "";
  system.setDescriptorLimits(Math.min(wanted, hard), hard);
  if (ulimitN === 0) return "";
  const text = `Cannot raise FD limit to ${wanted}, limit is ${hard}.`;
  if (strictLimits) return text;
  warn(text);
  return "";
}
