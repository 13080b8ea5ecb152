// The client: one run of wrk, and what it reports.

export interface Run {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connect, read, write errors, timeouts, and answers other than 2xx and 3xx. */
  readonly errors: number;
}

/** Runs wrk, pinned, against a URL; with a script of its own kind where there is one. */
export async function wrk(
  core: number,
  url: string,
  headers: readonly string[],
  connections: number,
  seconds: number,
  script = "",
): Promise<Run> {
  const args = ["-c", String(core), "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency"];
  if (script !== "") args.push("-s", script);
  for (const h of headers) args.push("-H", h);
  const { stdout, stderr, success } = await new Deno.Command("taskset", { args: [...args, url] }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`wrk: ${text}${new TextDecoder().decode(stderr)}`);
  return parse(text);
}

/** Reads the report of `wrk --latency`. */
export function parse(text: string): Run {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? NaN);
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const statuses = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  let errors = Number(statuses?.[1] ?? 0);
  for (const n of socket?.slice(1) ?? []) errors += Number(n);
  return {
    requests: number(/(\d+) requests in/),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: timeMs(/^\s+50%\s+(\S+)/m.exec(text)?.[1]),
    p99Ms: timeMs(/^\s+99%\s+(\S+)/m.exec(text)?.[1]),
    errors,
  };
}

function timeMs(text: string | undefined): number {
  const m = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? "");
  if (m === null) return NaN;
  return Number(m[1]) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[m[2] as "us" | "ms" | "s" | "m"];
}
