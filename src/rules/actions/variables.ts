// Actions on variables: set-var, set-var-fmt, unset-var (configuration.txt 4.4, 2.8).
import { writeLatin1 } from "../../base/mod.ts";
import {
  buildExpression,
  buildSetVariable,
  FOUND,
  NOT_YET,
  parseSetVariable,
  parseWritableVariable,
  Sample,
  T_STR,
  takeExpression,
} from "../../sample/mod.ts";
import type { ExprNode, SetVariableNode } from "../../sample/mod.ts";
import { buildFormat, takeFormat } from "../formats.ts";
import type { FormatNode } from "../formats.ts";
import type { RuleCursor } from "../rule_cursor.ts";
import { RULE_CONTINUE, RULE_NOT_YET, RULESETS } from "../types.ts";
import type { ActionEntry, ActionFn, RulesetName } from "../types.ts";
import { parameterOf } from "./arguments.ts";

/** Rule sets before there is a stream: only the scopes of process and session exist. */
const WITHOUT_STREAM: readonly RulesetName[] = ["tcp-request connection", "tcp-request session"];

const never: ActionFn = () => RULE_CONTINUE;

/** True when the variable does not live where the rule runs; warned about when parsed, not set when run. */
function homeless(variable: string, ruleset: RulesetName): boolean {
  return WITHOUT_STREAM.includes(ruleset) && !/^(proc|sess)\./.test(variable);
}

function takeVariable(cursor: RuleCursor): SetVariableNode {
  const at = cursor.place(cursor.position - 1);
  const variable = parseSetVariable(parameterOf(cursor).split(","));
  if (typeof variable === "string") cursor.fail(`${variable}.`, at);
  if (homeless(variable.variable, cursor.ruleset)) {
    cursor.warn(
      `'${cursor.keyword}' has no effect: '${cursor.ruleset}' rules only have variables of scopes 'proc' and 'sess'.`,
      at,
    );
  }
  return variable;
}

interface SetVarNode {
  readonly variable: SetVariableNode;
  readonly expression: ExprNode;
}

const setVar: ActionEntry<SetVarNode> = {
  kind: "action",
  name: "set-var",
  manual: "4.4",
  doc: "Sets a variable to the value of an expression.",
  rulesets: RULESETS,
  final: false,
  parameter: true,
  parse(cursor: RuleCursor) {
    const variable = takeVariable(cursor);
    return { variable, expression: takeExpression(cursor, cursor.offers) };
  },
  build(node, env): ActionFn {
    if (homeless(node.variable.variable, env.ruleset)) return never;
    const expression = buildExpression(node.expression, env);
    const set = buildSetVariable(node.variable, env);
    const sample = new Sample();
    return (context) => {
      const found = expression(context, sample);
      if (found === FOUND) set(sample, context);
      return found === NOT_YET ? RULE_NOT_YET : RULE_CONTINUE;
    };
  },
};

interface SetVarFmtNode {
  readonly variable: SetVariableNode;
  readonly format: FormatNode;
}

const setVarFmt: ActionEntry<SetVarFmtNode> = {
  kind: "action",
  name: "set-var-fmt",
  manual: "4.4",
  doc: "Sets a variable to the text of a log-format.",
  rulesets: RULESETS,
  final: false,
  parameter: true,
  parse(cursor: RuleCursor) {
    const variable = takeVariable(cursor);
    return { variable, format: takeFormat(cursor, "<fmt>", cursor.offers, "text") };
  },
  build(node, env): ActionFn {
    if (homeless(node.variable.variable, env.ruleset)) return never;
    const format = buildFormat(node.format, env);
    const set = buildSetVariable(node.variable, env);
    const sample = new Sample();
    return (context) => {
      const text = format.text(context);
      const scratch = env.scratch();
      if (text.length > scratch.length) return RULE_CONTINUE;
      sample.type = T_STR;
      sample.bytes = scratch;
      sample.from = 0;
      sample.to = writeLatin1(scratch, 0, text);
      set(sample, context);
      return RULE_CONTINUE;
    };
  },
};

const unsetVar: ActionEntry<string> = {
  kind: "action",
  name: "unset-var",
  manual: "4.4",
  doc: "Forgets a variable.",
  rulesets: RULESETS,
  final: false,
  parameter: true,
  parse(cursor: RuleCursor) {
    const at = cursor.place(cursor.position - 1);
    const name = parseWritableVariable(parameterOf(cursor));
    if (typeof name === "string") cursor.fail(`${name}.`, at);
    return name.text;
  },
  build(name, env): ActionFn {
    const { scope, slot } = env.variables.slot(name);
    return (context) => {
      context.vars.unset(scope, slot);
      return RULE_CONTINUE;
    };
  },
};

export const variableActions = [setVar, setVarFmt, unsetVar] as const;
