// What a Worker runs: its Sys, and on it the thread that main described in the first message.
import { BlockPool } from "../base/mod.ts";
import { createDenoSys, type ThreadStart, workerPort } from "../sys/deno/mod.ts";
import { programRegistry } from "./manifest.ts";
import type { ThreadData } from "./messages.ts";
import { startThread } from "./thread.ts";

const port = workerPort();
port.onmessage = (message) => {
  const start = message as ThreadStart;
  const data = start.data as ThreadData;
  const { io, origin, blockSize } = data.platform;
  const threadEntry = new URL(import.meta.url);
  const sys = createDenoSys({ io, blocks: new BlockPool(blockSize), origin, threadEntry, port });
  if (typeof sys === "string") port.post({ kind: "failed", text: sys });
  else startThread(sys, start.thread, data, port, programRegistry());
};
