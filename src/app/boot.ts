// The program: from the command line to a running process, its signals and its exit status (management.txt 3 and 4).
//
// Order: command line, folder, configuration, checks, names, listening sockets, threads, pid file, older processes.
import { BlockPool } from "../base/mod.ts";
import { evalConditionLine, type GivenEnvironment, type Registry, renderMessage } from "../config/mod.ts";
import { globalConfigOf, threadCount } from "../proxy/mod.ts";
import { createDenoSys, type DenoSys, type IoLayer } from "../sys/deno/mod.ts";
import { type CommandLine, parseCommandLine, USAGE } from "./commandline.ts";
import { thisProgram } from "./again.ts";
import { runInBackground, tellReady, wantsReady } from "./daemon.ts";
import { dumpKeywords } from "./dump.ts";
import {
  describeThreads,
  giveUp,
  inheritedFlags,
  isGranted,
  permissionFlags,
  shellLine,
  threadPermissions,
} from "./grants.ts";
import { facts } from "./load.ts";
import { EXIT_ERROR, loadConfiguration, type Loaded, type LoadingOptions } from "./loading.ts";
import { loadedLibraries, threadProcessors } from "./machine.ts";
import { entries, programRegistry } from "./manifest.ts";
import { runMaster } from "./master_main.ts";
import { OlderProcesses, takeSockets } from "./older.ts";
import { writePidFile } from "./pid_file.ts";
import { dropPrivileges, limitDescriptors, limitsOf } from "./privileges.ts";
import { Process } from "./process.ts";
import { handleSignals } from "./signals.ts";
import { StartupMessages } from "./startup.ts";
import { tuneSettings } from "./tune.ts";
import { runTermEvents } from "./term_events.ts";
import { versionLine, versionReport } from "./version.ts";
import { isWorker, runWorker } from "./worker.ts";

