// What puts the load on a proxy in each scenario, pinned to the clients' core: a run of it is what it did and reports.
import type { Client, Request } from "./configs.ts";
import { idleConnections } from "./limits.ts";
import { type Run, wrk } from "./wrk.ts";

export interface Load {
  readonly core: number;
  readonly port: number;
  readonly request: Request;
  readonly connections: number;
  readonly seconds: number;
  /** For scripts. */
  readonly folder: string;
}

/** Sixteen requests at once on each connection, for wrk. */
const PIPELINE = `init = function(args)
  local all = {}
  for i = 1, 16 do all[i] = wrk.format(nil, wrk.path) end
  requests = table.concat(all)
end
request = function() return requests end
`;

/** Runs the client of a scenario to its end. */
export async function run(load: Load): Promise<Run> {
  const { core, port, request, connections, seconds } = load;
  const url = `http://127.0.0.1:${port}${request.path}`;
  switch (request.client) {
    case "wrk":
      return await wrk(core, url, request.headers, connections, seconds);
    case "wrk-pipeline": {
      const script = `${load.folder}/pipeline.lua`;
      await Deno.writeTextFile(script, PIPELINE);
      return await wrk(core, url, request.headers, connections, seconds, script);
    }
    case "curl":
      return await curl(core, url);
    case "websocket":
      return JSON.parse(await output(core, [...peer("websocket"), `${port}`, `${connections}`, `${seconds}`]));
    case "idle":
      throw new Error("idle connections are held, not run");
  }
}

/** Holds idle connections, each after one request, while `body` runs. */
export async function holdIdle(core: number, port: number, body: () => void): Promise<void> {
  const child = new Deno.Command("taskset", {
    args: ["-c", `${core}`, ...peer("idle"), `${port}`, `${idleConnections()}`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const answer = await child.stdout.getReader().read();
  if (answer.done) throw new Error("the connections could not be made");
  body();
  await child.stdin.close();
  await child.status;
}

/** The command of peer.ts; `what` is a client's name or "serve". */
export function peer(what: Client | "serve"): string[] {
  return [Deno.execPath(), "run", "-A", "--no-check", new URL("./peer.ts", import.meta.url).pathname, what];
}

/** One download. */
async function curl(core: number, url: string): Promise<Run> {
  const text = await output(core, ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", url]);
  const [status, seconds] = text.split(" ").map(Number);
  return {
    requests: 1,
    perSecond: 1 / seconds,
    p50Ms: seconds * 1000,
    p99Ms: seconds * 1000,
    errors: status === 200 ? 0 : 1,
  };
}

async function output(core: number, command: readonly string[]): Promise<string> {
  const args = ["-c", `${core}`, ...command];
  const { stdout, stderr, success } = await new Deno.Command("taskset", { args, stdin: "null" }).output();
  if (!success) throw new Error(`${command[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
