// What the packaged haproxy and this program say, and how they end: checks, starts that fail, signals, a master and its
// worker. Numbers of processes, versions and paths are taken out, and lines of different processes have no order.
import { assertEquals } from "@std/assert";
import { freePort } from "../conformance/program.ts";

const HAPROXY = "/usr/sbin/haproxy";
const MAIN = new URL("../../main.ts", import.meta.url).pathname;

const PROGRAMS = {
  haproxy: [HAPROXY],
  sluice: [Deno.execPath(), "run", "-A", "--no-prompt", "--no-check", "--quiet", MAIN],
} as const;

function installed(): boolean {
  try {
    return Deno.statSync(HAPROXY).isFile;
  } catch {
    return false;
  }
}

/** One program that runs. */
class Running {
  stderr = "";
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  #notify: () => void = () => {};
  #over = false;

  constructor(command: readonly string[], words: readonly string[]) {
    const [name, ...before] = command;
    this.#child = new Deno.Command(name, {
      args: [...before, ...words],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#read = this.#collect();
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.stderr += decoder.decode(chunk, { stream: true });
      this.#notify();
    }
    this.#over = true;
    this.#notify();
  }

  /** Waits until it has said a text so many times. */
  async says(text: string, times = 1): Promise<void> {
    while (this.stderr.split(text).length <= times) {
      if (this.#over) throw new Error(`it ended without "${text}":\n${this.stderr}`);
      await new Promise<void>((done) => this.#notify = done);
    }
  }

  /** Waits until it listens. */
  async listens(port: number): Promise<void> {
    for (let tries = 0; tries < 500 && !this.#over; tries++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return;
      } catch {
        await new Promise((again) => setTimeout(again, 20));
      }
    }
    throw new Error(`it does not listen:\n${this.stderr}`);
  }

  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** The last worker it has told of. */
  get worker(): number {
    return Number([...this.stderr.matchAll(/New worker \((\d+)\)/g)].at(-1)![1]);
  }

  async end(): Promise<number> {
    this.stderr += await new Response(this.#child.stdout).text();
    await this.#read;
    return (await this.#child.status).code;
  }
}

interface Scene {
  readonly port: number;
  readonly file: string;
  readonly config: string;
}

interface Scenario {
  readonly name: string;
  readonly words?: readonly string[];
  /** Lines of the global section, and of the frontend. */
  readonly global?: string;
  readonly more?: (port: number) => string;
  readonly whole?: string;
  act?(running: Running, scene: Scene): Promise<void>;
}

const started = "Loading success.";
const signals = (...names: Deno.Signal[]) => async (running: Running, { port }: Scene) => {
  await running.listens(port);
  for (const name of names) running.signal(name);
};
/** The master and its worker have started. haproxy says so before it minds signals. */
const up = async (running: Running, { port }: Scene) => {
  await running.says(started);
  await running.listens(port);
  await settled();
};
const settled = () => new Promise((done) => setTimeout(done, 500));
const master = (name: Deno.Signal) => async (running: Running, scene: Scene) => {
  await up(running, scene);
  running.signal(name);
};

const SCENARIOS: readonly Scenario[] = [
  { name: "a check", words: ["-c"] },
  { name: "a check that fails", words: ["-c"], more: () => "    nonsense here" },
  { name: "a check of nothing to listen on", words: ["-c"], whole: "defaults\n    mode http\n" },
  { name: "nothing to listen on", whole: "defaults\n    mode http\n" },
  { name: "an address twice", more: (port) => `    bind 127.0.0.1:${port} name a\nlisten b\n    bind 256.0.0.1:1` },
  { name: "SIGTERM", act: signals("SIGTERM") },
  { name: "SIGINT", act: signals("SIGINT") },
  { name: "SIGUSR1", act: signals("SIGUSR1") },
  {
    name: "SIGTTOU and SIGTTIN",
    async act(running, { port }) {
      await running.listens(port);
      running.signal("SIGTTOU");
      await running.says("Paused frontend web");
      running.signal("SIGTTIN");
      await running.says("Resumed frontend web");
      running.signal("SIGTERM");
    },
  },
  { name: "grace", global: "    grace 200ms", act: signals("SIGUSR1") },
  { name: "a master and SIGTERM", words: ["-W"], act: master("SIGTERM") },
  { name: "a master and SIGINT", words: ["-W"], act: master("SIGINT") },
  { name: "a master and SIGUSR1", words: ["-W"], act: master("SIGUSR1") },
  {
    name: "a worker that is killed",
    words: ["-W"],
    async act(running, scene) {
      await up(running, scene);
      Deno.kill(running.worker, "SIGKILL");
    },
  },
  {
    name: "a worker that is told to end",
    words: ["-W"],
    async act(running, scene) {
      await up(running, scene);
      Deno.kill(running.worker, "SIGTERM");
    },
  },
  {
    name: "a reload, one that fails, and another",
    words: ["-W"],
    async act(running, scene) {
      const { file, config } = scene;
      await up(running, scene);
      running.signal("SIGUSR2");
      await running.says(started, 2);
      await running.says("Former worker");
      await up(running, scene);
      Deno.writeTextFileSync(file, config.replace("frontend web", "frontend web\n    nonsense"));
      running.signal("SIGUSR2");
      await running.says("Loading failure!");
      await settled();
      Deno.writeTextFileSync(file, config);
      running.signal("SIGUSR2");
      await running.says(started, 3);
      await running.says("Former worker", 2);
      await up(running, scene);
      running.signal("SIGUSR1");
    },
  },
];

async function play(program: keyof typeof PROGRAMS, scenario: Scenario): Promise<{ code: number; lines: string[] }> {
  const port = freePort();
  const file = Deno.makeTempFileSync({ prefix: "sluice-", suffix: ".cfg" });
  const config = scenario.whole ?? `global
    nbthread 1
${scenario.global ?? ""}
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend web
    bind 127.0.0.1:${port}
${scenario.more?.(port) ?? ""}
`;
  try {
    Deno.writeTextFileSync(file, config);
    const words = scenario.words ?? ["-db"];
    const running = new Running(PROGRAMS[program], words.includes("-f") ? words : [...words, "-f", file]);
    await scenario.act?.(running, { port, file, config }).catch((error) => {
      running.signal("SIGKILL");
      throw error;
    });
    const code = await running.end();
    return { code, lines: normalized(running.stderr, port, file) };
  } finally {
    Deno.removeSync(file);
  }
}

/** What only one of the two has, or has in other words: its version, its own proxies, the debugger of the runtime. */
const OWN = /haproxy version is|path to executable|<HTTPCLIENT>|GLOBAL|^Debugger|^Visit|^\s*$/;

function normalized(stderr: string, port: number, file: string): string[] {
  return stderr.split("\n").filter((line) => !OWN.test(line)).map((line) =>
    line.replaceAll(file, "FILE").replaceAll(String(port), "PORT").replace(/\(\d+\) :/, ":").replace(
      "[/usr/sbin/haproxy.main()]",
      "[haproxy.main()]",
    ).replace(
      /worker \(\d+\)/,
      "worker",
    ).replace(/cumulated conns: FE: \d+/, "cumulated conns: FE: N")
  ).sort();
}

for (const scenario of SCENARIOS) {
  Deno.test({
    name: `PROC-02 PROC-05 PROC-06 PROC-19 PROC-21 as haproxy: ${scenario.name}`,
    ignore: !installed(),
    async fn() {
      const [haproxy, sluice] = await Promise.all([play("haproxy", scenario), play("sluice", scenario)]);
      assertEquals(sluice, haproxy);
    },
  });
}
