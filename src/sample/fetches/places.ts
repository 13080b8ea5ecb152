// For tests of fetches: what places of a configuration say to them, and whether conditions hold. Used by tests only.
import { Cursor, lexLine } from "../../config/mod.ts";
import { buildCondition, parseCondition } from "../condition.ts";
import { takeExpression } from "../expression.ts";
import { OFFERS } from "../offers.ts";
import { testContext, testEnv } from "../testing.ts";
import { FOUND, type SampleEnv, type Txn } from "../types.ts";

/** What a place says to an expression; "" when it takes it. */
export function refusal(text: string, offers: number, kind: "frontend" | "backend" = "frontend"): string {
  const here = testContext({ kind });
  const cursor = new Cursor(here, "t.cfg", 1, "x", false, lexLine(text, () => "").words, 0);
  try {
    takeExpression(cursor, offers);
    return "";
  } catch {
    return here.diagnostics[0].text;
  }
}

/** Whether a condition of a content rule holds. Throws what is wrong with it. */
export function holds(text: string, txn: Txn, env: SampleEnv = testEnv()): boolean {
  const here = testContext();
  const cursor = new Cursor(
    here,
    "t.cfg",
    1,
    "tcp-request content accept",
    false,
    lexLine(`if ${text}`, () => "").words,
    0,
  );
  try {
    return buildCondition(parseCondition(cursor, OFFERS["tcp-request content"]), env)(txn) === FOUND;
  } catch (error) {
    throw new Error(here.diagnostics[0]?.text ?? String(error));
  }
}
