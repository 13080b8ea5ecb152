// Runs the command line program as a child process, for tests that need a real one: switches, signals, exit statuses.

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly cwd?: string;
  /** Permissions of the runtime instead of all. */
  readonly permissions?: readonly string[];
}

function command(words: readonly string[], settings: RunSettings): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...(settings.permissions ?? ["-A"]), "--no-prompt", "--no-check", "--quiet", MAIN, ...words],
    env: { NO_COLOR: "1", ...settings.env },
    cwd: settings.cwd,
    stdin: settings.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs it to its end. */
export async function runToEnd(words: readonly string[], settings: RunSettings = {}): Promise<Result> {
  const child = command(words, settings).spawn();
  if (settings.stdin !== undefined) spawnWrite(child, settings.stdin);
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Gives a child its standard input. One that ended before it read all is not an error here. */
function spawnWrite(child: Deno.ChildProcess, text: string): void {
  const writer = child.stdin.getWriter();
  writer.write(new TextEncoder().encode(text)).then(() => writer.close()).catch(() => {});
}

/** A program that runs. */
export class Program {
  stderr = "";
  stdout = "";
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  #notify: () => void = () => {};

  constructor(words: readonly string[], settings: RunSettings = {}) {
    this.#child = command(words, settings).spawn();
    if (settings.stdin !== undefined) spawnWrite(this.#child, settings.stdin);
    this.#ended = Promise.all([
      this.#collect(this.#child.stderr, (text) => this.stderr += text),
      this.#collect(this.#child.stdout, (text) => this.stdout += text),
    ]);
  }

  async #collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      add(decoder.decode(chunk, { stream: true }));
      this.#notify();
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits until a text appears on standard error (or output). Fails when the program ends first. */
  says(text: string): Promise<void> {
    return this.saysTimes(text, 1);
  }

  /** Waits until it has appeared so many times. */
  async saysTimes(text: string, times: number): Promise<void> {
    let over = false;
    this.#ended.then(() => {
      over = true;
      this.#notify();
    });
    while ((this.stderr + this.stdout).split(text).length <= times) {
      if (over) throw new Error(`it ended and did not say "${text}" ${times} times:\n${this.stderr}${this.stdout}`);
      await new Promise<void>((done) => this.#notify = done);
    }
  }

  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Waits for its end; the exit status. */
  async end(): Promise<number> {
    await this.#ended;
    return (await this.#child.status).code;
  }

  /** Ends it at once if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* ended already */ }
    await this.end();
  }
}

/** A temporary file with a content; removed at the end of its block. */
export function temporaryFile(content: string, suffix = ".cfg"): { readonly path: string } & Disposable {
  const path = Deno.makeTempFileSync({ prefix: "sluice-", suffix });
  Deno.writeTextFileSync(path, content);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}

/** A port of the loopback that nobody listens on. The kernel hands out another one each time, so it stays free for a while. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
