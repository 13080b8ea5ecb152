// Loading as the program does it: from the files of the command line to a checked, resolved model, with the messages that
// belong to it. It opens nothing but the files the configuration names, so a check, a start and a reload share it.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { latin1ToBytes } from "../base/mod.ts";
import type { ConfigFs, GivenEnvironment, Model, Registry } from "../config/mod.ts";
import { fixedDescriptors, globalConfigOf, proxyConfigsOf, threadCount } from "../proxy/mod.ts";
import { type DenoSys, libcPath } from "../sys/deno/mod.ts";
import type { Fs } from "../sys/types.ts";
import type { CommandLine } from "./commandline.ts";
import { dumpStatement } from "./dump_config.ts";
import { isGranted, missingPermissions } from "./grants.ts";
import { load } from "./load.ts";
import { type Known, type Need, needsOf, variableNeeds } from "./permissions.ts";
import { type Identity, identityOf } from "./privileges.ts";
import { resolveNames } from "./resolve.ts";
import { type ProcessSettings, processSettings } from "./settings.ts";
import type { StartupMessages } from "./startup.ts";

/** Exit statuses: an error; a check of a valid configuration with nothing to listen on. */
export const EXIT_ERROR = 1;
const EXIT_NO_LISTENER = 2;

export interface Loaded {
  readonly model: Model;
  readonly settings: ProcessSettings;
  /** There was at least one warning. */
  readonly warned: boolean;
  /** What the process becomes once everything is open. */
  readonly identity: Identity;
  /** What it needs of the system. */
  readonly needs: readonly Need[];
}

export interface LoadingOptions {
  readonly line: CommandLine;
  readonly env: GivenEnvironment;
  readonly registry: Registry;
  readonly sys: DenoSys;
  readonly messages: StartupMessages;
  /** The program's main module. */
  readonly mainModule: URL;
  /** A master loads for its worker. */
  readonly masterWorker?: boolean;
}

/** Loads; a number is the exit status when it cannot be run, all reasons told. */
export async function loadConfiguration(options: LoadingOptions): Promise<Loaded | number> {
  const { line, env, registry, sys, messages, masterWorker } = options;
  const key = line.dumpConfiguration;
  let dump = "";
  const statement = key === null ? undefined : (words: readonly string[], section: boolean) => {
    dump += dumpStatement(words, section, key);
  };
  const paths = new Set<string>();
  const reading = { fs: recordingFs(sys.fs, paths), proc: sys.proc };
  const files = line.sources;
  const loaded = load({ files, env, localPeer: line.localPeer, masterWorker, statement }, registry, reading);
  if (dump !== "") sys.proc.stdout(latin1ToBytes(dump));
  const unread = missingPermissions(variableNeeds(loaded.asked), isGranted);
  let model = unread.length > 0 ? null : loaded.model;
  const diagnostics = [...unread, ...loaded.diagnostics];
  if (model !== null) {
    const resolved = await resolveNames(model, sys.dns, line);
    diagnostics.push(...resolved.diagnostics);
    model = resolved.diagnostics.some((d) => d.level === "ALERT") ? null : resolved.model;
  }
  const settings = model === null ? null : processSettings(model, registry);
  const identity = settings === null ? "" : identityOf(settings, reading.fs);
  if (settings !== null && typeof identity === "string") diagnostics.push({ level: "ALERT", at: null, text: identity });
  if (settings?.quiet && !line.verbose) messages.quiet = true;
  messages.tell(diagnostics, line.diagnostic);
  if (model === null || settings === null || typeof identity === "string") return EXIT_ERROR;
  const warned = diagnostics.some((d) => d.level === "WARNING");
  if (warned && (line.zeroWarning || settings.zeroWarning)) {
    messages.say("ALERT", "config : Some warnings were found and 'zero-warning' is set. Aborting.");
    return EXIT_ERROR;
  }
  if (!hasListener(model)) {
    if (line.command === "check") {
      const text = `Configuration file has no error but will not start (no listener) => exit(${EXIT_NO_LISTENER}).\n`;
      if (!messages.quiet) sys.proc.stdout(latin1ToBytes(text));
      return EXIT_NO_LISTENER;
    }
    messages.say("ALERT", "[haproxy.main()] No enabled listener found (check for 'bind' directives) ! Exiting.");
    return EXIT_ERROR;
  }
  const master = line.masterWorker || settings.masterWorker;
  const daemon = (line.daemon || settings.daemon) && !line.foreground && !line.debug;
  const needs = needsOf({
    ...configurationOf(model, registry, sys.proc.cpus),
    ...platformOf(sys, options.mainModule),
    loaded: loaded.model!,
    asked: loaded.asked,
    paths,
    maxconn: line.maxconn,
    pidFile: daemon || master ? line.pidFile ?? settings.pidFile : "",
    daemon,
    master,
    takesSockets: line.socketsFrom !== null,
    masterSockets: line.masterSockets,
    notify: line.notify ? sys.proc.env("NOTIFY_SOCKET") ?? "" : null,
    signals: line.finish.length + line.terminate.length > 0,
  });
  const missing = line.command === "run" ? missingPermissions(needs, isGranted) : [];
  if (missing.length === 0) return { model, settings, warned, identity, needs };
  messages.tell(missing, false);
  messages.say("ALERT", "Not all that the configuration needs is permitted ('--print-permissions' tells it). Exiting.");
  return EXIT_ERROR;
}

