// The program: from the command line to a running process, its signals and its exit status (management.txt 3 and 4).
//
// Order: command line, folder, configuration, checks, names, listening sockets, threads, pid file, older processes.
import { BlockPool } from "../base/mod.ts";
import { evalConditionLine, type Level, type Model, renderDiagnostics, renderMessage } from "../config/mod.ts";
import { createDenoSys, type DenoSys, type IoLayer } from "../sys/deno/mod.ts";
import { type CommandLine, parseCommandLine, USAGE } from "./commandline.ts";
import { runInBackground, tellReady, wantsReady } from "./daemon.ts";
import { dumpKeywords } from "./dump.ts";
import { facts, load } from "./load.ts";
import { entries, programRegistry } from "./manifest.ts";
import { Process } from "./process.ts";
import { resolveNames } from "./resolve.ts";
import { processSettings } from "./settings.ts";
import { tuneSettings } from "./tune.ts";
import { runTermEvents } from "./term_events.ts";
import { HAPROXY_VERSION, SLUICE_VERSION, versionLine, versionReport } from "./version.ts";

/** Exit statuses: an error; a valid configuration with nothing to listen on; SIGINT and SIGTERM as shells tell them. */
const EXIT_ERROR = 1;
const EXIT_NO_LISTENER = 2;
const EXIT_INT = 130;
const EXIT_TERM = 143;

/** Runs the program with the words after its name. Ends the process. */
export async function main(words: readonly string[]): Promise<never> {
  if (words[0] === "explain") Deno.exit(await explain(words.slice(1)));
  if (words[0] === "term_events") Deno.exit(termEvents(words.slice(1)));
  const line = parseCommandLine(words);
  if (typeof line === "string") {
    print(renderMessage("ALERT", Deno.pid, line) + "\n");
    print(USAGE);
    Deno.exit(EXIT_ERROR);
  }
  Deno.exit(await new Boot(line).run());
}

function print(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch { /* nobody reads it */ }
}

/** `sluice term_events`. */
function termEvents(words: readonly string[]): number {
  const { text, status } = runTermEvents(words, () => Deno.readTextFileSync("/dev/stdin"));
  console.log(text.trimEnd());
  return status;
}

/** `sluice explain`: nothing of it is loaded otherwise. */
async function explain(words: readonly string[]): Promise<number> {
  const { runExplain } = await import("./explain/mod.ts");
  const sys = denoSys("public", new BlockPool());
  if (typeof sys === "string") throw new Error(sys);
  return await runExplain(words, {
    fs: sys.fs,
    proc: sys.proc,
    env: Deno.env.toObject(),
    enter(folder) {
      try {
        Deno.chdir(folder);
        return true;
      } catch {
        return false;
      }
    },
  });
}

function denoSys(io: IoLayer, blocks: BlockPool): DenoSys | string {
  const threadEntry = new URL("./thread_entry.ts", import.meta.url);
  return createDenoSys({ io, blocks, origin: performance.timeOrigin, threadEntry });
}

class Boot {
  readonly #line: CommandLine;
  /** No messages: -q, `quiet`. */
  #quiet: boolean;
  #introduced = false;

  constructor(line: CommandLine) {
    this.#line = line;
    this.#quiet = line.quiet;
  }

  async run(): Promise<number> {
    const line = this.#line;
    switch (line.command) {
      case "usage":
        print(versionLine() + USAGE);
        return EXIT_ERROR;
      case "version":
        console.log(versionLine().trimEnd());
        return 0;
      case "report":
        console.log(report().trimEnd());
        return 0;
      case "condition":
        return this.#condition();
      default:
        return await this.#start();
    }
  }

  // ---- messages ---------------------------------------------------------------------------------------------------

  readonly #say = (level: Level, text: string): void => {
    if (this.#quiet) return;
    this.#introduce();
    print(renderMessage(level, Deno.pid, text) + "\n");
  };

  /** What is said before the first message. */
  #introduce(): void {
    if (this.#introduced) return;
    this.#introduced = true;
    this.#say("NOTICE", `haproxy version is ${HAPROXY_VERSION}-sluice-${SLUICE_VERSION}`);
    this.#say("NOTICE", `path to executable is ${Deno.execPath()}`);
  }

  // ---- -cc --------------------------------------------------------------------------------------------------------

  #condition(): number {
    const result = evalConditionLine(this.#line.condition, facts, new Map(Object.entries(Deno.env.toObject())));
    if (typeof result === "boolean") return result ? 0 : 1;
    this.#say("ALERT", `config : Failed to evaluate condition: ${result}`);
    return 2;
  }

  // ---- -c and running ---------------------------------------------------------------------------------------------

