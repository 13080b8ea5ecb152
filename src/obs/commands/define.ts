// How the entries of commands are written.
import { type CommandAnswer, type CommandContext, type CommandEntry, type CommandLevel } from "../../proxy/mod.ts";
import type { ThreadView } from "../view.ts";

type Run<Q, A> = (context: CommandContext<Q, A>) => CommandAnswer | Promise<CommandAnswer>;

/** A command that main answers alone. */
export function command(
  name: string,
  usage: string,
  doc: string,
  level: CommandLevel,
  run: Run<unknown, unknown>,
  more: Pick<CommandEntry, "gate"> = {},
): CommandEntry {
  return { kind: "command", name, usage, doc, level, manual: "management 9.3", run, ...more };
}

/** A command that asks threads. */
export function threadCommand<Q, A>(
  name: string,
  usage: string,
  doc: string,
  level: CommandLevel,
  run: Run<Q, A>,
  answer: (question: Q, view: ThreadView) => A,
): CommandEntry {
  const entry: CommandEntry<Q, A, ThreadView> = {
    kind: "command",
    name,
    usage,
    doc,
    level,
    manual: "management 9.3",
    run,
    answer,
  };
  return entry as CommandEntry;
}
