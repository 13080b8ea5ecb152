// `balance`, `hash-type` and what tunes hashing (configuration.txt 4.2).
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import { HASH_FUNCTIONS, HASH_METHODS, type HashType, PRESERVE_AFFINITY, type ProxyEnv } from "../config.ts";
import type { BalanceEntry, BalanceNode } from "../lb/balancer.ts";
import { BACKEND, setting } from "./kinds.ts";
import { modeOf } from "./proxy_keywords.ts";

function parseBalance(cursor: Cursor): BalanceNode {
  const at = cursor.at;
  const text = cursor.take("an algorithm");
  const open = text.indexOf("(");
  const name = open < 0 ? text : text.slice(0, open);
  if (open >= 0 && !text.endsWith(")")) cursor.fail(`'balance' : missing closing parenthesis in '${text}'.`, at);
  const { registry } = cursor.context;
  const entry = registry.find("balance", name) as BalanceEntry | undefined;
  if (entry === undefined) {
    const refused = registry.refused("balance", name);
    if (refused !== undefined) cursor.fail(`'balance ${name}' : ${refused.reason}.`, at);
    cursor.fail(`'balance' only supports ${list(registry.names("balance"))}, but got '${text}'.`, at);
  }
  const value = entry.parse(cursor, open < 0 ? null : text.slice(open + 1, -1));
  return { algorithm: name, http: entry.http === true, value };
}

const balance: KeywordEntry<BalanceNode, ProxyEnv> = {
  kind: "keyword",
  name: "balance",
  manual: "4.2",
  doc: "Chooses the load balancing algorithm.",
  sections: BACKEND,
  inherit: true,
  parse: parseBalance,
  check(node, section, names) {
    if (node.value.http && modeOf(section) !== "http") {
      const text = `Layer 7 hash not possible for ${section.kind} '${section.name}' (needs 'mode http').`;
      names.warning(node.at, `${text} Falling back to round robin.`);
    }
  },
  build: (node, env) => {
    env.proxy.balance = node.value;
  },
};

function list(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}

function parseHashType(cursor: Cursor): HashType {
  const method = cursor.oneOf("'map-based' or 'consistent'", HASH_METHODS);
  // Without a function the consistent method is sdbm with avalanche.
  if (cursor.done) return { method, function: "sdbm", avalanche: method === "consistent" };
  const at = cursor.at;
  const name = cursor.oneOf("a hash function", HASH_FUNCTIONS);
  if (name === "wt6") {
    cursor.fail("'hash-type' : 'wt6' is not supported: it is defined nowhere but in HAProxy's own sources.", at);
  }
  return { method, function: name, avalanche: cursor.accept("avalanche") };
}

export const balanceKeywords: readonly KeywordEntry[] = [
  balance as KeywordEntry,
  setting("hash-type", BACKEND, "How hashes are made and mapped to servers.", parseHashType, (proxy, type) => {
    proxy.hashType = type;
  }),
  setting("hash-balance-factor", ["defaults", "backend", "listen"], "Bounds the load of a hashed server.", (cursor) => {
    const at = cursor.at;
    const factor = cursor.int("<factor>", 0, 65535);
    if (factor > 0 && factor <= 100) cursor.fail("'hash-balance-factor' must be 0 or greater than 100.", at);
    return factor;
  }, (proxy, factor) => {
    proxy.hashBalanceFactor = factor;
  }),
  setting(
    "hash-preserve-affinity",
    BACKEND,
    "Which saturated servers a hash does not choose.",
    (cursor) => cursor.oneOf("'always', 'maxconn' or 'maxqueue'", PRESERVE_AFFINITY),
    (proxy, value) => {
      proxy.hashPreserveAffinity = value;
    },
  ),
];
