// Arguments that are a constant or an expression for a number: "{ <timeout> | <expr> }" and the like.
import type { Cursor } from "../../config/mod.ts";
import { buildTyped, FOUND, Sample, T_SINT, takeExpression } from "../../sample/mod.ts";
import type { ExprNode, SampleEnv, Txn } from "../../sample/mod.ts";
import { parseTimeMs } from "../../base/mod.ts";
import { takeArgument } from "./arguments.ts";

export type NumberNode = number | ExprNode;

/** Takes a time in milliseconds, or an expression for one. */
export function takeTime(cursor: Cursor, offers: number): NumberNode {
  const at = cursor.at;
  const word = cursor.peek() ?? "";
  if (!/^[0-9]/.test(word)) return takeExpression(cursor, offers);
  const value = parseTimeMs(takeArgument(cursor, "a time or an expression"));
  if (typeof value === "string") cursor.fail(`${value}.`, at);
  return value;
}

/** Takes an integer between `min` and `max`, or an expression for one. */
export function takeInteger(cursor: Cursor, min: number, max: number, offers: number): NumberNode {
  const at = cursor.at;
  const word = cursor.peek() ?? "";
  if (!/^[0-9]/.test(word)) return takeExpression(cursor, offers);
  const value = /^[0-9]{1,10}$/.test(word) ? Number(word) : NaN;
  if (!(value >= min && value <= max)) {
    cursor.fail(`expects an integer between ${min} and ${max}, but got '${word}'.`, at);
  }
  cursor.position++;
  return value;
}

/** The number for a transaction; null when the expression has no value. */
export function buildNumber(node: NumberNode, env: SampleEnv): (txn: Txn) => number | null {
  if (typeof node === "number") return () => node;
  const expression = buildTyped(node, env, T_SINT);
  const sample = new Sample();
  return (txn) => expression(txn, sample) === FOUND ? Number(sample.num) : null;
}
