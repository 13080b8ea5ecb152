// "show errors" (management.txt 9.3 and 12): the last message of each proxy and side that broke the rules of HTTP/1.
import {
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  type ControlPlane,
  type ProxyConfig,
} from "../../proxy/mod.ts";
import type { Fault } from "../../stream/mod.ts";
import { PROCESS } from "../../table/mod.ts";
import { threadCommand } from "../commands/define.ts";
import { localDate } from "../dates.ts";
import type { ThreadView } from "../view.ts";
import { dumpBytes, stateOf } from "./dump.ts";

/** A fault without its bytes. */
type FaultHead = Pick<Fault, "event" | "proxy" | "other" | "side">;

/** All heads, or one fault. */
type FaultQuestion = null | { readonly proxy: number; readonly side: Fault["side"] };
type FaultReply = readonly FaultHead[] | Fault | null;

type Context = CommandContext<FaultQuestion, FaultReply>;

function answer(question: FaultQuestion, { streams }: ThreadView): FaultReply {
  if (question !== null) return streams.faults.find(question.proxy, question.side) ?? null;
  return [...streams.faults.all].map(({ event, proxy, other, side }) => ({ event, proxy, other, side }));
}

/** Which faults: those a proxy has to do with (its place in the layout, -1: any), of one side or both. */
interface Wanted {
  readonly proxy: number;
  readonly side: Fault["side"] | null;
}

function parse({ words, control }: Context): Wanted | string {
  const [name, side] = words;
  const wanted: Wanted["side"] = side === "request" || side === "response" ? side : null;
  if (name === undefined || name === "-1") return { proxy: -1, side: wanted };
  const { configs } = control;
  const byName = configs.findIndex((c) => c.name === name);
  const proxy = byName < 0 ? configs.findIndex((c) => String(c.id) === name) : byName;
  return proxy < 0 ? "No such proxy." : { proxy, side: wanted };
}

async function showErrors(context: Context): Promise<CommandAnswer> {
  const wanted = parse(context);
  if (typeof wanted === "string") return commandError(wanted);
  const { answers, missing } = await context.ask(null);
  const newest = new Map<string, { head: FaultHead; thread: number }>();
  for (const { thread, value } of answers) {
    for (const head of value as readonly FaultHead[]) {
      if (wanted.side !== null && head.side !== wanted.side) continue;
      if (wanted.proxy >= 0 && head.proxy !== wanted.proxy && head.other !== wanted.proxy) continue;
      const key = `${head.proxy} ${head.side}`;
      const known = newest.get(key);
      if (known === undefined || known.head.event < head.event) newest.set(key, { head, thread });
    }
  }
  const found = [...newest.values()].sort((a, b) =>
    a.head.proxy - b.head.proxy || (a.head.side < b.head.side ? -1 : 1)
  );
  return dump(context, found, missing);
}

/** One after the other, each asked for when it is sent. */
async function* dump(
  { ask, control }: Context,
  found: readonly { readonly head: FaultHead; readonly thread: number }[],
  missing: readonly number[],
): AsyncGenerator<string> {
  const { shared, sys } = control;
  yield `Total events captured on [${localDate(sys.clock.wall(), 3)}] : ${shared.load(PROCESS.faults)}\n`;
  for (const thread of missing) yield `# no answer from thread ${thread}\n`;
  for (const { head: { proxy, side }, thread } of found) {
    const { answers } = await ask({ proxy, side }, thread);
    const fault = answers[0]?.value as Fault | null | undefined;
    if (fault !== null && fault !== undefined) yield faultText(fault, control);
  }
}

function faultText(fault: Fault, control: ControlPlane): string {
  const { bytes, room, at } = fault;
  const response = fault.side === "response";
  const config = control.configs[fault.proxy];
  const other = fault.other < 0 ? undefined : control.configs[fault.other];
  const where = response
    ? `backend ${titleOf(config)}: invalid response\n  frontend ${titleOf(other)}`
    : `frontend ${titleOf(config)}: invalid request\n  backend ${titleOf(other)}`;
  const server = fault.server === null ? "<NONE> (#-1)" : `${fault.server.name} (#${fault.server.id})`;
  const { source } = fault;
  const client = source.family === "unix" ? "unix:1" : `${source.host}:${source.port}`;
  return ` \n[${localDate(fault.date, 3)}] ${where}, server ${server}, event #${fault.event}, src ${client}\n` +
    `  buffer starts at 0 (including 0 out), ${room - bytes.length} free,\n` +
    `  len ${bytes.length}, wraps at ${room}, error at position ${at}\n` +
    `  H1 connection flags 0x00000000, H1 stream flags 0x00000000\n` +
    `  H1 msg state ${stateOf(fault.code)}, H1 msg flags 0x00000000\n` +
    `  H1 chunk len 0 bytes, H1 body len 0 bytes :\n  \n${dumpBytes(bytes)}`;
}

function titleOf(config: ProxyConfig | undefined): string {
  return config === undefined ? "<NONE> (#-1)" : `${config.name} (#${config.id})`;
}

export const errorCommands: readonly CommandEntry[] = [
  threadCommand<FaultQuestion, FaultReply>(
    "show errors",
    "show errors [<px>] [request|response]",
    "report last request and/or response errors for each proxy",
    "operator",
    showErrors,
    answer,
  ),
];
