// "show sess" and "shutdown session" (management.txt 9.3).
import { parseTime } from "../../base/mod.ts";
import {
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  type ControlPlane,
} from "../../proxy/mod.ts";
import { hider } from "../anon.ts";
import { threadCommand } from "../commands/define.ts";
import { findBackend, findFrontend, findServer } from "../commands/find.ts";
import { StreamLines } from "./render.ts";
import { answerStreams, type StreamFilter, type StreamPage, type StreamQuestion, threadOf } from "./streams.ts";

type Context = CommandContext<StreamQuestion, StreamPage>;

const HELP = `Usage: show sess [<id> | all | help] [<options>*]
Dumps active streams (formerly called 'sessions'). Available options:
   <id>         show only this stream identifier
   all          show all streams, with all that is known of each
   backend <b>  show only the streams of this backend
   frontend <f> show only the streams of this frontend
   help         this message
   older <age>  show only the streams that are older than this (seconds by default)
   server <b/s> show only the streams of this server
   show-uri     show the request's URI
   susp         show only the streams that nothing seems to end
Without an identifier or 'all' a stream takes one line.`;

const ANY: StreamFilter = { frontend: -1, backend: -1, server: -1, olderMs: 0, suspicious: false };

interface Wanted {
  /** The only stream; -1: those of the filter. */
  readonly id: number;
  readonly long: boolean;
  readonly uri: boolean;
  readonly filter: StreamFilter;
}

/** What is asked for, or what is wrong with it. */
function parse(words: readonly string[], control: ControlPlane): Wanted | string {
  let filter = ANY;
  let id = -1;
  let long = false;
  let uri = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === "all") {
      long = true;
    } else if (word === "show-uri") {
      uri = true;
    } else if (word === "susp") {
      filter = { ...filter, suspicious: true };
    } else if (i === 0 && /^0x[0-9a-f]{1,13}$/i.test(word)) {
      id = parseInt(word.slice(2), 16);
    } else {
      const limited = limit(filter, word, words[++i], control);
      if (typeof limited === "string") return limited;
      filter = limited;
    }
  }
  return { id, long, uri, filter };
}

/** The filter with an option that takes an argument. */
function limit(
  filter: StreamFilter,
  option: string,
  value: string | undefined,
  control: ControlPlane,
): StreamFilter | string {
  if (!["older", "server", "backend", "frontend"].includes(option)) {
    return `Unsupported option '${option}', try 'help' for more info.`;
  }
  if (value === undefined) return `Missing argument of '${option}'.`;
  if (option === "older") {
    const olderMs = parseTime(value, "s", "ms");
    return typeof olderMs === "string" ? `Invalid age '${value}'.` : { ...filter, olderMs };
  }
  if (option === "server") {
    const server = findServer(control, value);
    return typeof server === "string" ? server : { ...filter, server };
  }
  if (option === "backend") {
    const backend = findBackend(control, value);
    return backend < 0 ? "No such backend." : { ...filter, backend };
  }
  const frontend = findFrontend(control, value);
  return frontend < 0 ? "No such frontend." : { ...filter, frontend };
}

function showSess(context: Context): CommandAnswer | Promise<CommandAnswer> {
  const { words, control } = context;
  if (words.includes("help")) return HELP;
  const wanted = parse(words, control);
  if (typeof wanted === "string") return commandError(wanted);
  return wanted.id >= 0 ? one(context, wanted.id) : all(context, wanted);
}

async function one(context: Context, id: number): Promise<CommandAnswer> {
  const { answers } = await context.ask({ kind: "find", id }, threadOf(id));
  const found = answers[0]?.value.streams[0];
  return found === undefined
    ? commandError("Session not found.")
    : new StreamLines(hider(context.session), false).long(found);
}

/** Thread by thread, page by page: what the client does not read is not asked for. */
async function* all(context: Context, { filter, long, uri }: Wanted): AsyncGenerator<string> {
  const dump = context.control.newNumber();
  const until = context.control.sys.clock.now();
  const { threads } = context.control.shared.layout;
  const text = new StreamLines(hider(context.session), uri);
  for (let thread = 1; thread <= threads; thread++) {
    for (let done = false; !done;) {
      const { answers } = await context.ask({ kind: "page", dump, until, filter }, thread);
      if (answers.length === 0) {
        yield `# no answer from thread ${thread}\n`;
        break;
      }
      const [{ value }] = answers;
      done = value.done;
      yield value.streams.map((stream) => long ? text.long(stream) : text.short(stream)).join("");
    }
  }
}

async function shutdownSession({ words, ask }: Context): Promise<CommandAnswer> {
  const id = parseInt(/^(?:0x)?([0-9a-f]{1,13})$/i.exec(words[0] ?? "")?.[1] ?? "0", 16);
  if (id === 0) return commandError("Session pointer expected (use 'show sess').");
  const { answers } = await ask({ kind: "kill", id }, threadOf(id));
  return answers.length === 0 || answers[0].value.streams.length === 0
    ? commandError("No such session (use 'show sess').")
    : "";
}

export const sessCommands: readonly CommandEntry[] = [
  threadCommand<StreamQuestion, StreamPage>(
    "show sess",
    "show sess [<id>|all|susp|older <age>]",
    "report the list of current sessions or dump this exact session",
    "operator",
    showSess,
    answerStreams,
  ),
  threadCommand<StreamQuestion, StreamPage>(
    "shutdown session",
    "shutdown session [id]",
    "kill a specific session",
    "admin",
    shutdownSession,
    answerStreams,
  ),
];
