// What a thread gives the entries of this folder to build a proxy with: one object a proxy, made by app.
import type { SampleEnv } from "../sample/mod.ts";
import type { ErrorReplies } from "./replies/errors.ts";
import type { ProxyRules } from "./proxy_rules.ts";
import type { RulesObserver } from "./observe.ts";
import type { RulesetName } from "./types.ts";

export interface RulesEnv extends SampleEnv {
  /** Filled by build(): the rule sets, switching rules, formats and error replies of the proxy. */
  readonly rules: ProxyRules;
  /** The proxy is in HTTP mode. */
  readonly http: boolean;
  /** The replies of an http-errors section. */
  httpErrors(name: string): ErrorReplies | undefined;
  readonly observer?: RulesObserver;
}

/** As RulesEnv, for one action of one rule set. */
export interface ActionEnv extends RulesEnv {
  readonly ruleset: RulesetName;
}
