// Commands about the statistics: `show stat`, `show schema json` (management.txt 9.3).
import { type CommandAnswer, type CommandContext, type CommandEntry, commandError } from "../../proxy/mod.ts";
import { EVERYTHING, jsonSchema, type Selection, selectRows, type StatSource, StatWriter } from "../stat/mod.ts";
import { command } from "./define.ts";

const FORMATS = ["typed", "json"] as const;

interface ShowStat {
  readonly selection: Selection;
  readonly format: "csv" | "typed" | "json";
  readonly desc: boolean;
}

/** `[domain <domain>] [{<iid>|<proxy>} <type> <sid>] [typed|json] [desc] [up|no-maint]`; a string: what is wrong. */
function parse({ words, control }: CommandContext): ShowStat | string {
  let at = 0;
  if (words[0] === "domain") {
    if (words[1] !== "proxy") return "Invalid statistics domain.";
    at = 2;
  }
  let selection: Selection = EVERYTHING;
  // Without all three the words are none of a selection.
  if (words.length >= at + 3 && isInteger(words[at + 1]) && isInteger(words[at + 2])) {
    const name = words[at];
    const named = control.configs.find((proxy) => proxy.name === name);
    if (named === undefined && !isInteger(name)) return "No such proxy.";
    const proxy = named === undefined ? Number(name) : named.id;
    selection = { ...selection, proxy, types: Number(words[at + 1]), id: Number(words[at + 2]) };
    at += 3;
  }
  const rest = words.slice(at);
  const format = FORMATS.find((name) => rest.includes(name)) ?? "csv";
  const up = rest.includes("up");
  const noMaint = rest.includes("no-maint");
  return { selection: { ...selection, up, noMaint }, format, desc: rest.includes("desc") };
}

function isInteger(word: string): boolean {
  return /^-?\d{1,9}$/.test(word);
}

function showStat(context: CommandContext): CommandAnswer {
  const asked = parse(context);
  if (typeof asked === "string") return commandError(asked);
  const { control, session } = context;
  const source: StatSource = {
    shared: control.shared,
    configs: control.configs,
    now: () => control.sys.clock.now(),
    stopping: () => control.stopping,
    addressOf: (server) => control.servers.address(server),
  };
  const { format, desc, selection } = asked;
  return dump(new StatWriter({ format, desc, legends: session.level !== "user" }), source, selection);
}

function* dump(writer: StatWriter, source: StatSource, selection: Selection): Generator<string> {
  yield writer.begin();
  for (const row of selectRows(source, selection)) yield writer.row(row);
  yield writer.end();
}

export const statCommands: readonly CommandEntry[] = [
  command(
    "show stat",
    "show stat [desc|json|no-maint|typed|up]*",
    "report counters for each proxy and server",
    "user",
    showStat,
  ),
  command("show schema json", "show schema json", "report schema used for stats", "user", () => jsonSchema()),
];
