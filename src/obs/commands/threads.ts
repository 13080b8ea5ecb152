// `show threads`: what each thread is busy with, and which one is stuck (management.txt 9.3).
import type { CommandAnswer, CommandContext, CommandEntry } from "../../proxy/mod.ts";
import type { ThreadView } from "../view.ts";
import { threadCommand } from "./define.ts";

interface ThreadFacts {
  /** Client connections, armed timers, buffers in use. */
  readonly sessions: number;
  readonly timers: number;
  readonly blocks: number;
}

function facts(_question: null, { frontends, streams }: ThreadView): ThreadFacts {
  let sessions = 0;
  for (const frontend of frontends.values()) sessions += frontend.sessions.size;
  return { sessions, timers: streams.wheel.count, blocks: streams.sys.blocks.outstanding };
}

async function showThreads({ ask }: CommandContext<null, ThreadFacts>): Promise<CommandAnswer> {
  const { answers, missing } = await ask(null);
  const lines = new Map<number, string>();
  for (const { thread, value: { sessions, timers, blocks } } of answers) {
    lines.set(thread, block(" ", thread, `act=${sessions > 0 ? 1 : 0} glob=0 wq=${timers} rq=0`, 0, sessions, blocks));
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
  blocks: number | string,
): string {
  return `${mark} Thread ${thread} : id=0x${thread.toString(16)} ${queues}\n` +
    `      1/${thread}    stuck=${stuck} sessions=${sessions} buffers=${blocks}\n`;
}

export const threadCommands: readonly CommandEntry[] = [
  threadCommand(
    "show threads",
    "show threads",
    "show some threads debugging information",
    "user",
    showThreads,
    facts,
  ),
];
