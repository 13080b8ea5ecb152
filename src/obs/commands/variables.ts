// Commands on the variables of the process: `get var`, `set var` (management.txt 9.3). Messages are those of HAProxy.
import { type CommandAnswer, type CommandContext, type CommandEntry, commandError } from "../../proxy/mod.ts";
import { parseProcessExpression, setProcessVariable } from "../../rules/mod.ts";
import {
  OFFERS,
  parseLogFormat,
  parseVariableName,
  Sample,
  sampleText,
  SCOPE_PROC,
  T_BIN,
  TYPE_NAMES,
} from "../../sample/mod.ts";
import { Environment, type ParseContext } from "../../config/mod.ts";
import { command } from "./define.ts";

const MISSING_NAME = "Missing process-wide variable identifier.";

function getVar({ words, control }: CommandContext): CommandAnswer {
  const [text] = words;
  if (text === undefined) return commandError(MISSING_NAME);
  const name = parseVariableName(text);
  const unknown = commandError("Variable not found.");
  if (typeof name === "string" || name.scope !== SCOPE_PROC) return unknown;
  const { shared } = control.variables;
  const sample = new Sample();
  if (!shared.get(shared.find(name.name), sample)) return unknown;
  const value = sampleText(sample, true);
  const shown = sample.type === T_BIN ? value.replace(/[^\x20-\x7e]/g, ".") : value.replaceAll("\n", "\\n");
  return `${text}: type=${TYPE_NAMES[sample.type]} value=<${shown}>\n`;
}

function setVar({ words, control }: CommandContext): CommandAnswer {
  const [text, kind, ...rest] = words;
  if (text === undefined) return commandError(MISSING_NAME);
  if (kind === undefined) return commandError("Missing either 'expr', 'fmt' or expression.");
  const name = parseVariableName(text);
  if (typeof name === "string") return commandError(name);
  if (name.scope !== SCOPE_PROC) {
    return commandError(`'set var': cannot set variable '${text}', only scope 'proc' is permitted here.`);
  }
  const named = kind === "expr" || kind === "fmt";
  const value = named ? rest[0] : kind;
  if (value === undefined) return commandError(`Missing the ${kind === "fmt" ? "format" : "expression"}.`);
  const context = parseContext(control);
  const format = kind === "fmt" ? parseLogFormat(value, context, { style: "text", offers: OFFERS.process }) : null;
  const expression = format === null ? parseProcessExpression(value, context) : null;
  if (typeof format === "string" || typeof expression === "string") return commandError(`${format ?? expression}`);
  const { samples, variables } = control;
  if (setProcessVariable({ variable: text, expression, format }, { samples, variables })) return "";
  return commandError("The expression has no value, or there is no memory for it: nothing was set.");
}

/** Where an expression of a command is parsed: its lists are those that the configuration has. */
function parseContext({ registry, lists }: CommandContext["control"]): ParseContext {
  const known = (path: string) => lists.sets.find(path) !== undefined;
  return {
    registry,
    diagnostics: [],
    state: { environment: new Environment({}, []), gates: new Set(), pathPolicy: "current", pathOrigin: "" },
    section: { kind: "global", name: "", nodes: [] },
    file: (path) => known(path) ? { key: path, bytes: null } : "the configuration has no such list",
    kindOf: (path) => known(path) ? "file" : "absent",
    list: () => "No such file or directory",
  };
}

export const variableCommands: readonly CommandEntry[] = [
  command("get var", "get var <name>", "retrieve contents of a process-wide variable", "operator", getVar),
  command(
    "set var",
    "set var <name> [fmt|expr] {<fmt>|<expr>}",
    "set variable from an expression/format",
    "operator",
    setVar,
    { gate: "experimental" },
  ),
];
