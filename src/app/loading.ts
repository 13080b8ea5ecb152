// Loading as the program does it: from the files of the command line to a checked, resolved model, with the messages that
// belong to it. It opens nothing but the files the configuration names, so a check, a start and a reload share it.
import type { Model, Registry } from "../config/mod.ts";
import type { Sys } from "../sys/types.ts";
import type { CommandLine } from "./commandline.ts";
import { load } from "./load.ts";
import { resolveNames } from "./resolve.ts";
import { type ProcessSettings, processSettings } from "./settings.ts";
import type { StartupMessages } from "./startup.ts";

/** Exit statuses: an error; a valid configuration with nothing to listen on. */
export const EXIT_ERROR = 1;
export const EXIT_NO_LISTENER = 2;

export interface Loaded {
  readonly model: Model;
  readonly settings: ProcessSettings;
  /** There was at least one warning. */
  readonly warned: boolean;
}

export interface LoadingOptions {
  readonly line: CommandLine;
  readonly env: Readonly<Record<string, string>>;
  readonly registry: Registry;
  readonly sys: Pick<Sys, "fs" | "proc" | "dns">;
  readonly messages: StartupMessages;
  /** A master loads for its worker. */
  readonly masterWorker?: boolean;
}

/** Loads; a number is the exit status when it cannot be run, all reasons told. */
export async function loadConfiguration(options: LoadingOptions): Promise<Loaded | number> {
  const { line, env, registry, sys, messages, masterWorker } = options;
  const loaded = load({ files: line.sources, env, localPeer: line.localPeer, masterWorker }, registry, sys);
  let { model } = loaded;
  const diagnostics = [...loaded.diagnostics];
  if (model !== null) {
    const resolved = await resolveNames(model, sys.dns, line.ipv4Only);
    diagnostics.push(...resolved.diagnostics);
    model = resolved.diagnostics.some((d) => d.level === "ALERT") ? null : resolved.model;
  }
  const settings = model === null ? null : processSettings(model, registry);
  if (settings?.quiet && !line.verbose) messages.quiet = true;
  messages.tell(diagnostics, line.diagnostic);
  if (model === null || settings === null) return EXIT_ERROR;
  const warned = diagnostics.some((d) => d.level === "WARNING");
  if (warned && (line.zeroWarning || settings.zeroWarning)) {
    messages.say("ALERT", "config : Some warnings were found and 'zero-warning' is set. Aborting.");
    return EXIT_ERROR;
  }
  if (!hasListener(model)) {
    const verb = line.command === "check" ? "will not start" : "does not start";
    messages.plain(`Configuration file has no error but ${verb} (no listener) => exit(${EXIT_NO_LISTENER}).\n`);
    return EXIT_NO_LISTENER;
  }
  return { model, settings, warned };
}

function hasListener(model: Model): boolean {
  const sections = model.sections.filter((s) => s.kind === "frontend" || s.kind === "listen");
  return sections.some((s) => s.nodes.some((n) => n.keyword === "bind"));
}
