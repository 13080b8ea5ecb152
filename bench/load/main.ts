// The whole program under load, beside the packaged HAProxy and nginx, in one run: the same wrk against each of them in
// turn, round after round, so that what disturbs the machine disturbs all. Every proxy has one thread, pinned to core 0;
// wrk and the server (nginx with a fixed answer) share core 1. Printed: the median over the rounds.
//
//   deno task bench:load [--rounds 5] [--seconds 3] [--connections 64] [--scenarios keepalive,close,tcp,...]
//                        [--programs haproxy,nginx,sluice] [--io auto,public,handles] [--json]
import { holdIdle, peer, run } from "./clients.ts";
import {
  haproxyConfig,
  HUGE_BYTES,
  LARGE_BYTES,
  nginxConfig,
  type Request,
  REQUESTS,
  type Scenario,
  SCENARIOS,
  serverConfig,
} from "./configs.ts";
import { idleConnections } from "./limits.ts";
import { freePort, installed, Program } from "./process.ts";
import type { Run } from "./wrk.ts";

const PROXY_CORE = 0;
const CLIENT_CORE = 1;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly scenarios: readonly Scenario[];
  readonly programs: readonly string[];
  readonly io: readonly string[];
  readonly json: boolean;
}

/** What one round of one program gave. */
interface Sample extends Run {
  readonly cpuUs: number;
  readonly residentMb: number;
}

function options(args: readonly string[]): Options {
  const value = (name: string, otherwise: string): string => {
    const i = args.indexOf(`--${name}`);
    return i < 0 ? otherwise : args[i + 1] ?? otherwise;
  };
  const list = (name: string, otherwise: string) => value(name, otherwise).split(",");
  const scenarios = list("scenarios", "keepalive,close,tcp") as Scenario[];
  for (const s of scenarios) {
    if (!SCENARIOS.includes(s)) throw new Error(`unknown scenario "${s}": ${SCENARIOS.join(", ")}`);
  }
  return {
    rounds: Number(value("rounds", "5")),
    seconds: Number(value("seconds", "3")),
    connections: Number(value("connections", "64")),
    scenarios,
    programs: list("programs", "haproxy,nginx,sluice"),
    io: list("io", "auto"),
    json: args.includes("--json"),
  };
}

/** Starts the proxies of one scenario that are installed, and gives each with its port. */
async function startProxies(o: Options, scenario: Scenario, serverPort: number, folder: string) {
  const started: { program: Program; port: number }[] = [];
  const start = async (
    name: string,
    suffix: string,
    config: (port: number, own: string) => string,
    command: (path: string) => string[],
  ) => {
    const port = freePort();
    const own = `${folder}/${name}${suffix}-${scenario}`;
    await Deno.mkdir(own, { recursive: true });
    const path = `${own}/config`;
    await Deno.writeTextFile(path, config(port, own));
    try {
      started.push({
        program: await Program.start(name + suffix, PROXY_CORE, command(path), port, `${own}/log`),
        port,
      });
    } catch (error) {
      console.error(`${name}${suffix} takes no part in ${scenario}: ${(error as Error).message.trim()}`);
    }
  };
  const same = (port: number) => haproxyConfig(scenario, port, serverPort);
  for (const name of o.programs) {
    if (name === "sluice") {
      const main = new URL("../../main.ts", import.meta.url).pathname;
      for (const io of o.io) {
        const command = (
          path: string,
        ) => [Deno.execPath(), "run", "-A", "--no-prompt", main, "--io", io, "-db", "-f", path];
        await start("sluice", io === "auto" ? "" : `/${io}`.replace("/", "-"), same, command);
      }
      continue;
    }
    const path = await installed(name);
    if (path === null) console.error(`${name} is not installed: left out`);
    else if (name === "haproxy") await start(name, "", same, (config) => [path, "-db", "-f", config]);
    else {
      const config = (port: number, own: string) => nginxConfig(scenario, port, serverPort, own);
      await start(name, "", config, (config) => [path, "-c", config]);
    }
  }
  return started;
}

async function measure(
  program: Program,
  port: number,
  request: Request,
  o: Options,
  seconds: number,
  folder: string,
): Promise<Sample> {
  if (request.client === "idle") return await measureIdle(program, port);
  const before = program.cpuMs();
  const ran = await run({ core: CLIENT_CORE, port, request, connections: o.connections, seconds, folder });
  const cpuUs = (program.cpuMs() - before) * 1000 / ran.requests;
  return { ...ran, cpuUs, residentMb: program.residentMb() };
}

