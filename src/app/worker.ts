// The worker under a master: it gets its configuration and its listening sockets from the master and runs them. It opens
// no configuration and no address itself.
import { BlockPool } from "../base/mod.ts";
import type { DenoSys, IoLayer, ParentLink } from "../sys/deno/mod.ts";
import { parentLink } from "../sys/deno/mod.ts";
import type { OpenListener } from "../sys/types.ts";
import { type FromWorker, GivenSockets, MASTER_SOCKET, type ToWorker, type WorkerStart } from "./handover.ts";
import { giveUpAllBut, threadPermissions } from "./grants.ts";
import { EXIT_ERROR, workerNeeds } from "./loading.ts";
import { programRegistry } from "./manifest.ts";
import { dropPrivileges, limitDescriptors, limitsOf } from "./privileges.ts";
import { Process } from "./process.ts";
import { handleSignals } from "./signals.ts";
import { processSettings } from "./settings.ts";
import { StartupMessages } from "./startup.ts";
import { tuneSettings } from "./tune.ts";

/** Set in the environment of a worker. */
export const WORKER_MARK = "SLUICE_WORKER";

/** True in a process that a master has started. */
export function isWorker(): boolean {
  const readable = Deno.permissions.querySync({ name: "env", variable: WORKER_MARK }).state === "granted";
  return readable && Deno.env.get(WORKER_MARK) === "1";
}

export interface WorkerOptions {
  makeSys(io: IoLayer, blocks: BlockPool): DenoSys | string;
  print(text: string): void;
  /** The program's main module. */
  readonly program: URL;
}

/** Runs this process as a worker, to its end: the exit status. */
export async function runWorker(options: WorkerOptions): Promise<number> {
  Deno.env.delete(WORKER_MARK);
  let process: Process | null = null;
  let sys: DenoSys | string = "";
  const sockets = new GivenSockets(
    (spec) => typeof sys === "string" ? sys : sys.net.open(spec),
    () => process?.stopping ?? true,
  );
  let masterDescriptor = -1;
  let began!: (start: WorkerStart) => void;
  const beginning = new Promise<WorkerStart>((done) => began = done);
  let start: WorkerStart | null = null;
  const link: ParentLink | null = parentLink({
    received(message, descriptor) {
      const told = message as ToWorker;
      switch (told.kind) {
        case "start":
          start = told.start;
          return post({ kind: "next" });
        case "socket":
          if (told.key === MASTER_SOCKET) masterDescriptor = descriptor;
          else sockets.give(told.key, descriptor);
          return post({ kind: "next" });
        case "run":
          return began(start!);
        case "soft-stop":
          return process?.softStop();
      }
    },
    lost() {
      messages.say("ALERT", "The master is gone. Exiting.");
      Deno.exit(EXIT_ERROR);
    },
  });
  const post = (message: FromWorker) => link?.post(message);
  const messages: StartupMessages = new StartupMessages({
    pid: Deno.pid,
    executable: Deno.execPath(),
    print(text) {
      options.print(text);
      if (!messages.over) post({ kind: "said", text });
    },
  });
  if (link === null) {
    messages.say("ALERT", `${WORKER_MARK} is set and there is no master. Exiting.`);
    return EXIT_ERROR;
  }
  post({ kind: "next" });
  const { model, identity, io, maxconn, proxyMaxconn, debug, quiet, startupLogs } = await beginning;
  messages.quiet = quiet;
  messages.keep(startupLogs);
  const registry = programRegistry();
  sys = options.makeSys(io, new BlockPool());
  if (typeof sys === "string") {
    messages.say("ALERT", `'--io ${io}' : ${sys}.`);
    return EXIT_ERROR;
  }
  const masterSocket = adoptMasterSocket(sys, masterDescriptor);
  const warn = (text: string) => messages.say("WARNING", `[haproxy.main()] ${text}`);
  const settings = processSettings(model, registry);
  const limits = limitsOf(model, registry, settings, maxconn, sys.proc.cpus);
  const limited = limitDescriptors(sys.system, limits, warn);
  if (limited !== "") {
    messages.say("ALERT", `[haproxy.main()] ${limited}`);
    return EXIT_ERROR;
  }
  const needs = workerNeeds(model, registry, sys, options.program);
  sys.bus.permissions = threadPermissions(needs);
  process = new Process({
    sys,
    registry,
    model,
    platform: { io, origin: performance.timeOrigin, blockSize: tuneSettings(model, registry).bufsize },
    maxconn,
    proxyMaxconn,
    debug,
    open: (spec) => sockets.open(spec),
    masterSocket,
    startupLogs: () => messages.text,
    say: messages.say,
  });
  handleSignals(sys, process, messages, true);
  // What is open stays usable: turns of threads are made with it.
  sys.libc.get();
  giveUpAllBut(needs);
  const failure = await process.start();
  if (failure !== "") {
    messages.say("ALERT", `[haproxy.main()] ${failure}`);
    return EXIT_ERROR;
  }
  const kept = dropPrivileges(sys.system, settings, identity, warn);
  if (kept !== "") {
    messages.say("ALERT", `[haproxy.main()] ${kept}`);
    return EXIT_ERROR;
  }
  messages.end();
  post({ kind: "ready" });
  return await process.ended;
}

function adoptMasterSocket(sys: DenoSys, descriptor: number): OpenListener | undefined {
  if (descriptor < 0) return undefined;
  const opened = sys.net.open({ address: { family: "unix", path: "" }, backlog: 0, descriptor });
  return typeof opened === "string" ? undefined : opened;
}
