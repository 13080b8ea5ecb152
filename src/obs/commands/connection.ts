// Commands about the connection they are given on: its level and modes, help, waiting (management.txt 9.3).
import { parseTime } from "../../base/mod.ts";
import {
  COMMAND_LEVELS,
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  type CommandLevel,
  type CommandSession,
  inMaintenance,
  SEVERITY_INFO,
} from "../../proxy/mod.ts";
import { SERVER, serverWord } from "../../table/mod.ts";
import { helpText } from "../cli/help.ts";
import { command } from "./define.ts";
import { findServer } from "./find.ts";

const PROMPT_USAGE = `Usage: prompt [help | n | i | p | timed]*
  help  : this help
  n     : non-interactive mode: the connection is closed after the line
  i     : interactive mode: a new line may follow
  p     : interactive mode with a prompt
  timed : toggles the uptime in the prompt`;

const WAIT_USAGE = `Usage: wait { -h | <delay> } [<condition> [<args>...]]
  Waits for the delay, in milliseconds unless it has a unit (us, ms, s, m, h, d), or until the condition holds:
    - srv-removable <proxy>/<server> : the server is in maintenance and has no connection any more`;

/** How often a condition is looked at, ms. */
const LOOK_MS = 50;

/** Longest time that `wait` and timeouts take, ms. */
const MAX_MS = 2147483647;

function prompt({ words, session }: CommandContext): CommandAnswer {
  if (words.includes("help")) return PROMPT_USAGE;
  if (words.length === 0) {
    session.mode = session.mode === "p" ? "n" : "p";
    return "";
  }
  for (const word of words) {
    if (word === "n" || word === "i" || word === "p") {
      session.mode = word;
    } else if (word === "timed") {
      session.timedPrompt = !session.timedPrompt;
      session.mode = "p";
    } else {
      return commandError(PROMPT_USAGE);
    }
  }
  return "";
}

function lower(level: CommandLevel): (context: CommandContext) => CommandAnswer {
  return ({ session }) => {
    if (COMMAND_LEVELS.indexOf(level) < COMMAND_LEVELS.indexOf(session.level)) session.level = level;
    session.experimental = false;
    session.expert = false;
    return "";
  };
}

function mode(field: "experimental" | "expert"): (context: CommandContext) => CommandAnswer {
  return ({ words, session }) => {
    const [word] = words;
    if (word === undefined) {
      return { severity: SEVERITY_INFO, text: `${field}-mode is ${session[field] ? "ON" : "OFF"}` };
    }
    session[field] = word === "on";
    return "";
  };
}

function severityOutput({ words, session }: CommandContext): CommandAnswer {
  const [word] = words;
  if (word !== "none" && word !== "number" && word !== "string") {
    return commandError("one of 'none', 'number', 'string' is a required argument");
  }
  session.severityOutput = word satisfies CommandSession["severityOutput"];
  return "";
}

function timeout({ words, session }: CommandContext): CommandAnswer {
  const [, text] = words;
  if (words[0] !== "cli") return commandError("'set timeout' only supports 'cli'.");
  if (text === undefined) return commandError("Expects an integer value.");
  const seconds = parseTime(text, "s", "ms");
  if (typeof seconds === "string" || seconds < 1 || seconds > MAX_MS) {
    return commandError("Invalid timeout value.");
  }
  session.timeoutMs = seconds;
  return "";
}

async function wait(context: CommandContext): Promise<CommandAnswer> {
  const { words, pause } = context;
  const [delay, condition] = words;
  if (delay === undefined || delay === "-h" || condition === "-h") return WAIT_USAGE;
  const ms = parseTime(delay, "ms", "ms");
  if (typeof ms === "string" || ms > MAX_MS) return commandError(`Invalid wait delay '${delay}'.\n${WAIT_USAGE}`);
  if (condition === "srv-removable") return await waitRemovable(context, ms);
  if (condition !== undefined) return commandError(`Unknown wait condition '${condition}'.\n${WAIT_USAGE}`);
  await pause(ms);
  return "";
}

/** Nobody is woken for it: the numbers of the server are looked at now and then. */
async function waitRemovable({ words, control, session, pause }: CommandContext, ms: number): Promise<CommandAnswer> {
  const row = findServer(control, words[2]);
  if (typeof row === "string") return commandError(row);
  const { shared, sys } = control;
  const word = serverWord(shared.layout, row);
  const until = sys.clock.now() + ms;
  for (;;) {
    if (!inMaintenance(shared.load(word + SERVER.admin))) {
      return commandError("Only servers in maintenance mode can be deleted.");
    }
    if (
      shared.load(word + SERVER.served) + shared.load(word + SERVER.queued) + shared.load(word + SERVER.conns) === 0
    ) {
      return { severity: SEVERITY_INFO, text: "Done." };
    }
    const left = until - sys.clock.now();
    if (left <= 0 || session.closing) {
      return commandError("Server still has connections attached to it, cannot remove it.");
    }
    await pause(Math.min(left, LOOK_MS));
  }
}

export const connectionCommands: readonly CommandEntry[] = [
  command("help", "help [<command>]", "list matching or all commands", "user", (context) => {
    const { commands, session, words } = context;
    return { severity: SEVERITY_INFO, text: helpText(commands, session, words) };
  }),
  command("prompt", "prompt [help | n | i | p | timed]", "toggle interactive mode with prompt", "user", prompt),
  command("quit", "quit", "disconnect", "user", ({ session }) => {
    session.closing = true;
    return "";
  }),
  command("operator", "operator", "lower the level of the current CLI session to operator", "user", lower("operator")),
  command("user", "user", "lower the level of the current CLI session to user", "user", lower("user")),
  command("experimental-mode", "", "allow commands still in development", "admin", mode("experimental")),
  command("expert-mode", "", "allow dangerous commands", "admin", mode("expert")),
  command(
    "set severity-output",
    "set severity-output [none|number|string]",
    "set presence of severity level in feedback information",
    "user",
    severityOutput,
  ),
  command("set timeout", "set timeout [cli] <delay>", "change a timeout setting", "user", timeout),
  command("show cli level", "show cli level", "display the level of the current CLI session", "user", (context) => {
    return { severity: SEVERITY_INFO, text: context.session.level };
  }),
  command("show cli sockets", "show cli sockets", "dump list of cli sockets", "user", ({ control }) => {
    const lines = control.sockets.map(({ name, level }) => `${name} ${level} all\n`);
    return "# socket lvl processes\n" + lines.join("");
  }),
  command("_getsocks", "", "give the listening sockets to another process", "user", ({ session }) => {
    const reason = session.giveSockets();
    return reason === "" ? "" : commandError(reason);
  }),
  command("echo", "echo <text>", "print text to the output", "user", ({ words }) => ({
    severity: SEVERITY_INFO,
    text: words.join(" "),
  })),
  command("wait", "wait {-h|<delay_ms>} cond [args...]", "wait for a delay or a condition", "user", wait),
];