/** Of connections that do nothing: what memory each takes, KB. CPU is that of making them and of their one request. */
async function measureIdle(program: Program, port: number): Promise<Sample> {
  const cpuBefore = program.cpuMs();
  const before = program.residentMb();
  let during = 0;
  let cpuUs = 0;
  await holdIdle(CLIENT_CORE, port, () => {
    during = program.residentMb();
    cpuUs = (program.cpuMs() - cpuBefore) * 1000 / idleConnections();
  });
  const none = { perSecond: NaN, p50Ms: NaN, p99Ms: NaN, errors: 0 };
  return { ...none, requests: idleConnections(), cpuUs, residentMb: (during - before) * 1024 / idleConnections() };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function report(title: string, results: ReadonlyMap<string, readonly Sample[]>): void {
  console.log(`\n${title}`);
  console.log(
    "  program            CPU µs/req  (min .. max)      of haproxy   requests/s    p50 ms    p99 ms    RSS MB  errors",
  );
  const of = (samples: readonly Sample[], key: keyof Sample) => median(samples.map((s) => s[key]));
  const haproxy = results.get("haproxy");
  for (const [name, samples] of results) {
    const cpu = of(samples, "cpuUs");
    const all = samples.map((s) => s.cpuUs);
    const range = `(${Math.min(...all).toFixed(1)} .. ${Math.max(...all).toFixed(1)})`;
    // The ratio of a round pairs two runs that follow each other.
    const ratios = haproxy === undefined ? [] : samples.map((s, i) => s.cpuUs / haproxy[i].cpuUs);
    console.log(
      `  ${name.padEnd(18)} ${cpu.toFixed(1).padStart(10)}  ${range.padEnd(18)} ` +
        `${(ratios.length === 0 ? "-" : median(ratios).toFixed(2)).padStart(9)} ` +
        `${of(samples, "perSecond").toFixed(0).padStart(12)} ${of(samples, "p50Ms").toFixed(2).padStart(9)} ` +
        `${of(samples, "p99Ms").toFixed(2).padStart(9)} ${of(samples, "residentMb").toFixed(1).padStart(9)} ` +
        `${samples.reduce((n, s) => n + s.errors, 0).toString().padStart(7)}`,
    );
  }
}

async function main(o: Options): Promise<void> {
  const nginx = await installed("nginx");
  if (nginx === null || await installed("wrk") === null || await installed("taskset") === null) {
    throw new Error("nginx (the server), wrk and taskset are needed: apt-get install nginx-light wrk util-linux");
  }
  const folder = await Deno.makeTempDir({ prefix: "sluice-load-" });
  const serverPort = freePort();
  await Deno.mkdir(`${folder}/server`);
  await Deno.writeFile(`${folder}/server/large`, new Uint8Array(LARGE_BYTES).fill(120));
  // Of nothing but zeros, which take no place.
  await Deno.writeFile(`${folder}/server/huge`, new Uint8Array(0));
  await Deno.truncate(`${folder}/server/huge`, HUGE_BYTES);
  // A server that has dropped its rights reads its files as another user.
  await Deno.chmod(folder, 0o755);
  await Deno.writeTextFile(`${folder}/server/config`, serverConfig(serverPort, `${folder}/server`));
  const server = await Program.start(
    "server",
    CLIENT_CORE,
    [nginx, "-c", `${folder}/server/config`],
    serverPort,
    `${folder}/server/log`,
  );
  const echoPort = freePort();
  const echo = await Program.start(
    "echo",
    CLIENT_CORE,
    [...peer("serve"), `${echoPort}`],
    echoPort,
    `${folder}/server/echo`,
  );
  const all: Record<string, Record<string, readonly Sample[]>> = {};
  try {
    for (const scenario of o.scenarios) {
      const request = REQUESTS[scenario];
      const behind = request.client === "websocket" ? echoPort : serverPort;
      const proxies = await startProxies(o, scenario, behind, folder);
      const results = new Map<string, Sample[]>(proxies.map((p) => [p.program.name, []]));
      try {
        if (request.client !== "idle") {
          for (const { program, port } of proxies) await measure(program, port, request, o, 2, folder);
        }
        // Memory that was taken once is not given back at once: only the first round tells.
        const rounds = request.client === "idle" ? 1 : o.rounds;
        for (let round = 0; round < rounds; round++) {
          for (const { program, port } of proxies) {
            results.get(program.name)!.push(await measure(program, port, request, o, o.seconds, folder));
          }
        }
      } finally {
        for (const { program } of proxies) await program.stop();
      }
      all[scenario] = Object.fromEntries(results);
      if (!o.json) report(request.title, results);
    }
  } finally {
    await echo.stop();
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
  if (o.json) console.log(JSON.stringify({ options: o, results: all }));
}

await main(options(Deno.args));
