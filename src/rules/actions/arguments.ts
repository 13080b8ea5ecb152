// Reading the arguments of actions.
import type { Cursor } from "../../config/mod.ts";

/** What stands in the parentheses of the action's name, the word just taken: "txn.a" of "set-var(txn.a)". */
export function parameterOf(cursor: Cursor): string {
  const name = cursor.words[cursor.position - 1].text;
  const open = name.indexOf("(");
  return open < 0 ? "" : name.slice(open + 1, name.endsWith(")") ? -1 : undefined);
}

/** True when the action's arguments end here. */
export function atCondition(cursor: Cursor): boolean {
  const word = cursor.peek();
  return word === undefined || word === "if" || word === "unless";
}

/** Takes an argument, which a condition's keyword cannot be. */
export function takeArgument(cursor: Cursor, what: string): string {
  if (atCondition(cursor)) cursor.fail(`expects ${what} as argument.`);
  return cursor.take(what);
}
