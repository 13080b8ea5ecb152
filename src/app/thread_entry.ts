// What a Worker runs: its Sys, and on it the thread that main described in the first message.
import { BlockPool } from "../base/mod.ts";
import { createDenoSys, type ThreadStart, workerPort } from "../sys/deno/mod.ts";
import { programRegistry } from "./manifest.ts";
import type { ThreadData } from "./messages.ts";
import { startThread } from "./thread.ts";

/** Whether this isolate is a Worker. */
export function inThread(): boolean {
  const { WorkerGlobalScope } = globalThis as { WorkerGlobalScope?: new () => unknown };
  return WorkerGlobalScope !== undefined && globalThis instanceof WorkerGlobalScope;
}

/** Waits for the first message, and runs what it describes. */
export function runThread(): void {
  const port = workerPort();
  port.onmessage = (message) => {
    const { thread, data, host } = message as ThreadStart;
    const { platform } = data as ThreadData;
    const { io, origin, blockSize } = platform;
    const threadEntry = new URL(import.meta.url);
    const sys = createDenoSys({ io, blocks: new BlockPool(blockSize), origin, threadEntry, port, host });
    if (typeof sys === "string") return port.post({ kind: "failed", text: sys });
    // Later the file may not be there any more (chroot).
    sys.libc.get();
    startThread(sys, thread, data as ThreadData, port, programRegistry());
  };
}
