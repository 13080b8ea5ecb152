// Actions on header fields: add-header, set-header, del-header, replace-header, replace-value (configuration.txt 4.4).
//
// A new field stands behind all others, also when it takes the place of old ones, as in HAProxy.
import { HeaderName, isTokenText } from "../../http/mod.ts";
import type { Message } from "../../http/mod.ts";
import { compileRegex, expandReferences } from "../../sample/mod.ts";
import type { Regex } from "../../sample/mod.ts";
import { buildFormat, takeFormat } from "../formats.ts";
import type { FormatNode } from "../formats.ts";
import { mapListValues } from "../replace.ts";
import type { RuleCursor } from "../rule_cursor.ts";
import { messageOf, rewritten } from "../rewrite.ts";
import { RULE_CONTINUE } from "../types.ts";
import type { ActionEntry, ActionFn, RulesetName } from "../types.ts";
import { takeArgument } from "./arguments.ts";
import { takeRegex } from "./regex.ts";

const HTTP_RULESETS: readonly RulesetName[] = ["http-request", "http-response", "http-after-response"];

function takeName(cursor: RuleCursor): string {
  const at = cursor.at;
  const name = takeArgument(cursor, "<name>");
  if (!isTokenText(name)) cursor.fail(`'${name}' is not a header name.`, at);
  return name;
}

// ---- add-header, set-header -----------------------------------------------------------------------------------

interface HeaderNode {
  readonly name: string;
  readonly format: FormatNode;
}

function parseHeader(cursor: RuleCursor): HeaderNode {
  return { name: takeName(cursor), format: takeFormat(cursor, "<fmt>", cursor.offers) };
}

const addHeader: ActionEntry<HeaderNode> = {
  kind: "action",
  name: "add-header",
  manual: "4.4",
  doc: "Appends a header field.",
  rulesets: HTTP_RULESETS,
  final: false,
  parse: parseHeader,
  build(node, env): ActionFn {
    const name = new HeaderName(node.name);
    const format = buildFormat(node.format, env);
    const message = messageOf(env.ruleset);
    return (context) => rewritten(context, message(context).add(name, format.text(context)));
  },
};

const setHeader: ActionEntry<HeaderNode> = {
  kind: "action",
  name: "set-header",
  manual: "4.4",
  doc: "Replaces all header fields of a name by one.",
  rulesets: HTTP_RULESETS,
  final: false,
  parse: parseHeader,
  build(node, env): ActionFn {
    const name = new HeaderName(node.name);
    const format = buildFormat(node.format, env);
    const message = messageOf(env.ruleset);
    return (context) => {
      const head = message(context);
      const added = head.count;
      // The value first: it may be made of the fields it replaces.
      if (!head.add(name, format.text(context))) return rewritten(context, false);
      for (let row = head.findName(name); row < added; row = head.findName(name, row + 1)) head.remove(row);
      return RULE_CONTINUE;
    };
  },
};

// ---- del-header -----------------------------------------------------------------------------------------------

const DEL_METHODS = ["str", "beg", "end", "sub", "reg"] as const;

interface DelHeaderNode {
  readonly method: (typeof DEL_METHODS)[number];
  readonly pattern: string;
}

const delHeader: ActionEntry<DelHeaderNode> = {
  kind: "action",
  name: "del-header",
  manual: "4.4",
  doc: "Removes the header fields whose name matches.",
  rulesets: HTTP_RULESETS,
  final: false,
  parse(cursor: RuleCursor) {
    const at = cursor.at;
    const pattern = takeArgument(cursor, "<name>");
    let method: DelHeaderNode["method"] = "str";
    if (cursor.accept("-m")) {
      const word = takeArgument(cursor, "a matching method behind '-m'");
      const found = DEL_METHODS.find((name) => name === word);
      if (found === undefined) {
        cursor.fail(`-m with unsupported matching method '${word}'.`, cursor.place(cursor.position - 1));
      }
      method = found;
    }
    if (method === "reg") {
      const regex = compileRegex(pattern, false);
      if (typeof regex === "string") cursor.fail(`${regex}.`, at);
    } else if (method === "str" && !isTokenText(pattern)) {
      cursor.fail(`'${pattern}' is not a header name.`, at);
    }
    return { method, pattern };
  },
  build(node, env): ActionFn {
    const message = messageOf(env.ruleset);
    if (node.method === "str") {
      const name = new HeaderName(node.pattern);
      return (context) => {
        message(context).removeAll(name);
        return RULE_CONTINUE;
      };
    }
    const matches = nameTest(node);
    return (context) => {
      removeMatching(message(context), matches);
      return RULE_CONTINUE;
    };
  },
};