/** What a worker needs for a configuration that a master has loaded, and hands its sockets to it. */
export function workerNeeds(model: Model, registry: Registry, sys: DenoSys, mainModule: URL): Need[] {
  const known = { ...configurationOf(model, registry, sys.proc.cpus), ...platformOf(sys, mainModule) };
  const nothing = {
    asked: new Map(),
    paths: [],
    pidFile: "",
    daemon: false,
    master: false,
    takesSockets: false,
    masterSockets: [],
    notify: null,
    signals: false,
  };
  return needsOf({ ...known, ...nothing, loaded: model, maxconn: 0 });
}

function configurationOf(
  model: Model,
  registry: Registry,
  cpus: number,
): Pick<Known, "model" | "configs" | "global" | "fixed" | "commandsSetAddresses"> {
  const global = globalConfigOf(model, registry);
  const configs = proxyConfigsOf(model, registry, global);
  return {
    model,
    configs,
    global,
    fixed: fixedDescriptors(configs, threadCount(global, cpus)),
    commandsSetAddresses: registry.find("command", "set server") !== undefined,
  };
}

function platformOf(
  sys: DenoSys,
  mainModule: URL,
): Pick<Known, "io" | "program" | "runtime" | "libc" | "temporary" | "absolute"> {
  return {
    io: sys.io,
    program: modulesOf(mainModule),
    runtime: Deno.execPath(),
    libc: libcPath(),
    temporary: () => sys.proc.env("TMPDIR") ?? "/tmp",
    absolute: (path) => resolve(path),
  };
}

/** The one file of a bundle, or the folders of the sources. Nothing when the program does not come from files. */
function modulesOf(main: URL): string[] {
  if (main.protocol !== "file:") return [];
  const file = fileURLToPath(main);
  return import.meta.url === main.href ? [file] : [file, fileURLToPath(new URL("../", import.meta.url))];
}

/** A file system that remembers what was looked at. */
function recordingFs(fs: Fs, paths: Set<string>): ConfigFs {
  const record = <T>(path: string, result: T): T => {
    paths.add(path);
    return result;
  };
  return {
    readFile: (path) => record(path, fs.readFile(path)),
    readDir: (path) => record(path, fs.readDir(path)),
    kind: (path) => record(path, fs.kind(path)),
  };
}

/** Something is listened on: a frontend, or the runtime API alone. */
function hasListener(model: Model): boolean {
  if (model.sections.some((s) => s.kind === "global" && s.nodes.some((n) => n.keyword === "stats socket"))) return true;
  const sections = model.sections.filter((s) => s.kind === "frontend" || s.kind === "listen");
  return sections.some((s) => s.nodes.some((n) => n.keyword === "bind"));
}
