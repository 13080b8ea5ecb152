// The two programs that are compared: the packaged haproxy as a child process, and Sluice through its library face.
import { check, run } from "../../mod.ts";

const HAPROXY = "/usr/sbin/haproxy";

/** Whether the packaged haproxy is here to compare with. */
export const haproxyIsHere: boolean = (() => {
  try {
    return Deno.statSync(HAPROXY).isFile;
  } catch {
    return false;
  }
})();

/** A proxy that runs on a configuration. */
export interface Engine {
  readonly name: "haproxy" | "sluice";
  /** What it said so far, on standard error or as messages. */
  said(): string;
  stop(): Promise<void>;
}

export interface Checked {
  readonly valid: boolean;
  /** Messages, without program names and process ids. */
  readonly text: string;
}

/** `haproxy -c` of a text. */
export async function checkWithHaproxy(text: string): Promise<Checked> {
  const path = Deno.makeTempFileSync({ prefix: "diff-", suffix: ".cfg" });
  try {
    Deno.writeTextFileSync(path, text);
    const command = new Deno.Command(HAPROXY, { args: ["-c", "-f", path], stdin: "null" });
    const { code, stderr } = await command.output();
    return { valid: code === 0, text: new TextDecoder().decode(stderr).replaceAll(path, "config") };
  } finally {
    Deno.removeSync(path);
  }
}

/** The same by Sluice. */
export function checkWithSluice(text: string): Checked {
  const { valid, text: messages } = check({ text });
  return { valid, text: messages };
}

/** Lines of a configuration that Sluice refuses, with the reason. Empty: none. */
export function refusedLines(text: string): { line: number; text: string }[] {
  const { valid, diagnostics } = check({ text });
  if (valid) return [];
  return diagnostics.filter((d) => d.level === "ALERT").map((d) => ({ line: d.at?.line ?? 0, text: d.text }));
}

/** Starts haproxy; settles when it accepts on `probePort`. */
export async function startHaproxy(text: string, probePort: number): Promise<Engine> {
  const path = Deno.makeTempFileSync({ prefix: "diff-", suffix: ".cfg" });
  Deno.writeTextFileSync(path, text);
  const command = new Deno.Command(HAPROXY, {
    args: ["-db", "-f", path],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const child = command.spawn();
  let messages = "";
  let ended = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) messages += decoder.decode(chunk, { stream: true });
    await child.status;
    ended = true;
  })();
  while (!await accepts(probePort)) {
    if (ended) {
      Deno.removeSync(path);
      throw new Error(`haproxy does not start:\n${messages}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    name: "haproxy",
    said: () => messages,
    async stop() {
      if (!ended) child.kill("SIGTERM");
      await reading;
      Deno.removeSync(path);
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** Starts Sluice in this process. */
export async function startSluice(text: string): Promise<Engine> {
  let messages = "";
  const proxy = await run({ text }, { onMessage: (level, message) => messages += `[${level}] ${message}\n` });
  return { name: "sluice", said: () => messages, stop: () => proxy.stop(0) };
}
