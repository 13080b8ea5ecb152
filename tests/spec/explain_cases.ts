// Golden cases of `sluice explain`, tests/spec/explain/*.cases: a configuration and command lines in, what is printed out.
//
//   @case the title
//   @config                   edge.cfg; up to the next "@"
//   @file path text           another file (repeatable; "\n" in the text is a line feed)
//   @run <words>              words behind "sluice explain -f edge.cfg", as a shell reads them; below it the output
//
// In the output lines of standard error begin with "! ", and the exit status is the last line when it is not 0.
import { runExplain } from "../../src/app/explain/mod.ts";
import { createSimWorld } from "../../src/sys/sim/mod.ts";

export interface Run {
  readonly words: string;
  output: string;
}

export interface Case {
  readonly title: string;
  config: string;
  readonly files: Record<string, string>;
  readonly runs: Run[];
}

export function parseCases(text: string, file: string): Case[] {
  const cases: Case[] = [];
  let add: ((line: string) => void) | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [, word, rest = ""] = /^@([a-z]+)(?: (.*))?$/.exec(line) ?? [];
    const current = cases[cases.length - 1];
    if (word === "case") {
      cases.push({ title: rest, config: "", files: {}, runs: [] });
      add = null;
    } else if (word === "config") {
      add = (text) => current.config += text + "\n";
    } else if (word === "file") {
      const [path, ...content] = rest.split(" ");
      current.files[path] = content.join(" ").replaceAll("\\n", "\n");
      add = null;
    } else if (word === "run") {
      const run: Run = { words: rest, output: "" };
      current.runs.push(run);
      add = (text) => run.output += text + "\n";
    } else if (add !== null) {
      add(line);
    } else if (line !== "" && !line.startsWith("#")) {
      throw new Error(`${file}:${index + 1}: text outside of a case: '${line}'`);
    }
  }
  return cases;
}

/** What a command line prints for a case. */
export async function outputOf(c: Case, words: readonly string[]): Promise<string> {
  const { fs, process, main } = createSimWorld();
  process.hostname = "here";
  fs.add("edge.cfg", c.config);
  for (const [path, content] of Object.entries(c.files)) fs.add(path, content);
  const code = await runExplain(words, { fs, proc: main.proc, env: {}, enter: () => false });
  const errors = process.stderr.trimEnd();
  const out = process.stdout + (errors === "" ? "" : `${errors.replace(/^/gm, "! ")}\n`);
  return code === 0 ? out : `${out}exit ${code}\n`;
}

/** Words of a line: blanks between them, quotes as in a shell. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2")
  );
}
