// The thread that the contract suite starts: see MakeSys.
import { workerPort } from "../../src/sys/deno/mod.ts";

const port = workerPort();
let started = false;
port.onmessage = (message) => {
  if (!started) {
    started = true;
    port.post(message);
  } else if (message === "throw") {
    throw new Error("asked to throw");
  } else if (message === "end") {
    port.close();
  } else {
    port.post({ echo: message });
  }
};
