// `show threads`: what each thread is busy with, and which one is stuck (management.txt 9.3).
import type { CommandAnswer, CommandContext, CommandEntry } from "../../proxy/mod.ts";
import { type ThreadLoad, threadLoad } from "../thread_load.ts";
import { threadCommand } from "./define.ts";

async function showThreads({ ask }: CommandContext<null, ThreadLoad>): Promise<CommandAnswer> {
  const { answers, missing } = await ask(null);
  const lines = new Map<number, string>();
  for (const { thread, value: { sessions, timers, buffers } } of answers) {
    lines.set(thread, block(" ", thread, `act=${sessions > 0 ? 1 : 0} glob=0 wq=${timers} rq=0`, 0, sessions, buffers));
  }
  for (const thread of missing) lines.set(thread, block(">", thread, "act=1 glob=0 wq=? rq=?", 1, "?", "?"));
  return [...lines].sort(([a], [b]) => a - b).map(([, text]) => text).join("");
}

/** The lines of a thread; ">" marks one that does not answer. */
function block(
  mark: string,
  thread: number,
  queues: string,
  stuck: number,
  sessions: number | string,
  buffers: number | string,
): string {
  return `${mark} Thread ${thread} : id=0x${thread.toString(16)} ${queues}\n` +
    `      1/${thread}    stuck=${stuck} sessions=${sessions} buffers=${buffers}\n`;
}

export const threadCommands: readonly CommandEntry[] = [
  threadCommand(
    "show threads",
    "show threads",
    "show some threads debugging information",
    "user",
    showThreads,
    (_question, view) => threadLoad(view),
  ),
];
