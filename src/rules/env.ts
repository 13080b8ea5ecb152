// What a thread gives the entries of this folder to build a proxy with: one object a proxy, made by app.
import type { SampleEnv } from "../sample/mod.ts";
import type { ErrorReplies } from "./replies/errors.ts";
import type { ProxyRules } from "./proxy_rules.ts";
import type { RulesObserver } from "./observe.ts";
import type { RulesetName } from "./types.ts";

/** A change of a map or ACL list that a rule asks for. */
export interface ListChange {
  readonly name: string;
  readonly action: "set-map" | "del-map" | "add-acl" | "del-acl";
  readonly key: string;
  /** Of set-map. */
  readonly value: string;
}

/** Who has changes of lists made. */
export interface ListChanges {
  /** Whether the lists are already as the change would leave them. */
  made(change: ListChange): boolean;
  /** Asks for a change, and calls `done` when it has been made (or cannot be); false when too many are under way. */
  change(change: ListChange, done: () => void): boolean;
}

/** A name whose address a rule wants. */
export interface NameQuestion {
  /** Name of the resolvers section. */
  readonly resolvers: string;
  readonly name: string;
  readonly prefer: "ipv4" | "ipv6";
}

export interface RulesEnv extends SampleEnv {
  /** Filled by build(): the rule sets, switching rules, formats and error replies of the proxy. */
  readonly rules: ProxyRules;
  /** The proxy is in HTTP mode. */
  readonly http: boolean;
  readonly listChanges: ListChanges;
  /** Asks for the address of a name; `done` is told it, or null. */
  resolve(question: NameQuestion, done: (address: string | null) => void): void;
  /** The replies of an http-errors section. */
  httpErrors(name: string): ErrorReplies | undefined;
  readonly observer?: RulesObserver;
}

/** As RulesEnv, for one action of one rule set. */
export interface ActionEnv extends RulesEnv {
  readonly ruleset: RulesetName;
}
