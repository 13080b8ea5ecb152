// Statistics in scenes: a proxy that shows them at STATS, and what its CSV says.
import type { Address } from "../../src/sys/types.ts";
import { get, type Scene } from "./scenario.ts";

/** Where STATS_PROXY listens. */
export const STATS: Address = { family: "ipv4", host: "10.0.0.1", port: 90 };

/** A proxy that shows all statistics, addresses too. */
export const STATS_PROXY = `
listen stats
    bind 10.0.0.1:90
    stats enable
    stats uri /
    stats show-legends
`;

/** Asks at STATS for a page on a connection of its own: the whole answer. */
export async function ask(scene: Scene, path: string, request = get(path, "1.0")): Promise<string> {
  const peer = await scene.connect(STATS);
  await peer.send(request);
  const { text } = await scene.drain(peer);
  peer.close();
  return text;
}

/** The body of an answer. */
export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf("\r\n\r\n") + 4);
}

/** Values by column of each object, by "proxy/name". */
export type Table = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Reads a CSV: no value of these tests has a comma. */
export function tableOf(csv: string): Table {
  const [head, ...lines] = csv.trimEnd().split("\n");
  const names = head.replace(/^# /, "").split(",");
  return new Map(lines.map((line) => {
    const values = line.split(",");
    const row = Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
    return [`${row.pxname}/${row.svname}`, row];
  }));
}

/** The statistics of now. */
export async function stats(scene: Scene): Promise<Table> {
  return tableOf(bodyOf(await ask(scene, "/;csv")));
}

/** Columns that time and other connections move, not the events of a test. */
const RESTLESS = new Set([
  ...["rate", "rate_max", "lastchg", "lastsess", "downtime", "conn_rate", "conn_rate_max", "req_rate", "req_rate_max"],
  ...["qtime", "ctime", "rtime", "ttime", "qtime_max", "ctime_max", "rtime_max", "ttime_max", "check_duration"],
  ...["bin", "bout", "h1_bytes_in", "h1_bytes_out", "weight"],
]);

/** What an event moved: "proxy/name column +1", without the proxy that shows it and what is in RESTLESS. */
export function moved(before: Table, after: Table): string[] {
  const out: string[] = [];
  for (const [name, row] of after) {
    if (name.startsWith("stats/")) continue;
    const moves = Object.keys(row).flatMap((column) => {
      const [from, to] = [before.get(name)?.[column] ?? "", row[column]];
      if (from === to || RESTLESS.has(column)) return [];
      const difference = Number(to) - Number(from);
      if (from === "" || Number.isNaN(difference)) return [`${column}=${to}`];
      return [difference === 1 ? column : `${column}${difference > 0 ? "+" : ""}${difference}`];
    });
    if (moves.length > 0) out.push(`${name} ${moves.join(" ")}`);
  }
  return out;
}
