// Actions on the request line: set-method, set-path, set-pathq, set-query, set-uri, replace-path, replace-pathq,
// replace-uri, normalize-uri (configuration.txt 4.4).
import { writeLatin1 } from "../../base/mod.ts";
import { compileRegex, expandReferences } from "../../sample/mod.ts";
import type { Regex, SampleEnv } from "../../sample/mod.ts";
import { buildFormat, takeFormat } from "../formats.ts";
import type { FormatNode } from "../formats.ts";
import { rewritten } from "../rewrite.ts";
import { RULE_CONTINUE, RULE_REPLY } from "../types.ts";
import type { ActionContext, ActionEntry, ActionFn, RuleVerdict } from "../types.ts";
import { atCondition, takeArgument } from "./arguments.ts";
import { normalize, NORMALIZER_OPTIONS, NORMALIZER_PARTS } from "./normalizers.ts";
import type { NormalizerName } from "./normalizers.ts";
import { takeRegex } from "./regex.ts";
import { setTarget, targetPart, withPart } from "../target.ts";
import type { TargetPart } from "../target.ts";
import type { RuleCursor } from "../rule_cursor.ts";

const REQUEST = ["http-request"] as const;

/** Puts a part of the target in place of what it is. */
function replacePart(context: ActionContext, part: TargetPart, value: string, env: SampleEnv): RuleVerdict {
  const target = context.request.targetText();
  const changed = withPart(target, part, value);
  return changed === target ? RULE_CONTINUE : rewritten(context, setTarget(context.request, changed, env));
}

const setMethod: ActionEntry<FormatNode> = {
  kind: "action",
  name: "set-method",
  manual: "4.4",
  doc: "Replaces the request's method.",
  rulesets: REQUEST,
  final: false,
  parse: (cursor) => takeFormat(cursor, "<fmt>", cursor.offers),
  build(node, env): ActionFn {
    const format = buildFormat(node, env);
    return (context) => {
      const method = format.text(context);
      const scratch = env.scratch();
      if (method.length > scratch.length) return rewritten(context, false);
      return rewritten(context, context.request.setMethod(scratch, 0, writeLatin1(scratch, 0, method)));
    };
  },
};

function setPart(part: TargetPart, doc: string): ActionEntry<FormatNode> {
  return {
    kind: "action",
    name: `set-${part}`,
    manual: "4.4",
    doc,
    rulesets: REQUEST,
    final: false,
    parse: (cursor) => takeFormat(cursor, "<fmt>", cursor.offers),
    build(node, env): ActionFn {
      const format = buildFormat(node, env);
      return (context) => replacePart(context, part, format.text(context), env);
    },
  };
}

interface ReplacePartNode {
  readonly regex: string;
  readonly format: FormatNode;
}

function replaceMatching(part: TargetPart, doc: string): ActionEntry<ReplacePartNode> {
  return {
    kind: "action",
    name: `replace-${part}`,
    manual: "4.4",
    doc,
    rulesets: REQUEST,
    final: false,
    parse(cursor: RuleCursor) {
      const regex = takeRegex(cursor);
      return { regex, format: takeFormat(cursor, "<replace-fmt>", cursor.offers) };
    },
    build(node, env): ActionFn {
      const regex = compileRegex(node.regex, false) as Regex;
      const format = buildFormat(node.format, env);
      return (context) => {
        const value = targetPart(context.request.targetText(), part);
        const match = value === null ? null : regex.match(value);
        if (match === null) return RULE_CONTINUE;
        return replacePart(context, part, expandReferences(format.text(context), match), env);
      };
    },
  };
}

interface NormalizerNode {
  readonly name: NormalizerName;
  readonly option: boolean;
}

const NORMALIZERS = Object.keys(NORMALIZER_PARTS) as NormalizerName[];

const normalizeUri: ActionEntry<NormalizerNode> = {
  kind: "action",
  name: "normalize-uri",
  manual: "4.4",
  doc: "Brings the request's target into a normal form.",
  rulesets: REQUEST,
  final: false,
  gate: "experimental",
  parse(cursor: RuleCursor) {
    const at = cursor.at;
    const word = takeArgument(cursor, "<normalizer>");
    const name = NORMALIZERS.find((known) => known === word);
    if (name === undefined) {
      cursor.fail(`unknown normalizer '${word}', expected one of ${NORMALIZERS.join(", ")}.`, at);
    }
    const known = NORMALIZER_OPTIONS[name];
    const option = known !== undefined && cursor.accept(known);
    if (!atCondition(cursor)) cursor.fail(`'${name}' does not know the option '${cursor.peek()}'.`);
    return { name, option };
  },
  build(node, env): ActionFn {
    const part = NORMALIZER_PARTS[node.name];
    return (context) => {
      const value = targetPart(context.request.targetText(), part);
      if (value === null) return RULE_CONTINUE;
      const normal = normalize(node.name, value, node.option);
      if (normal !== null) return replacePart(context, part, normal, env);
      context.finalStatus("P");
      context.reply = context.errorReply(400);
      return RULE_REPLY;
    };
  },
};

export const uriActions = [
  setMethod,
  setPart("path", "Replaces the path, without the query string."),
  setPart("pathq", "Replaces path and query string."),
  setPart("query", "Replaces the query string."),
  setPart("uri", "Replaces the whole target."),
  replaceMatching("path", "Replaces a path that matches a regular expression."),
  replaceMatching("pathq", "Replaces path and query string when they match a regular expression."),
  replaceMatching("uri", "Replaces a target that matches a regular expression."),
  normalizeUri,
] as const;
