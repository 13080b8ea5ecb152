// The master process: its signals, its pid file, its end.
import { Wheel } from "../base/mod.ts";
import type { DenoSys } from "../sys/deno/mod.ts";
import type { Program } from "./again.ts";
import { tellReady } from "./daemon.ts";
import { EXIT_ERROR, type Loaded, type LoadingOptions } from "./loading.ts";
import { Master } from "./master.ts";
import { MasterCli } from "./master_cli.ts";
import { ProcessHost } from "./master_host.ts";
import { ServiceNotifier } from "./notify.ts";
import { OlderProcesses, takeSockets } from "./older.ts";
import { writePidFile } from "./pid_file.ts";

/** Runs this process as the master of a worker, to its end: the exit status. */
export async function runMaster(
  options: LoadingOptions,
  sys: DenoSys,
  program: Program,
  loaded: Loaded,
  pidFile: string,
): Promise<number> {
  const { line, messages } = options;
  if (sys.io !== "handles") {
    messages.say("ALERT", "master-worker mode needs the stream layer 'handles', which hands over sockets.");
    return EXIT_ERROR;
  }
  const taken = takeSockets(sys, line.socketsFrom, messages);
  if (taken === null) return EXIT_ERROR;
  const older = new OlderProcesses(line.finish, line.terminate);
  const notifier = new ServiceNotifier(sys.net, line.notify ? sys.proc.env("NOTIFY_SOCKET") : undefined, sys.proc.pid);
  const host = new ProcessHost({ ...options, sys, program, notifier, older, taken });
  const master = new Master(host);
  // Before anything is open: a signal that comes early is not lost.
  sys.signals.on("SIGUSR1", () => master.stop("soft"));
  sys.signals.on("SIGTERM", () => master.stop("SIGTERM"));
  sys.signals.on("SIGINT", () => master.stop("SIGINT"));
  for (const name of ["SIGUSR2", "SIGHUP"]) sys.signals.on(name, () => void master.reload());
  for (const name of ["SIGTTOU", "SIGTTIN", "SIGQUIT"]) sys.signals.on(name, () => {});
  const cli = new MasterCli({
    sys,
    wheel: new Wheel(sys.clock),
    registry: options.registry,
    messages,
    master,
    connect: (worker) => host.connect(worker),
  });
  const ended = async (): Promise<number> => {
    const status = await master.ended;
    cli.close();
    host.close();
    return status;
  };
  const failure = await cli.open(line.masterSockets);
  if (failure !== "") {
    messages.say("ALERT", `[haproxy.main()] ${failure}`);
    host.close();
    return EXIT_ERROR;
  }
  const started = await master.start(await host.opened(loaded));
  if (!started) {
    older.resume();
    if (master.stopping) return await ended();
    host.close();
    return host.failure;
  }
  if (pidFile !== "" && !writePidFile(sys, pidFile, messages)) {
    master.stop("SIGTERM");
    await ended();
    return EXIT_ERROR;
  }
  taken.close();
  older.end();
  cli.start();
  tellReady();
  return await ended();
}
