// Running in the background. There is no fork here: the process starts itself again, detached from the terminal, relays
// what that one says until it serves, and leaves with its fate.
//
// The child knows what it is by an environment variable and tells by one line on its standard output that it serves.

import type { Program } from "./again.ts";

const MARK = "SLUICE_BACKGROUND";
const READY = "\0ready\n";

/** True in the process that was started to run in the background. */
export function wantsReady(): boolean {
  // Who may not look at it was not started that way: what needs it is asked for (permissions.ts).
  const readable = Deno.permissions.querySync({ name: "env", variable: MARK }).state === "granted";
  return readable && Deno.env.get(MARK) === "1";
}

/** In the background process: it serves now. */
export function tellReady(): void {
  if (!wantsReady()) return;
  Deno.env.delete(MARK);
  Deno.stdout.writeSync(new TextEncoder().encode(READY));
}

/**
 * Starts this program again in the background. `input`: what this one has read of its standard input. The exit status of this one: 0 once the other serves, else the other's.
 */
export async function runInBackground(program: Program, input: Uint8Array<ArrayBuffer> | null): Promise<number> {
  const child = new Deno.Command(program.executable, {
    args: [...program.words, ...Deno.args],
    env: { [MARK]: "1" },
    detached: true,
    stdin: input === null ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== null) {
    // It may end before it has read all.
    const writer = child.stdin.getWriter();
    writer.write(input).then(() => writer.close()).catch(() => {});
  }
  const relayed = child.stderr.pipeTo(Deno.stderr.writable, { preventClose: true }).catch(() => {});
  const decoder = new TextDecoder();
  let said = "";
  for await (const chunk of child.stdout) {
    said = (said + decoder.decode(chunk, { stream: true })).slice(-4096);
    if (!said.includes(READY)) continue;
    child.unref();
    return 0;
  }
  await relayed;
  return (await child.status).code;
}
