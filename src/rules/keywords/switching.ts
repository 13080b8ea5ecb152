// Statements that choose where a stream goes: use_backend, use-server, redirect; and monitor fail, inspect-delay
// (configuration.txt 4.2).
import type { Cursor, KeywordEntry, Names, Node, Section } from "../../config/mod.ts";
import { hasBackend } from "../../config/mod.ts";
import { buildCondition, checkExpressions, OFFERS, parseCondition, takeCondition } from "../../sample/mod.ts";
import type { CondNode } from "../../sample/mod.ts";
import type { RulesEnv } from "../env.ts";
import { buildFormat, fixedText, takeName } from "../formats.ts";
import type { FormatNode } from "../formats.ts";
import { buildRedirect, parseRedirect } from "../replies/redirect.ts";
import type { RedirectNode } from "../replies/redirect.ts";
import { watchCondition, watchRule, watchTarget } from "../observe.ts";
import { PrefixedCursor, rulePrefix } from "../rule_cursor.ts";
import { RULE_CONTINUE, RULE_REPLY } from "../types.ts";
import type { PersistOrder } from "../proxy_rules.ts";
import type { ActionFn } from "../types.ts";
import { modeOf } from "./modes.ts";

// ---- use_backend, use-server ------------------------------------------------------------------------------------

interface SwitchingNode {
  readonly target: string | FormatNode;
  readonly condition: CondNode | null;
}

function build({ keyword, at, value }: Node<SwitchingNode>, env: RulesEnv) {
  const { condition, target } = value;
  const rule = {
    condition: condition === null ? null : buildCondition(condition, env),
    target: typeof target === "string" ? fixedText(target) : buildFormat(target, env),
  };
  return { ...watchTarget(rule, keyword, at, env), dynamic: typeof target !== "string" };
}

/** Takes a name, or a log-format that makes one. */
function takeTarget(cursor: Cursor, what: string): string | FormatNode {
  if (cursor.done) cursor.fail(`'${cursor.keyword}' expects ${what}.`);
  return takeName(cursor, what, OFFERS.request);
}

const useBackend: KeywordEntry<SwitchingNode, RulesEnv> = {
  kind: "keyword",
  name: "use_backend",
  manual: "4.2",
  doc: "Chooses a backend when a condition holds.",
  sections: ["frontend", "listen"],
  parse(cursor: Cursor) {
    const target = takeTarget(cursor, "a backend name");
    const word = cursor.peek();
    if (word !== undefined && word !== "if" && word !== "unless") {
      cursor.fail(`unexpected keyword '${word}' after switching rule, only 'if' and 'unless' are allowed.`);
    }
    return { target, condition: takeCondition(cursor, OFFERS.request) };
  },
  check(node, section, names) {
    checkExpressions(node.value, names, node.at, section);
    const { target } = node.value;
    if (typeof target !== "string") return;
    const backend = names.backend(target);
    if (backend === undefined) {
      names.error(node.at, `Proxy '${section.name}': unable to find required use_backend: '${target}'.`);
    } else {
      checkModes(section, backend, node.at, names);
    }
  },
  build: (node, env) => void env.rules.backendRules.push(build(node, env)),
};

/** An HTTP frontend cannot hand its requests to a TCP backend; the other way round is an upgrade. */
function checkModes(frontend: Section, backend: Section, at: Section["at"], names: Names): void {
  const from = modeOf(frontend);
  const to = modeOf(backend);
  if (from === to || (from === "tcp" && to === "http")) return;
  names.error(
    at,
    `${from} ${frontend.kind} '${frontend.name}' (${frontend.at.file}:${frontend.at.line}) tries to use incompatible ` +
      `${to} ${backend.kind} '${backend.name}' (${backend.at.file}:${backend.at.line}) in a 'use_backend' rule ` +
      "(see 'mode').",
  );
}

const useServer: KeywordEntry<SwitchingNode, RulesEnv> = {
  kind: "keyword",
  name: "use-server",
  manual: "4.2",
  doc: "Chooses a server when a condition holds.",
  sections: ["listen", "backend"],
  parse(cursor: Cursor) {
    const target = takeTarget(cursor, "a server name");
    const word = cursor.peek();
    if (word !== "if" && word !== "unless") {
      cursor.fail(`'use-server' expects either 'if' or 'unless' followed by a condition but found '${word ?? ""}'.`);
    }
    return { target, condition: parseCondition(cursor, OFFERS.request) };
  },
  check(node, section, names) {
    checkExpressions(node.value, names, node.at, section);
    const { target } = node.value;
    if (typeof target !== "string" || hasServer(section, target)) return;
    names.error(
      node.at,
      `${section.kind} '${section.name}' : unable to find server '${target}' referenced in a 'use-server' rule.`,
    );
  },
  build: (node, env) => void env.rules.serverRules.push(build(node, env)),
};

