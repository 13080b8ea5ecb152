// The `stats` statements of proxies (configuration.txt 4.2). Each of them enables the statistics page.
import type { Cursor, KeywordEntry, Names, Node, Section, SectionCheck, SectionKind } from "../../config/mod.ts";
import { isFieldValueText } from "../../http/mod.ts";
import { modeOf } from "../../rules/mod.ts";
import {
  buildCondition,
  checkExpressions,
  type CondNode,
  OFFERS,
  parseCondition,
  type SampleEnv,
  takeCondition,
} from "../../sample/mod.ts";
import type { StatsRule, StatsSettings } from "./settings.ts";

/** What build() of these statements is given for a proxy. */
export interface StatsEnv extends SampleEnv {
  readonly stats: StatsSettings;
  /** `node` and `description` of the global section. */
  readonly node: string;
  readonly description: string;
}

const ALL: readonly SectionKind[] = ["defaults", "frontend", "listen", "backend"];
const PROXIES: readonly SectionKind[] = ["frontend", "listen", "backend"];

function keyword<N>(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => N,
  apply: (stats: StatsSettings, value: N, env: StatsEnv) => void,
): KeywordEntry<N, StatsEnv> {
  return {
    kind: "keyword",
    name: `stats ${name}`,
    manual: "4.2",
    doc,
    sections: ALL,
    inherit: true,
    parse,
    build(node, env) {
      env.stats.heard(node.at);
      apply(env.stats, node.value, env);
    },
  };
}

