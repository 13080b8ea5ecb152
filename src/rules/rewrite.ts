// What rewriting actions share: which message they change, and what becomes of a change that did not fit.
import type { Message } from "../http/mod.ts";
import { RULE_CONTINUE, RULE_ERROR } from "./types.ts";
import type { ActionContext, RulesetName, RuleVerdict } from "./types.ts";

/** The message that rules of a set rewrite. */
export function messageOf(ruleset: RulesetName): (context: ActionContext) => Message {
  return ruleset === "http-request" ? requestOf : responseOf;
}

function requestOf(context: ActionContext): Message {
  return context.request;
}

function responseOf(context: ActionContext): Message {
  return context.response;
}

/** The verdict on a rewrite: one that failed is an error in strict mode, else it is only counted. */
export function rewritten(context: ActionContext, done: boolean): RuleVerdict {
  if (done) return RULE_CONTINUE;
  context.failedRewrites++;
  return context.strictRewriting ? RULE_ERROR : RULE_CONTINUE;
}
