// A thread that tries what it must not, and tells what came of it. Started as the program starts its own.
import { type ThreadStart, workerPort } from "../../src/sys/deno/mod.ts";

const port = workerPort();
port.onmessage = (message) => {
  const allowed = (message as ThreadStart).data as number;
  const tries: Record<string, () => unknown> = {
    "a file": () => Deno.readTextFileSync("/etc/passwd"),
    "writing a file": () => Deno.writeTextFileSync("/tmp/sluice-thread", ""),
    "a program": () => new Deno.Command("/bin/true").outputSync(),
    "the environment": () => Deno.env.get("HOME"),
    "the C library": () => Deno.dlopen("libc.so.6", {}),
    "the host's name": () => Deno.hostname(),
    "another address": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
    "its server's address": () => Deno.listen({ hostname: "127.0.0.1", port: allowed }).close(),
  };
  const outcome: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(tries)) {
    try {
      attempt();
      outcome[name] = "done";
    } catch (error) {
      outcome[name] = error instanceof Deno.errors.NotCapable ? "refused" : String(error);
    }
  }
  port.post(outcome);
};
