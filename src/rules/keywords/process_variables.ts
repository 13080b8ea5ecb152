// `set-var` and `set-var-fmt` of the global section (configuration.txt 3.1): variables of the process that are set before
// anything else happens. `set var` of the runtime API does the same later.
import type { Cursor, KeywordEntry, Model, Node, ParseContext, Registry } from "../../config/mod.ts";
import {
  buildExpression,
  type ExprNode,
  FOUND,
  type LogFormatNode,
  missing,
  OFFERS,
  parseExpression,
  parseVariableName,
  ProcessTxn,
  type ProcessVariables,
  Sample,
  type SampleEnv,
  SCOPE_PROC,
  setText,
} from "../../sample/mod.ts";
import { buildFormat, takeFormat } from "../formats.ts";

/** What sets a variable of the process: an expression, or a format. */
export interface ProcessVariableNode {
  readonly variable: string;
  readonly expression: ExprNode | null;
  readonly format: LogFormatNode | null;
}

/** What build() of the entries is given: where the variables are. */
interface ProcessVariablesEnv {
  readonly samples: SampleEnv;
  readonly variables: ProcessVariables;
}

/** Parses an expression of internal data only; a string is the reason why it is none. */
export function parseProcessExpression(text: string, context: ParseContext): ExprNode | string {
  const node = parseExpression(text, context);
  if (typeof node === "string") return node;
  // Proxies are named, but not there.
  const lacks = node.references.length > 0 ? "internal state" : missing(node.needs, OFFERS.process);
  return lacks === null
    ? node
    : `fetch method '${node.fetch}' extracts information from '${lacks}', none of which is available here`;
}

/** Evaluates and sets. False when there is no value, or no memory for it. */
export function setProcessVariable(
  { variable, expression, format }: ProcessVariableNode,
  { samples, variables }: ProcessVariablesEnv,
): boolean {
  const { clock } = samples;
  const txn = new ProcessTxn(variables, clock.now(), clock.wall());
  const sample = new Sample();
  if (expression !== null) {
    if (buildExpression(expression, samples)(txn, sample) !== FOUND) return false;
  } else if (!setText(sample, buildFormat(format!, samples).text(txn), samples)) {
    return false;
  }
  const { scope, slot } = samples.variables.slot(variable);
  return txn.vars.set(scope, slot, sample);
}

function takeVariable(cursor: Cursor, keyword: string, what: string): string {
  const at = cursor.at;
  if (cursor.words.length - cursor.position < 2) {
    cursor.fail(`'${keyword}' requires a process-wide variable name ('proc.<name>') and ${what}.`, at);
  }
  const text = cursor.take("<var-name>");
  const name = parseVariableName(text);
  if (typeof name === "string") cursor.fail(`${name}.`, at);
  if (name.scope !== SCOPE_PROC) {
    cursor.fail(
      `'${keyword}': cannot set variable '${text}', only scope 'proc' is permitted in the global section.`,
      at,
    );
  }
  return text;
}

const setVar: KeywordEntry<ProcessVariableNode, ProcessVariablesEnv> = {
  kind: "keyword",
  name: "set-var",
  manual: "3.1",
  doc: "Sets a variable of the process to the value of an expression.",
  sections: ["global"],
  parse(cursor: Cursor) {
    const variable = takeVariable(cursor, "set-var", "a sample expression");
    const at = cursor.at;
    const expression = parseProcessExpression(cursor.take("<expr>"), cursor.context);
    if (typeof expression === "string") cursor.fail(`${expression}.`, at);
    cursor.end();
    return { variable, expression, format: null };
  },
  build: (node, env) => void setProcessVariable(node.value, env),
};

const setVarFmt: KeywordEntry<ProcessVariableNode, ProcessVariablesEnv> = {
  kind: "keyword",
  name: "set-var-fmt",
  manual: "3.1",
  doc: "Sets a variable of the process to the text of a log-format.",
  sections: ["global"],
  parse(cursor: Cursor) {
    const variable = takeVariable(cursor, "set-var-fmt", "a format string");
    const format = takeFormat(cursor, "<fmt>", OFFERS.process, "text");
    cursor.end();
    return { variable, expression: null, format };
  },
  build: (node, env) => void setProcessVariable(node.value, env),
};

export const processVariableKeywords = [setVar, setVarFmt] as const;

/** Sets the variables that the global section names, in its order. */
export function setProcessVariables(model: Model, registry: Registry, env: ProcessVariablesEnv): void {
  for (const { kind, nodes } of model.sections) {
    if (kind !== "global") continue;
    for (const node of nodes) {
      const entry = registry.find("keyword", node.keyword, "global");
      const setter = processVariableKeywords.find((keyword) => keyword === entry);
      setter?.build?.(node as Node<ProcessVariableNode>, env);
    }
  }
}
