// Actions that replace addresses of the client's connection: set-src, set-src-port, set-dst, set-dst-port
// (configuration.txt 4.4).
import { formatIp } from "../../base/mod.ts";
import { buildExpression, buildTyped, cast, FOUND, NOT_YET, Sample, T_IPV4, T_IPV6, T_SINT } from "../../sample/mod.ts";
import { takeExpression } from "../../sample/mod.ts";
import type { ExprNode } from "../../sample/mod.ts";
import type { Address } from "../../sys/types.ts";
import { RULE_CONTINUE, RULE_NOT_YET } from "../types.ts";
import type { ActionEntry, ActionFn, RulesetName } from "../types.ts";

const RULES: readonly RulesetName[] = [
  "tcp-request connection",
  "tcp-request session",
  "tcp-request content",
  "http-request",
];

type Side = "src" | "dst";

function setAddress(side: Side, doc: string): ActionEntry<ExprNode> {
  return {
    kind: "action",
    name: `set-${side}`,
    manual: "4.4",
    doc,
    rulesets: RULES,
    final: false,
    parse: (cursor) => takeExpression(cursor, cursor.offers),
    build(node, env): ActionFn {
      const expression = buildExpression(node, env);
      const sample = new Sample();
      const bytes = new Uint8Array(4);
      return (context) => {
        const found = expression(context, sample);
        if (found === NOT_YET) return RULE_NOT_YET;
        if (found !== FOUND || !toIp(sample)) return RULE_CONTINUE;
        const old = context.session[side];
        const port = old.family === "unix" ? 0 : old.port;
        context.setAddress(side, { ...ipOf(sample, bytes), port });
        return RULE_CONTINUE;
      };

      function toIp(value: Sample): boolean {
        if (value.type === T_IPV4 || value.type === T_IPV6) return true;
        // A text is an address of either family.
        return cast(value, T_IPV4, env) || cast(value, T_IPV6, env);
      }
    },
  };
}

/** The address in a sample of type ipv4 or ipv6. `bytes`: four bytes to work in. */
function ipOf(sample: Sample, bytes: Uint8Array): { family: "ipv4" | "ipv6"; host: string } {
  if (sample.type === T_IPV6) return { family: "ipv6", host: formatIp(sample.bytes, sample.from, 16) };
  const value = Number(sample.num);
  for (let i = 0; i < 4; i++) bytes[i] = value >>> (24 - 8 * i);
  return { family: "ipv4", host: formatIp(bytes, 0, 4) };
}

function setPort(side: Side, doc: string): ActionEntry<ExprNode> {
  return {
    kind: "action",
    name: `set-${side}-port`,
    manual: "4.4",
    doc,
    rulesets: RULES,
    final: false,
    parse: (cursor) => takeExpression(cursor, cursor.offers),
    build(node, env): ActionFn {
      const expression = buildTyped(node, env, T_SINT);
      const sample = new Sample();
      return (context) => {
        const found = expression(context, sample);
        if (found === NOT_YET) return RULE_NOT_YET;
        const port = Number(sample.num);
        if (found !== FOUND || port < 0 || port > 65535) return RULE_CONTINUE;
        context.setAddress(side, withPort(context.session[side], port));
        return RULE_CONTINUE;
      };
    },
  };
}

/** An address that has no port becomes 0.0.0.0. */
function withPort(address: Address, port: number): Address {
  if (address.family === "unix") return { family: "ipv4", host: "0.0.0.0", port };
  return { family: address.family, host: address.host, port };
}

export const addressActions = [
  setAddress("src", "Replaces the client's address."),
  setAddress("dst", "Replaces the address the client connected to."),
  setPort("src", "Replaces the client's port."),
  setPort("dst", "Replaces the port the client connected to."),
] as const;
