// What the command line knows: `help`, and which commands come near to one that is unknown (management.txt 9.3 "help").
import { suggest } from "../../config/mod.ts";
import type { CommandEntry, CommandSession } from "../../proxy/mod.ts";

/** Width of the left part of a help line. */
const USAGE_WIDTH = 40;

/** They end every list: what gets one out of here. */
const ALWAYS = ["help", "prompt", "quit"];

/** Whether the session may see and run a gated command. */
export function gateOpen(entry: CommandEntry, session: CommandSession): boolean {
  if (entry.gate === undefined) return true;
  return entry.gate === "experimental" ? session.experimental : session.expert;
}

/** `help`, `help <words>`. */
export function helpText(
  commands: readonly CommandEntry[],
  session: CommandSession,
  words: readonly string[],
): string {
  const listed = visible(commands, session);
  const matching = words.length === 0 ? listed : near(listed, words);
  return page("The following commands are valid at this level:", listed, matching.length === 0 ? listed : matching);
}

/** The answer to a command that there is not. */
export function unknownText(
  commands: readonly CommandEntry[],
  session: CommandSession,
  words: readonly string[],
): string {
  const listed = visible(commands, session);
  const matching = words.length === 0 ? [] : near(listed, words);
  if (matching.length > 0) {
    const title = `Unknown command: '${words[0]}', but maybe one of the following ones is a better match:`;
    return page(title, listed, matching);
  }
  const what = words.length === 0 ? "Unknown command." : `Unknown command: '${words[0]}'.`;
  return page(`${what} Please enter one of the following commands only:`, listed, listed);
}

function visible(commands: readonly CommandEntry[], session: CommandSession): CommandEntry[] {
  return commands.filter((c) => c.usage !== "" && gateOpen(c, session));
}

function page(title: string, all: readonly CommandEntry[], matching: readonly CommandEntry[]): string {
  const first = matching.filter((c) => !ALWAYS.includes(c.name)).sort((a, b) => compare(a.usage, b.usage));
  const last = ALWAYS.flatMap((name) => all.filter((c) => c.name === name));
  return [title, ...[...first, ...last].map(helpLine)].join("\n") + "\n";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function helpLine(entry: CommandEntry): string {
  return `  ${entry.usage.padEnd(USAGE_WIDTH)}: ${entry.doc}`;
}

/** Commands whose names begin with the words, else those closest to them, else those that begin as they do. */
function near(commands: readonly CommandEntry[], words: readonly string[]): CommandEntry[] {
  const beginning = commands.filter((c) => begins(c.name.split(" "), words));
  if (beginning.length > 0) return beginning;
  let best = Infinity;
  const scored = commands.map((command) => {
    const score = strangeness(command.name.split(" "), words);
    best = Math.min(best, score);
    return { command, score };
  });
  if (best < Infinity) return scored.filter((s) => s.score === best).map((s) => s.command);
  return words.length === 1 ? [] : commands.filter((c) => c.name.split(" ")[0] === words[0]);
}

/** Each word begins the name's word at its place; words behind the name are its arguments. */
function begins(name: readonly string[], words: readonly string[]): boolean {
  const common = Math.min(name.length, words.length);
  for (let i = 0; i < common; i++) {
    const whole = i < words.length - 1;
    if (whole ? name[i] !== words[i] : !name[i].startsWith(words[i])) return false;
  }
  return true;
}

/** How far the words are from the name: misspelt words, and words of the name that are missing. Infinity: another thing. */
function strangeness(name: readonly string[], words: readonly string[]): number {
  let score = 0;
  const left = [...name];
  for (const word of words.slice(0, name.length)) {
    let found = left.indexOf(word);
    if (found < 0) {
      const close = suggest(word, left);
      found = close === null ? -1 : left.indexOf(close);
      score++;
    }
    if (found < 0) return Infinity;
    left.splice(found, 1);
  }
  return score + left.length;
}
