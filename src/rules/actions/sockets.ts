// Actions on the sockets of a stream: marks and TOS of what is sent to the client or to the server, and headers that the
// client's connection is to begin with (configuration.txt 4.4).
import { buildTyped, type ExprNode, FOUND, NOT_YET, Sample, T_SINT, takeExpression } from "../../sample/mod.ts";
import { RULE_CONTINUE, RULE_NOT_YET } from "../types.ts";
import type { ActionEntry, ActionFn, RulesetName } from "../types.ts";
import { takeArgument } from "./arguments.ts";

const CLIENT_RULES: readonly RulesetName[] = [
  "tcp-request connection",
  "tcp-request session",
  "tcp-request content",
  "tcp-response content",
  "http-request",
  "http-response",
];
const SERVER_RULES: readonly RulesetName[] = ["tcp-request content", "http-request"];

/** A number, or an expression that gives one. */
type NumberNode = { readonly value: number } | { readonly expression: ExprNode };

const MAX_MARK = 0xffffffff;
const MAX_TOS = 0xff;

function socketNumber(
  name: string,
  option: "mark" | "tos",
  server: boolean,
  doc: string,
  replacement?: string,
): ActionEntry<NumberNode> {
  const max = option === "mark" ? MAX_MARK : MAX_TOS;
  return {
    kind: "action",
    name,
    manual: "4.4",
    doc,
    rulesets: server ? SERVER_RULES : CLIENT_RULES,
    final: false,
    parse(cursor) {
      const at = cursor.at;
      if (replacement !== undefined) cursor.warn(`'${name}' is deprecated, use '${replacement}' instead.`, at);
      const word = cursor.peek() ?? "";
      if (!/^[0-9]/.test(word)) {
        if (word === "") takeArgument(cursor, "a number or an expression");
        return { expression: takeExpression(cursor, cursor.offers) };
      }
      cursor.take("a number");
      const value = /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(word) ? Number(word) : NaN;
      if (!(value <= max)) cursor.fail(`'${name}' expects a number up to ${max}, but got '${word}'.`, at);
      return { value };
    },
    build(node, env): ActionFn {
      env.demand(name);
      if ("value" in node) {
        const options = { [option]: node.value };
        return (context) => {
          context.setSocket(server, options);
          return RULE_CONTINUE;
        };
      }
      const expression = buildTyped(node.expression, env, T_SINT);
      const sample = new Sample();
      return (context) => {
        const found = expression(context, sample);
        if (found === NOT_YET) return RULE_NOT_YET;
        if (found === FOUND) {
          context.setSocket(server, { [option]: Number(BigInt.asUintN(32, BigInt(sample.num))) & max });
        }
        return RULE_CONTINUE;
      };
    },
  };
}

function expect(what: "proxy" | "netscaler-cip", doc: string): ActionEntry<null> {
  return {
    kind: "action",
    name: `expect-${what}`,
    manual: "4.4",
    doc,
    rulesets: ["tcp-request connection"],
    final: false,
    parse(cursor) {
      cursor.oneOf("'layer4'", ["layer4"]);
      return null;
    },
    build: () => (context) => {
      context.expectHeader(what);
      return RULE_CONTINUE;
    },
  };
}

export const socketActions = [
  socketNumber("set-fc-mark", "mark", false, "Marks what is sent to the client."),
  socketNumber("set-fc-tos", "tos", false, "Sets the TOS field of what is sent to the client."),
  socketNumber("set-bc-mark", "mark", true, "Marks what is sent to the server."),
  socketNumber("set-bc-tos", "tos", true, "Sets the TOS field of what is sent to the server."),
  socketNumber("set-mark", "mark", false, "Marks what is sent to the client.", "set-fc-mark"),
  socketNumber("set-tos", "tos", false, "Sets the TOS field of what is sent to the client.", "set-fc-tos"),
  expect("proxy", "The connection begins with a PROXY protocol header."),
  expect("netscaler-cip", "The connection begins with a NetScaler Client IP header."),
] as const;