function parseAuth(cursor: Cursor): { readonly name: string; readonly password: string } {
  const at = cursor.at;
  const text = cursor.take("<user>:<password>");
  const colon = text.indexOf(":");
  if (colon <= 0) cursor.fail(`'${cursor.keyword}' needs a user:password account.`, at);
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function parseUri(cursor: Cursor): string {
  const at = cursor.at;
  const uri = cursor.take("an URI prefix");
  if (!uri.startsWith("/")) {
    cursor.warn(`'${cursor.keyword}' : no request begins with '${uri}': the prefix should begin with '/'.`, at);
  }
  return uri;
}

function parseNode(cursor: Cursor): string {
  if (cursor.done) return "";
  const at = cursor.at;
  const name = cursor.take("<name>");
  if (!/^[-A-Za-z0-9_.]+$/.test(name)) {
    cursor.fail(
      `'${cursor.keyword}' invalid node name - should be a string with digits(0-9), letters(A-Z, a-z), hyphen(-) ` +
        `or underscore(_).`,
      at,
    );
  }
  return name;
}

function parseRealm(cursor: Cursor): string {
  const at = cursor.at;
  const realm = cursor.take("a realm name");
  if (realm.includes('"') || !isFieldValueText(realm)) cursor.fail(`'${realm}' cannot be sent as a realm.`, at);
  return realm;
}

interface RuleNode {
  readonly action: StatsRule["action"];
  readonly realm: string;
  readonly condition: CondNode | null;
}

function parseRule(cursor: Cursor): RuleNode {
  const previous = cursor.context.section.nodes.findLast((node) => node.keyword === cursor.keyword);
  if (previous !== undefined && (previous.value as RuleNode).condition === null) {
    cursor.warn(`previous '${cursor.keyword}' action has no condition attached, further entries are NOOP.`);
  }
  const action = cursor.oneOf("'allow', 'deny' or 'auth'", ["allow", "deny", "auth"]);
  const realm = action === "auth" && cursor.accept("realm") ? parseRealm(cursor) : "";
  return { action, realm, condition: takeCondition(cursor, OFFERS["http-request"]) };
}

function checkRule(node: Node<RuleNode>, section: Section, names: Names): void {
  checkExpressions(node.value, names, node.at, section);
}

const rule: KeywordEntry<RuleNode, StatsEnv> = {
  ...keyword("http-request", "Who may see the statistics.", parseRule, (stats, { action, realm, condition }, env) => {
    stats.rules.push({ action, realm, condition: condition === null ? null : buildCondition(condition, env) });
  }),
  sections: PROXIES,
  inherit: false,
  check: checkRule,
};

const admin: KeywordEntry<CondNode, StatsEnv> = {
  ...keyword("admin", "Who may change servers from the statistics page.", (cursor) => {
    const word = cursor.peek();
    if (word !== "if" && word !== "unless") {
      cursor.fail(`'${cursor.keyword}' requires either 'if' or 'unless' followed by a condition.`);
    }
    return parseCondition(cursor, OFFERS["http-request"]);
  }, (stats, condition, env) => {
    stats.admin.push(buildCondition(condition, env));
  }),
  sections: PROXIES,
  inherit: false,
  check: (node, section, names) => checkExpressions(node.value, names, node.at, section),
};

export const statsKeywords: readonly KeywordEntry[] = [
  keyword("enable", "Answers with the statistics page.", () => null, () => {}),
  keyword("uri", "Where the statistics page is.", parseUri, (stats, uri) => {
    stats.uri = uri;
  }),
  keyword("auth", "Who may see the statistics page.", parseAuth, (stats, user) => {
    stats.users.push(user);
  }),
  keyword("realm", "What browsers tell of the password they ask for.", parseRealm, (stats, realm) => {
    stats.realm = realm;
  }),
  keyword("scope", "Shows only the proxies named.", (cursor) => cursor.take("a proxy name"), (stats, name) => {
    stats.scope.push(name);
  }),
  keyword("refresh", "Lets browsers load the page again and again.", (cursor) => cursor.time("a delay", "s", "s"), (
    stats,
    seconds,
  ) => {
    stats.refresh = seconds;
  }),
  keyword("hide-version", "Does not tell the version.", () => null, (stats) => {
    stats.hideVersion = true;
  }),
  keyword("show-legends", "Shows addresses, ids, modes, algorithms, cookies.", () => null, (stats) => {
    stats.legends = true;
  }),
  keyword("show-modules", "Shows the counters of parts of the program.", () => null, (stats) => {
    stats.modules = true;
  }),
  keyword("show-node", "Shows the name of the node.", parseNode, (stats, name, env) => {
    stats.node = name || env.node || env.hostname;
  }),
  {
    ...keyword("show-desc", "Shows a description.", (cursor) => cursor.rest().join(" "), (stats, text, env) => {
      stats.desc = text || env.description;
    }),
    check(node, _section, names) {
      const described = names.sections.some((s) =>
        s.kind === "global" && s.nodes.some((n) => n.keyword === "description")
      );
      if (node.value !== "" || described) return;
      names.warning(
        node.at,
        "'stats show-desc' requires a parameter or 'description' to be set in the global section.",
      );
    },
  },
  rule,
  admin,
] as KeywordEntry[];

/** What statements contradict: the accounts of `stats auth` are rules of their own. */
export const statsChecks: readonly SectionCheck[] = [{
  sections: PROXIES,
  check(section, names) {
    const stats = section.nodes.filter((node) => node.keyword.startsWith("stats "));
    if (stats.length === 0) return;
    const kind = section.kind === "listen" ? "proxy" : section.kind;
    if (modeOf(section) !== "http") {
      const text = `'stats' statement ignored for ${kind} '${section.name}' as it requires HTTP mode.`;
      names.warning(stats[0].at, text);
    }
    const own = stats.filter((node) => node.at.file === section.at.file && node.at.line > section.at.line);
    const inForce = own.length > 0 ? own : stats;
    const rules = inForce.find((node) => node.keyword === "stats http-request");
    if (
      rules !== undefined && inForce.some((node) => node.keyword === "stats auth" || node.keyword === "stats realm")
    ) {
      const text = `${kind} '${section.name}': stats 'auth'/'realm' and 'http-request' can't be used at the same time.`;
      names.error(rules.at, text);
    }
  },
}];
