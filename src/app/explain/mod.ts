// `sluice explain`: the command, from its words to its output and exit status.
import { fromByteString, renderDiagnostics } from "../../config/mod.ts";
import { EXPLAIN_USAGE, parseExplainArguments } from "./arguments.ts";
import { explanationJson } from "./json.ts";
import { renderExplanation } from "./render.ts";
import { explain, type ExplainHost } from "./run.ts";

const EXIT_ERROR = 1;

/** What the command is given beside its words. */
export interface ExplainIo extends ExplainHost {
  /** Changes the folder; false: there is none. */
  enter(folder: string): boolean;
}

/** Runs the command with the words behind "explain"; the exit status. */
export async function runExplain(words: readonly string[], io: ExplainIo): Promise<number> {
  const out = (text: string) => io.proc.stdout(new TextEncoder().encode(text));
  const err = (text: string) => io.proc.stderr(new TextEncoder().encode(text));
  const asked = parseExplainArguments(words);
  if (typeof asked === "string") {
    err(`sluice explain: ${asked} ('sluice explain --help' shows how it is used)\n`);
    return EXIT_ERROR;
  }
  if (asked.help) {
    out(EXPLAIN_USAGE);
    return 0;
  }
  if (asked.folder !== null && !io.enter(asked.folder)) {
    err(`sluice explain: could not change to directory ${asked.folder}.\n`);
    return EXIT_ERROR;
  }
  const { diagnostics, explanation, problem, statements } = await explain(asked, io);
  err(fromByteString(renderDiagnostics(diagnostics, { pid: io.proc.pid, diagnosticMode: false })));
  if (explanation === null) {
    if (problem !== "") err(`sluice explain: ${fromByteString(problem)}\n`);
    return EXIT_ERROR;
  }
  const render = asked.json ? explanationJson : renderExplanation;
  out(render(explanation, statements));
  return 0;
}