  async #start(): Promise<number> {
    const line = this.#line;
    if (line.folder !== null) {
      try {
        Deno.chdir(line.folder);
      } catch {
        this.#say("ALERT", `Could not change to directory ${line.folder}.`);
        return EXIT_ERROR;
      }
    }
    for (const text of line.ineffective) this.#say("NOTICE", text);
    if (line.sources.length === 0) {
      print(USAGE);
      return EXIT_ERROR;
    }
    const registry = programRegistry();
    const sys = this.#sys(new BlockPool());
    if (sys === null) return EXIT_ERROR;
    const env = Deno.env.toObject();
    const loaded = load({ files: line.sources, env, localPeer: line.localPeer }, registry, sys);
    let { model } = loaded;
    const diagnostics = [...loaded.diagnostics];
    if (model !== null) {
      const resolved = await resolveNames(model, sys.dns);
      diagnostics.push(...resolved.diagnostics);
      model = resolved.diagnostics.length > 0 ? null : resolved.model;
    }
    const settings = model === null ? null : processSettings(model, registry);
    if (settings?.quiet && !line.verbose) this.#quiet = true;
    const text = renderDiagnostics(diagnostics, { pid: Deno.pid, diagnosticMode: line.diagnostic });
    if (text !== "" && !this.#quiet) {
      this.#introduce();
      print(text);
    }
    if (line.dumpKeywords.length > 0) console.log(dumpKeywords(entries, line.dumpKeywords).trimEnd());
    if (model === null || settings === null) return EXIT_ERROR;
    const warned = diagnostics.some((d) => d.level === "WARNING");
    if (warned && (line.zeroWarning || settings.zeroWarning)) {
      this.#say("ALERT", "config : Some warnings were found and 'zero-warning' is set. Aborting.");
      return EXIT_ERROR;
    }
    if (!hasListener(model)) {
      const verb = line.command === "check" ? "will not start" : "does not start";
      if (!this.#quiet) {
        print(`Configuration file has no error but ${verb} (no listener) => exit(${EXIT_NO_LISTENER}).\n`);
      }
      return EXIT_NO_LISTENER;
    }
    if (line.command === "check") {
      if (warned && !this.#quiet) print("Warnings were found.\n");
      if (!this.#quiet) console.log("Configuration file is valid");
      return 0;
    }
    const daemon = (line.daemon || settings.daemon) && !line.foreground;
    if (daemon && !wantsReady()) return await runInBackground();
    const pidFile = daemon ? line.pidFile ?? settings.pidFile : "";
    const blockSize = tuneSettings(model, registry).bufsize;
    return await this.#serve(sys, { model, registry, blockSize, pidFile });
  }

  #sys(blocks: BlockPool): DenoSys | null {
    const sys = denoSys(this.#line.io, blocks);
    if (typeof sys !== "string") return sys;
    this.#say("ALERT", `'--io ${this.#line.io}' : ${sys}.`);
    return null;
  }

  async #serve(
    sys: DenoSys,
    { model, registry, blockSize, pidFile }: {
      model: Model;
      registry: ReturnType<typeof programRegistry>;
      blockSize: number;
      pidFile: string;
    },
  ): Promise<number> {
    const line = this.#line;
    const process = new Process({
      sys,
      registry,
      model,
      platform: { io: line.io, origin: performance.timeOrigin, blockSize },
      maxconn: line.maxconn,
      proxyMaxconn: line.proxyMaxconn,
      say: this.#say,
    });
    // Before anything is open: a signal that comes early is not lost.
    this.#handleSignals(sys, process);
    const failure = await process.start();
    if (failure !== "") {
      this.#say("ALERT", `[haproxy.main()] ${failure}`);
      return EXIT_ERROR;
    }
    if (pidFile !== "") {
      const reason = sys.fs.writeFile(pidFile, new TextEncoder().encode(`${Deno.pid}\n`));
      if (reason !== "") {
        this.#say("ALERT", `[haproxy.main()] Cannot create pidfile ${pidFile}`);
        return EXIT_ERROR;
      }
    }
    signal(line.finish, "SIGUSR1");
    signal(line.terminate, "SIGTERM");
    if (line.verbose) this.#say("NOTICE", `Listening: ${process.describeListeners()}.`);
    tellReady();
    return await process.ended;
  }

  #handleSignals(sys: DenoSys, process: Process): void {
    sys.signals.on("SIGUSR1", () => process.softStop());
    sys.signals.on("SIGINT", () => sys.proc.exit(EXIT_INT));
    sys.signals.on("SIGTERM", () => sys.proc.exit(EXIT_TERM));
    sys.signals.on("SIGHUP", () => process.sayServers());
    sys.signals.on("SIGTTOU", () => process.pause());
    sys.signals.on("SIGTTIN", () => void process.resume());
  }
}

function hasListener(model: Model): boolean {
  const sections = model.sections.filter((s) => s.kind === "frontend" || s.kind === "listen");
  return sections.some((s) => s.nodes.some((n) => n.keyword === "bind"));
}

function signal(pids: readonly number[], name: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, name);
    } catch { /* gone already */ }
  }
}

function report(): string {
  return versionReport({
    runtime: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    cpus: navigator.hardwareConcurrency,
    layers: ["public", "handles"],
  });
}
