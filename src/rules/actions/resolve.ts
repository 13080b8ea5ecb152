// The action do-resolve: asks a resolvers section for the address of a name (configuration.txt 4.4, 5.3).
import { parseIp } from "../../base/mod.ts";
import {
  buildTyped,
  type ExprNode,
  FOUND,
  NOT_YET,
  parseWritableVariable,
  Sample,
  sampleText,
  T_IPV4,
  T_IPV6,
  T_STR,
  takeExpression,
} from "../../sample/mod.ts";
import type { RuleCursor } from "../rule_cursor.ts";
import { RULE_CONTINUE, RULE_NOT_YET } from "../types.ts";
import type { ActionEntry, ActionFn } from "../types.ts";
import { parameterOf } from "./arguments.ts";

interface ResolveNode {
  readonly variable: string;
  readonly resolvers: string;
  readonly prefer: "ipv4" | "ipv6";
  readonly expression: ExprNode;
}

const SYNTAX =
  "Expects 'do-resolve(<varname>,<resolvers>[,<options>]) <expr>'. Available options are 'ipv4' and 'ipv6'.";

/** An address as a sample. False: it is none. */
function addressSample(address: string, sample: Sample): boolean {
  const bytes = parseIp(address);
  if (bytes === null) return false;
  if (bytes.length === 4) {
    sample.type = T_IPV4;
    sample.num = (bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]) >>> 0;
  } else {
    sample.type = T_IPV6;
    sample.bytes = bytes;
    sample.from = 0;
    sample.to = bytes.length;
  }
  return true;
}

const doResolve: ActionEntry<ResolveNode> = {
  kind: "action",
  name: "do-resolve",
  manual: "4.4",
  doc: "Resolves a name and sets a variable to its address.",
  rulesets: ["tcp-request content", "http-request"],
  final: false,
  parameter: true,
  parse(cursor: RuleCursor) {
    const at = cursor.place(cursor.position - 1);
    const parameter = parameterOf(cursor);
    const [name, resolvers = "", prefer, ...more] = parameter.split(",").map((part) => part.trim());
    if (resolvers === "" || more.length > 0 || (prefer !== undefined && prefer !== "ipv4" && prefer !== "ipv6")) {
      cursor.fail(`Can't parse 'do-resolve(${parameter})'. ${SYNTAX}`, at);
    }
    const variable = parseWritableVariable(name);
    if (typeof variable === "string") cursor.fail(`${variable}.`, at);
    const expression = takeExpression(cursor, cursor.offers);
    // Without a wish HAProxy asks for IPv6 first (observed).
    return { variable: variable.text, resolvers, prefer: prefer ?? "ipv6", expression };
  },
  check(node, at, section, names) {
    if (names.section("resolvers", node.resolvers) !== undefined) return;
    names.error(at, `Proxy '${section.name}': Can't find resolvers section '${node.resolvers}' for do-resolve action.`);
  },
  build({ variable, resolvers, prefer, expression }, env): ActionFn {
    const { scope, slot } = env.variables.slot(variable);
    const evaluate = buildTyped(expression, env, T_STR);
    const sample = new Sample();
    return (context) => {
      const found = evaluate(context, sample);
      if (found === NOT_YET) return RULE_NOT_YET;
      if (found !== FOUND) return RULE_CONTINUE;
      const name = sampleText(sample);
      let address: string | null = null;
      const waiting = context.waitFor((done) => {
        env.resolve({ resolvers, name, prefer }, (answer) => {
          address = answer;
          done();
        });
      });
      return waiting.then(() => {
        const result = new Sample();
        if (address !== null && context.stopped === 0 && addressSample(address, result)) {
          context.vars.set(scope, slot, result);
        }
        return RULE_CONTINUE;
      });
    };
  },
};

export const resolveActions = [doResolve] as const;
