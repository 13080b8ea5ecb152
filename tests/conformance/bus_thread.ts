// The thread that the contract suite starts: see MakeSys.
import { type ThreadStart, workerPort } from "../../src/sys/deno/mod.ts";

const port = workerPort();
let started = false;
port.onmessage = (message) => {
  if (!started) {
    started = true;
    const { thread, data } = message as ThreadStart;
    port.post({ thread, data });
  } else if (message === "throw") {
    throw new Error("asked to throw");
  } else if (message === "end") {
    port.close();
  } else {
    port.post({ echo: message });
  }
};
