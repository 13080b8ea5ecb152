// "show activity": what each thread has done and has to do (management.txt 9.3). The manual leaves the fields to the
// implementation; these are of this program.
import { type CommandAnswer, type CommandContext, type CommandEntry, commandError } from "../../proxy/mod.ts";
import { C, type Column, frontendRow, type Shared } from "../../table/mod.ts";
import { type ThreadLoad, threadLoad } from "../thread_load.ts";
import { threadCommand } from "./define.ts";

/** Columns of the frontends that a thread counts. */
const COUNTED: readonly (readonly [name: string, column: Column])[] = [
  ["accepted", C.conn_tot],
  ["requests", C.req_tot],
  ["bytes_in", C.bin],
  ["bytes_out", C.bout],
  ["req_errors", C.ereq],
];

/** What each thread has counted since the start: by column, then by thread. */
export function activityCounts(shared: Shared): number[][] {
  const { threads, proxies } = shared.layout;
  return COUNTED.map(([, column]) =>
    Array.from({ length: threads }, (_, i) => {
      let sum = 0;
      for (let proxy = 0; proxy < proxies.length; proxy++) sum += shared.cell(i + 1, frontendRow(proxy), column);
      return sum;
    })
  );
}

async function showActivity({ ask, control, words }: CommandContext<null, ThreadLoad>): Promise<CommandAnswer> {
  const { shared, sys } = control;
  const { threads } = shared.layout;
  const wanted = words[0] === undefined ? -1 : /^-?\d{1,4}$/.test(words[0]) ? Number(words[0]) : NaN;
  if (!(wanted >= -1 && wanted <= threads)) return commandError(`Thread number must be between -1 and ${threads}.`);
  const { answers, missing } = await ask(null);
  const lanes = Array.from({ length: threads }, (_, i) => i + 1);
  const now = (of: (load: ThreadLoad) => number) =>
    lanes.map((lane) => {
      const answer = answers.find((a) => a.thread === lane);
      return answer === undefined ? 0 : of(answer.value);
    });
  const rows: (readonly [string, number[]])[] = [
    ["sessions", now((l) => l.sessions)],
    ["timers", now((l) => l.timers)],
    ["buffers", now((l) => l.buffers)],
    ...activityCounts(shared).map((counts, i) => [COUNTED[i][0], since(counts, control.activityBase[i])] as const),
    ["stalled", lanes.map((lane) => missing.includes(lane) ? 1 : 0)],
  ];
  const lines = rows.map(([name, values]) => `${name}: ${columns(values, wanted)}\n`).join("");
  return `thread_id: 0 (1..${threads})\ndate_now: ${(sys.clock.wall() / 1000).toFixed(6)}\n${lines}`;
}

/** What was counted since the counters were cleared. */
function since(counts: readonly number[], base: readonly number[] | undefined): number[] {
  return counts.map((count, i) => count - (base?.[i] ?? 0));
}

/** The total, and each thread's in brackets; or one of them. */
function columns(values: readonly number[], wanted: number): string {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (wanted > 0) return String(values[wanted - 1]);
  return wanted === 0 || values.length === 1 ? String(total) : `${total} [ ${values.join(" ")} ]`;
}

export const activityCommands: readonly CommandEntry[] = [
  threadCommand(
    "show activity",
    "show activity [-1|0|thread_num]",
    "show per-thread activity stats (for support/developers)",
    "user",
    showActivity,
    (_question, view) => threadLoad(view),
  ),
];