/** Runs the program with the words after its name; `program` is its main module, which threads run too. Ends the process. */
export async function main(words: readonly string[], program: URL): Promise<never> {
  if (words[0] === "explain") Deno.exit(await explain(words.slice(1)));
  if (words[0] === "term_events") Deno.exit(termEvents(words.slice(1)));
  if (isWorker()) {
    const makeSys = (io: IoLayer, blocks: BlockPool) => denoSys(io, blocks, program);
    Deno.exit(await runWorker({ makeSys, print, program }));
  }
  const line = parseCommandLine(words);
  if (typeof line === "string") {
    print(renderMessage("ALERT", Deno.pid, line) + "\n");
    print(USAGE);
    Deno.exit(EXIT_ERROR);
  }
  Deno.exit(await new Boot(line, program).run());
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
  const sys = denoSys("public", new BlockPool(), new URL(import.meta.url));
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

function denoSys(io: IoLayer, blocks: BlockPool, threadEntry: URL): DenoSys | string {
  return createDenoSys({ io, blocks, origin: performance.timeOrigin, threadEntry });
}

class Boot {
  readonly #line: CommandLine;
  readonly #program: URL;
  readonly #messages = new StartupMessages({ pid: Deno.pid, executable: Deno.execPath(), print });

  constructor(line: CommandLine, program: URL) {
    this.#line = line;
    this.#program = program;
    this.#messages.quiet = line.quiet;
  }

  async run(): Promise<number> {
    const line = this.#line;
    switch (line.command) {
      case "usage":
        print(versionLine() + USAGE);
        return EXIT_ERROR;
      case "help":
        console.log((versionLine() + USAGE).trimEnd());
        return 0;
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

  // ---- -cc --------------------------------------------------------------------------------------------------------

  #condition(): number {
    const result = evalConditionLine(this.#line.condition, facts, new Map(Object.entries(Deno.env.toObject())));
    if (typeof result === "boolean") return result ? 0 : 1;
    this.#messages.say("ALERT", `config : Failed to evaluate condition: ${result}`);
    return 2;
  }

  // ---- -c and running ---------------------------------------------------------------------------------------------

  async #start(): Promise<number> {
    const line = this.#line;
    const messages = this.#messages;
    if (line.folder !== null) {
      try {
        Deno.chdir(line.folder);
      } catch {
        messages.say("ALERT", `Could not change to directory ${line.folder}.`);
        return EXIT_ERROR;
      }
    }
    for (const text of line.ineffective) messages.say("NOTICE", text);
    if (line.sources.length === 0) {
      print(USAGE);
      return EXIT_ERROR;
    }
    const registry = programRegistry();
    const sys = this.#sys(new BlockPool());
    if (sys === null) return EXIT_ERROR;
    const options: LoadingOptions = {
      line,
      env: environment(),
      registry,
      sys,
      messages,
      mainModule: this.#program,
      masterWorker: line.masterWorker,
    };
    const loaded = await loadConfiguration(options);
    if (line.dumpKeywords.length > 0) console.log(dumpKeywords(entries, line.dumpKeywords).trimEnd());
    if (typeof loaded === "number") return loaded;
    const { model, settings, warned, needs } = loaded;
    if (line.processors) {
      console.log(threadProcessors(threadCount(globalConfigOf(model, registry), sys.proc.cpus)).trimEnd());
    }
    if (line.libraries) console.log(loadedLibraries(line.verbose).trimEnd());
    const masterWorker = line.masterWorker || settings.masterWorker;
    if (line.masterSockets.length > 0 && !masterWorker) {
      messages.say(
        "WARNING",
        "config : a master CLI socket was defined, but master-worker mode (-W) is not enabled.",
      );
    }
    if (line.command === "permissions") {
      console.log(shellLine(permissionFlags(needs)));
      return 0;
    }
    if (line.command === "check") {
      if (warned && !messages.quiet) console.log("Warnings were found.");
      if (!messages.quiet) console.log("Configuration file is valid");
      return 0;
    }
    const daemon = (line.daemon || settings.daemon) && !line.foreground && !line.debug;
    const again = () => thisProgram(inheritedFlags(needs));
    if (daemon && !wantsReady()) return await runInBackground(again(), sys.fs.standardInput);
    const pidFile = daemon || masterWorker ? line.pidFile ?? settings.pidFile : "";
    if (line.verbose) messages.say("NOTICE", `Threads may use: ${describeThreads(needs)}.`);
    if (masterWorker) return await runMaster(options, sys, again(), loaded, pidFile);
    sys.bus.permissions = threadPermissions(needs);
    return await this.#serve(sys, loaded, registry, pidFile);
  }

  #sys(blocks: BlockPool): DenoSys | null {
    const sys = denoSys(this.#line.io, blocks, this.#program);
    if (typeof sys !== "string") return sys;
    this.#messages.say("ALERT", `'--io ${this.#line.io}' : ${sys}.`);
    return null;
  }

  async #serve(sys: DenoSys, loaded: Loaded, registry: Registry, pidFile: string): Promise<number> {
    const line = this.#line;
    const messages = this.#messages;
    const { model, settings, identity } = loaded;
    const warn = (text: string) => messages.say("WARNING", `[haproxy.main()] ${text}`);
    const limits = limitsOf(model, registry, settings, line.maxconn, sys.proc.cpus);
    const limited = limitDescriptors(sys.system, limits, warn);
    if (limited !== "") {
      messages.say("ALERT", `[haproxy.main()] ${limited}`);
      return EXIT_ERROR;
    }
    const taken = takeSockets(sys, line.socketsFrom, messages);
    if (taken === null) return EXIT_ERROR;
    const older = new OlderProcesses(line.finish, line.terminate);
    const process = new Process({
      sys,
      registry,
      model,
      platform: { io: line.io, origin: performance.timeOrigin, blockSize: tuneSettings(model, registry).bufsize },
      maxconn: line.maxconn,
      proxyMaxconn: line.proxyMaxconn,
      debug: line.debug,
      open: (spec) => older.open(() => taken.open(spec)),
      startupLogs: () => messages.text,
      say: messages.say,
    });
    // Before anything is open: a signal that comes early is not lost.
    handleSignals(sys, process, messages, false);
    const failure = await process.start();
    if (failure !== "") {
      older.resume();
      messages.say("ALERT", `[haproxy.main()] ${failure}`);
      return EXIT_ERROR;
    }
    if (pidFile !== "" && !writePidFile(sys, pidFile, messages)) return EXIT_ERROR;
    taken.close();
    older.end();
    const kept = dropPrivileges(sys.system, settings, identity, warn);
    if (kept !== "") {
      messages.say("ALERT", `[haproxy.main()] ${kept}`);
      process.hardStop();
      await process.ended;
      return EXIT_ERROR;
    }
    if (!settings.forkWanted && !line.forkWanted) giveUp("run", loaded.needs);
    if (line.verbose) messages.say("NOTICE", `Listening: ${process.describeListeners()}.`);
    messages.end();
    tellReady();
    return await process.ended;
  }
}

/** The environment of the process; where not all of it may be read, what may, by name. */
function environment(): GivenEnvironment {
  if (isGranted({ kind: "env", value: "", why: "", at: null, threads: false })) return Deno.env.toObject();
  return (name) => {
    const granted = Deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
    return granted ? Deno.env.get(name) : undefined;
  };
}

function report(): string {
  return versionReport({
    runtime: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    cpus: navigator.hardwareConcurrency,
    layers: ["public", "handles"],
    filters: entries.filter((entry) => entry.kind === "filter").map((entry) => entry.name),
  });
}
