// Signals of a process that handles traffic (management.txt 4): a foreground process, one in the background, a worker.
import type { Sys } from "../sys/types.ts";
import type { Process } from "./process.ts";
import type { StartupMessages } from "./startup.ts";

/** Exit statuses of SIGINT and SIGTERM, as shells tell them. */
const EXIT_INT = 130;
const EXIT_TERM = 143;

/** Sets the handlers; `worker`: a master holds the sockets, so there is nothing to pause. */
export function handleSignals(sys: Sys, process: Process, messages: StartupMessages, worker: boolean): void {
  const { signals, proc } = sys;
  signals.on("SIGUSR1", () => process.softStop());
  signals.on("SIGINT", () => proc.exit(EXIT_INT));
  signals.on("SIGTERM", () => proc.exit(EXIT_TERM));
  signals.on("SIGHUP", () => process.sayServers());
  signals.on("SIGQUIT", () => messages.plain(memoryUsage()));
  // Without a handler it would end the process: only a master reloads.
  signals.on("SIGUSR2", () => {});
  signals.on("SIGTTOU", () => worker || process.pause());
  signals.on("SIGTTIN", () => worker || process.resume());
}

/** SIGQUIT: the memory of the process. There are no pools of HAProxy's kind: the runtime manages it. */
function memoryUsage(): string {
  const { rss, heapTotal, heapUsed, external } = Deno.memoryUsage();
  return `Dumping memory usage.
  - resident : ${rss} bytes
  - heap of the main thread : ${heapTotal} bytes allocated, ${heapUsed} used
  - outside of it : ${external} bytes
`;
}
