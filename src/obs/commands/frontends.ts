// Commands about frontends and limits of the process (management.txt 9.3).
import { type CommandAnswer, type CommandContext, type CommandEntry, commandError } from "../../proxy/mod.ts";
import { PROCESS } from "../../table/mod.ts";
import { hider } from "../anon.ts";
import { activityCounts } from "./activity.ts";
import { command, threadCommand } from "./define.ts";
import { findFrontend } from "./find.ts";
import { late } from "./late.ts";

/** Threads are asked nothing but to have seen what they were told before. */
type Context = CommandContext<null, null>;
const answer = () => null;

async function seen({ ask }: Context, failure: string): Promise<CommandAnswer> {
  return failure === "" ? late((await ask(null)).missing) : commandError(failure);
}

/** A command about one frontend. */
function onFrontend(
  name: string,
  doc: string,
  act: (context: Context, proxy: number) => Promise<CommandAnswer>,
  usage = `${name} <frontend>`,
): CommandEntry {
  return threadCommand<null, null>(name, usage, doc, "admin", (context) => {
    const [word] = context.words;
    if (word === undefined) return commandError("A frontend name is expected.");
    const proxy = findFrontend(context.control, word);
    return proxy < 0 ? commandError("No such frontend.") : act(context, proxy);
  }, answer);
}

// ---- limits -------------------------------------------------------------------------------------------------------

/** An integer as the commands read one: what follows it does not count, and nothing is 0. */
function integer(text: string): number {
  const value = Number(/^[+-]?[0-9]{1,10}/.exec(text)?.[0] ?? 0);
  return value > 2147483647 ? -1 : value;
}

async function maxconnFrontend(context: Context, proxy: number): Promise<CommandAnswer> {
  const { control, words } = context;
  if (words[1] === undefined) return commandError("Integer value expected.");
  const value = integer(words[1]);
  if (value < 0) return commandError("Value out of range.");
  control.servers.setFrontendMaxconn(proxy, value);
  control.nudge({ kind: "accept", proxy });
  return await seen(context, "");
}

async function maxconnGlobal(context: Context): Promise<CommandAnswer> {
  const { control, words } = context;
  if (words[0] === undefined) return commandError("Expects an integer value.");
  const value = integer(words[0]);
  const most = control.global.maxconn;
  if (value < 0 || value > most) return commandError("Value out of range.");
  return await setLimit(context, PROCESS.maxconn, value === 0 ? most : value);
}

/** Stores a limit of the process and lets those that wait for it look again. */
async function setLimit(context: Context, word: number, value: number): Promise<CommandAnswer> {
  const { control } = context;
  control.shared.store(word, value);
  control.nudge({ kind: "accept", proxy: -1 });
  return await seen(context, "");
}

const RATE_USAGE = `'set rate-limit' only supports :
   - 'connections global' to set the per-process maximum connection rate
   - 'sessions global' to set the per-process maximum session rate
   - 'ssl-sessions global' to set the per-process maximum SSL session rate
   - 'http-compression global' to set the per-process maximum compression speed in kB/s`;

/** Words of the limits by name; null: what it limits does not exist yet. */
const RATES: Readonly<Record<string, number | null>> = {
  connections: PROCESS.connsPerSecond,
  sessions: PROCESS.sessionsPerSecond,
  "ssl-sessions": null,
  "http-compression": null,
};

async function rateLimit(context: Context): Promise<CommandAnswer> {
  const [what = "", scope, value] = context.words;
  if (!Object.hasOwn(RATES, what) || scope !== "global") return commandError(RATE_USAGE);
  const word = RATES[what];
  if (word === null) return commandError(`'set rate-limit ${what} global' is not supported yet.`);
  if (value === undefined) return commandError("Expects an integer value.");
  const limit = integer(value);
  return limit < 0 ? commandError("Value out of range.") : await setLimit(context, word, limit);
}

function backends({ control, session }: CommandContext): string {
  const hide = hider(session);
  return "# name\n" + control.configs.filter((c) => c.hasBackend).map((c) => `${hide(c.name)}\n`).join("");
}

export const frontendCommands: readonly CommandEntry[] = [
  onFrontend("disable frontend", "temporarily disable specific frontend", async (context, proxy) => {
    return await seen(context, await context.control.frontends.disable(proxy));
  }),
  onFrontend("enable frontend", "re-enable specific frontend", async (context, proxy) => {
    return await seen(context, await context.control.frontends.enable(proxy));
  }),
  onFrontend("shutdown frontend", "stop a specific frontend", async (context, proxy) => {
    return await seen(context, await context.control.frontends.shutdown(proxy));
  }),
  onFrontend(
    "set maxconn frontend",
    "change a frontend's maxconn setting",
    maxconnFrontend,
    "set maxconn frontend <frontend> <value>",
  ),
  threadCommand(
    "set maxconn global",
    "set maxconn global <value>",
    "change the per-process maxconn setting",
    "admin",
    maxconnGlobal,
    answer,
  ),
  threadCommand(
    "set rate-limit",
    "set rate-limit <setting> <value>",
    "change a rate limiting value",
    "admin",
    rateLimit,
    answer,
  ),
  command(
    "clear counters",
    "clear counters [all]",
    "clear max statistics counters (or all counters)",
    "operator",
    ({ control, session, words }) => {
      const all = words[0] === "all";
      if (all && session.level !== "admin") return commandError("Permission denied");
      control.shared.clear(all);
      control.activityBase = activityCounts(control.shared);
      return "";
    },
  ),
  command("show backend", "show backend", "list backends in the current running config", "user", backends),
];
