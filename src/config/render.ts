// Diagnostics as lines on standard error: "[ALERT]    (pid) : config : parsing [file:line] : ...".
import type { Diagnostic, Level } from "./diagnostics.ts";

/** Width of the level with its brackets. */
const LEVEL_WIDTH = 10;

/** One message of any part of the program, without the line's end. */
export function renderMessage(level: Level, pid: number, text: string): string {
  return `${`[${level}]`.padEnd(LEVEL_WIDTH)} (${pid}) : ${text}`;
}

/**
 * The lines for the diagnostics of a load, each ending with a line feed; with an ALERT among them those that conclude
 * from it. DIAG ones appear only in diagnostic mode (-dD). The text is a byte string.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: { readonly pid: number; readonly diagnosticMode: boolean },
): string {
  const lines: string[] = [];
  const wrong = new Set<string>();
  let fatal = false;
  for (const { level, at, text } of diagnostics) {
    if (level === "DIAG" && !options.diagnosticMode) continue;
    if (level === "ALERT") {
      fatal = true;
      if (at !== null) wrong.add(at.file);
    }
    const place = at === null ? "" : `parsing [${at.file}:${at.line}] : `;
    lines.push(renderMessage(level, options.pid, `config : ${place}${text}`));
  }
  for (const file of wrong) {
    lines.push(renderMessage("ALERT", options.pid, `config : Error(s) found in configuration file : ${file}`));
  }
  if (fatal) lines.push(renderMessage("ALERT", options.pid, "config : Fatal errors found in configuration."));
  return lines.map((line) => `${line}\n`).join("");
}