/** A section's servers by name; a template may make any. */
function hasServer(section: Section, name: string): boolean {
  if (!hasBackend(section.kind)) return false;
  return section.nodes.some((node) =>
    node.keyword === "server-template" ||
    node.keyword === "server" && (node.value as { readonly name?: unknown }).name === name
  );
}

// ---- redirect ---------------------------------------------------------------------------------------------------

interface RedirectRuleNode {
  readonly redirect: RedirectNode;
  readonly condition: CondNode | null;
}

const redirect: KeywordEntry<RedirectRuleNode, RulesEnv> = {
  kind: "keyword",
  name: "redirect",
  manual: "4.2",
  doc: "Answers with a redirection when a condition holds.",
  sections: ["frontend", "listen", "backend"],
  parse(cursor: Cursor) {
    const words = new PrefixedCursor(cursor, "redirect", rulePrefix(cursor, "redirect"));
    const parsed = parseRedirect(words, null, false);
    cursor.position = words.position;
    return { redirect: parsed, condition: takeCondition(cursor, OFFERS["http-request"]) };
  },
  check: (node, section, names) => checkExpressions(node.value, names, node.at, section),
  build(node, env) {
    const make = buildRedirect(node.value.redirect, env);
    const { condition } = node.value;
    const action: ActionFn = (context) => {
      context.reply = make(context);
      return context.reply === null ? RULE_CONTINUE : RULE_REPLY;
    };
    const built = { condition: condition === null ? null : buildCondition(condition, env), action, at: node.at };
    env.rules.redirects.add(watchRule(built, node.keyword, env));
  },
};

// ---- force-persist, ignore-persist ------------------------------------------------------------------------------

function persistKeyword(order: PersistOrder, doc: string): KeywordEntry<CondNode, RulesEnv> {
  const name = `${order}-persist`;
  return {
    kind: "keyword",
    name,
    manual: "4.2",
    doc,
    sections: ["listen", "backend"],
    parse(cursor: Cursor) {
      const word = cursor.peek();
      if (word !== "if" && word !== "unless") {
        cursor.fail(`'${name}' expects either 'if' or 'unless' followed by a condition but found '${word ?? ""}'.`);
      }
      return parseCondition(cursor, OFFERS.request);
    },
    check: (node, section, names) => checkExpressions(node.value, names, node.at, section),
    build(node, env) {
      const condition = buildCondition(node.value, env);
      env.rules.persistRules.push({ order, condition: watchCondition(condition, node.keyword, node.at, env) });
    },
  };
}

// ---- monitor fail -----------------------------------------------------------------------------------------------

const monitorFail: KeywordEntry<CondNode, RulesEnv> = {
  kind: "keyword",
  name: "monitor fail",
  manual: "4.2",
  doc: "Answers monitor requests with 503 when a condition holds.",
  sections: ["frontend", "listen"],
  parse(cursor: Cursor) {
    const word = cursor.peek();
    if (word !== "if" && word !== "unless") {
      cursor.fail("'monitor fail' requires either 'if' or 'unless' followed by a condition.");
    }
    return parseCondition(cursor, OFFERS.request);
  },
  check: (node, section, names) => checkExpressions(node.value, names, node.at, section),
  build(node, env) {
    const condition = buildCondition(node.value, env);
    env.rules.monitorFail.push(watchCondition(condition, node.keyword, node.at, env));
  },
};

// ---- inspect-delay ----------------------------------------------------------------------------------------------

function inspectDelay(
  name: string,
  doc: string,
  sections: KeywordEntry["sections"],
  set: (env: RulesEnv, ms: number) => void,
): KeywordEntry<number, RulesEnv> {
  return {
    kind: "keyword",
    name,
    manual: "4.2",
    doc,
    sections,
    inherit: "named",
    parse: (cursor) => cursor.time("a positive delay in milliseconds"),
    build: (node, env) => set(env, node.value),
  };
}

export const switchingKeywords = [
  useBackend,
  useServer,
  persistKeyword("force", "Sends a client to the server of its cookie although that is down, when a condition holds."),
  persistKeyword("ignore", "Does not look at a client's cookie when a condition holds."),
  redirect,
  monitorFail,
  inspectDelay(
    "tcp-request inspect-delay",
    "How long tcp-request content rules may wait for data.",
    ["defaults", "frontend", "listen", "backend"],
    (env, ms) => env.rules.inspectDelayMs = ms,
  ),
  inspectDelay(
    "tcp-response inspect-delay",
    "How long tcp-response content rules may wait for data.",
    ["defaults", "listen", "backend"],
    (env, ms) => env.rules.responseInspectDelayMs = ms,
  ),
] as const;