/** A test of names, which are in lower case. */
function nameTest(node: DelHeaderNode): (name: string) => boolean {
  const pattern = node.pattern.toLowerCase();
  switch (node.method) {
    case "beg":
      return (name) => name.startsWith(pattern);
    case "end":
      return (name) => name.endsWith(pattern);
    case "sub":
      return (name) => name.includes(pattern);
    case "reg": {
      const regex = compileRegex(node.pattern, false) as Regex;
      return (name) => regex.test(name);
    }
    case "str":
      return (name) => name === pattern;
  }
}

function removeMatching(head: Message, matches: (name: string) => boolean): void {
  for (let row = head.next(0); row >= 0; row = head.next(row + 1)) {
    if (matches(head.nameText(row))) head.remove(row);
  }
}

// ---- replace-header, replace-value ------------------------------------------------------------------------------

interface ReplaceNode {
  readonly name: string;
  readonly regex: string;
  readonly format: FormatNode;
}

function parseReplace(cursor: RuleCursor): ReplaceNode {
  const name = takeName(cursor);
  const regex = takeRegex(cursor);
  return { name, regex, format: takeFormat(cursor, "<replace-fmt>", cursor.offers) };
}

const replaceHeader: ActionEntry<ReplaceNode> = {
  kind: "action",
  name: "replace-header",
  manual: "4.4",
  doc: "Replaces the values of a header field that match a regular expression.",
  rulesets: HTTP_RULESETS,
  final: false,
  parse: parseReplace,
  build(node, env): ActionFn {
    const regex = compileRegex(node.regex, false) as Regex;
    const format = buildFormat(node.format, env);
    return replaceValues(node.name, messageOf(env.ruleset), (value, context) => {
      const match = regex.match(value);
      return match === null ? value : expandReferences(format.text(context), match);
    });
  },
};

const replaceValue: ActionEntry<ReplaceNode> = {
  kind: "action",
  name: "replace-value",
  manual: "4.4",
  doc: "Replaces those of the comma-separated values of a header field that match a regular expression.",
  rulesets: HTTP_RULESETS,
  final: false,
  parse: parseReplace,
  build(node, env): ActionFn {
    const regex = compileRegex(node.regex, false) as Regex;
    const format = buildFormat(node.format, env);
    return replaceValues(node.name, messageOf(env.ruleset), (list, context) =>
      mapListValues(list, (value) => {
        const match = regex.match(value);
        return match === null ? value : expandReferences(format.text(context), match);
      }));
  },
};

/** Gives each field of a name the value that `change` makes of its own. */
function replaceValues(
  header: string,
  message: ReturnType<typeof messageOf>,
  change: (value: string, context: Parameters<ActionFn>[0]) => string,
): ActionFn {
  const name = new HeaderName(header);
  return (context) => {
    const head = message(context);
    for (let row = head.findName(name); row >= 0; row = head.findName(name, row + 1)) {
      const before = head.valueText(row);
      const after = change(before, context);
      if (after === before) continue;
      const verdict = rewritten(context, head.setValueText(row, after));
      if (verdict !== RULE_CONTINUE) return verdict;
    }
    return RULE_CONTINUE;
  };
}

export const headerActions = [addHeader, setHeader, delHeader, replaceHeader, replaceValue] as const;
