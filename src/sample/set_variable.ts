// Setting a variable with conditions: what the converter set-var() and the actions set-var and set-var-fmt do
// (configuration.txt 7.3.1 "set-var").
import { compare } from "./integers.ts";
import { Sample, type SampleEnv, T_BIN, T_METH, T_SINT, T_STR, type Txn } from "./types.ts";
import { parseWritableVariable } from "./variable_names.ts";

const SET_CONDITIONS = [
  "ifexists",
  "ifnotexists",
  "ifempty",
  "ifnotempty",
  "ifset",
  "ifnotset",
  "ifgt",
  "iflt",
] as const;
export type SetCondition = (typeof SET_CONDITIONS)[number];

/** Conditions one set-var() may have. */
export const MOST_SET_CONDITIONS = 4;

/** What a set-var with its conditions says. */
export interface SetVariableNode {
  readonly variable: string;
  readonly conditions: readonly SetCondition[];
}

/** Reads "name,condition,..." as parseArgs() cut it; a string is the error. */
export function parseSetVariable(args: readonly string[]): SetVariableNode | string {
  const name = parseWritableVariable(args[0] ?? "");
  if (typeof name === "string") return name;
  const conditions = args.slice(1);
  if (conditions.length > MOST_SET_CONDITIONS) return `at most ${MOST_SET_CONDITIONS} conditions may be given`;
  const unknown = conditions.find((condition) => !(SET_CONDITIONS as readonly string[]).includes(condition));
  if (unknown !== undefined) return `unknown condition "${unknown}"`;
  return { variable: name.text, conditions: conditions as SetCondition[] };
}

/** Sets the variable to the sample when all conditions hold. True when it was set. */
export type SetVariableFn = (sample: Sample, txn: Txn) => boolean;

export function buildSetVariable(node: SetVariableNode, env: SampleEnv): SetVariableFn {
  const { scope, slot } = env.variables.slot(node.variable);
  if (node.conditions.length === 0) return (sample, txn) => txn.vars.set(scope, slot, sample);
  const { conditions } = node;
  const old = new Sample();
  return (sample, txn) => {
    const isSet = txn.vars.get(scope, slot, old);
    const exists = txn.vars.exists(scope, slot);
    for (let i = 0; i < conditions.length; i++) {
      if (!holds(conditions[i], sample, isSet ? old : null, exists)) return false;
    }
    return txn.vars.set(scope, slot, sample);
  };
}

function holds(condition: SetCondition, sample: Sample, old: Sample | null, exists: boolean): boolean {
  switch (condition) {
    case "ifexists":
      return exists;
    case "ifnotexists":
      return !exists;
    case "ifset":
      return old !== null;
    case "ifnotset":
      return old === null;
    case "ifempty":
      return isEmpty(sample);
    case "ifnotempty":
      return !isEmpty(sample);
    case "ifgt":
      return order(old, sample) !== -1 && order(old, sample) !== 0;
    case "iflt":
      return order(old, sample) !== 1 && order(old, sample) !== 0;
  }
}

/** Numbers and addresses are never empty. */
function isEmpty(sample: Sample): boolean {
  return (sample.type === T_STR || sample.type === T_BIN || sample.type === T_METH) && sample.from === sample.to;
}

/** How the variable compares to the input; null when either is no integer: such a condition counts as true. */
function order(old: Sample | null, sample: Sample): number | null {
  return old?.type === T_SINT && sample.type === T_SINT ? compare(old.num, sample.num) : null;
}
