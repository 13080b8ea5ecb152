// Arguments in parentheses after a name: the second level of quoting (configuration.txt 2.2), as in "regsub(a,b,g)".
// The rules are those of lines without \#, \$ and \xNN; comma and closing parenthesis delimit unless quoted.
import { escaped } from "./lexer.ts";

interface Args {
  readonly args: readonly string[];
  /** Index behind the closing parenthesis. */
  readonly end: number;
}

interface ArgsError {
  readonly reason: string;
  /** Index in the text. */
  readonly at: number;
}

/** Most arguments in one pair of parentheses. */
const MAX_ARGS = 64;

/** Reads the arguments of the parenthesis that opens at `from`. "()" has none; "(,)" has two empty ones. */
export function parseArgs(text: string, from: number): Args | ArgsError {
  const args: string[] = [];
  let arg = "";
  let quoted = false;
  let i = from + 1;
  while (i < text.length) {
    const c = text[i];
    if (c === ")") {
      if (args.length > 0 || arg !== "" || quoted) args.push(arg);
      return { args, end: i + 1 };
    }
    if (c === ",") {
      if (args.length === MAX_ARGS - 1) return { reason: `too many arguments (limit: ${MAX_ARGS})`, at: i };
      args.push(arg);
      arg = "";
      quoted = false;
      i++;
    } else if (c === "'" || c === '"') {
      const quote = i++;
      quoted = true;
      while (i < text.length && text[i] !== c) {
        const character = c === '"' && text[i] === "\\" ? escaped(text[i + 1]) : null;
        arg += character ?? text[i];
        i += character === null ? 1 : 2;
      }
      if (i >= text.length) return { reason: `unmatched quote`, at: quote };
      i++;
    } else {
      const character = c === "\\" ? escaped(text[i + 1]) : null;
      arg += character ?? c;
      i += character === null ? 1 : 2;
    }
  }
  return { reason: `expected ')' after '${text.slice(from)}'`, at: text.length };
}
