// A line of the runtime API: cut into commands and words (management.txt 9.3). Text is one code unit a byte.

/** Longest pattern that may follow "<<". */
const MAX_PATTERN = 7;

export interface CommandLine {
  /** The words of each command, in order; a command of no word is an empty list. */
  readonly commands: readonly (readonly string[])[];
  /** What ends the payload that follows the line ("": an empty line); null: no payload follows. */
  readonly pattern: string | null;
}

/**
 * Cuts a line without its line end. Commands end at ";", words at blanks; after a backslash a character stands for itself.
 * "<<" and "<<PATTERN" as the line's last word announce a payload for its last command.
 */
export function parseCommandLine(line: string): CommandLine {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | null = null;
  /** The word as it was written, without what a backslash makes of it: "\<<" is no payload. */
  let escaped = false;
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (c === "\\" && i + 1 < line.length) {
      word = (word ?? "") + line[++i];
      escaped = true;
    } else if (c === ";") {
      endWord();
      commands.push(words);
      words = [];
      escaped = false;
    } else if (c === " " || c === "\t" || c === "\r") {
      endWord();
    } else {
      if (word === null) escaped = false;
      word = (word ?? "") + c;
    }
  }
  endWord();
  let pattern: string | null = null;
  const last = words[words.length - 1] ?? "";
  if (!escaped && last.startsWith("<<") && last.length <= 2 + MAX_PATTERN) {
    pattern = last.slice(2);
    words.pop();
  }
  // "a; b;" are two commands; an empty line is one.
  if (words.length > 0 || commands.length === 0) commands.push(words);
  return { commands, pattern };
}
