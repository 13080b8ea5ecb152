// What the `stats` statements of a proxy say (configuration.txt 4.2). The first one written in a proxy's own section
// replaces all that its defaults section says, as HAProxy does it (observed).
import type { Location } from "../../config/mod.ts";
import type { ConditionFn } from "../../sample/mod.ts";

/** The manual's "default settings" of `stats enable`. */
const DEFAULT_URI = "/haproxy?stats";
export const DEFAULT_REALM = "HAProxy Statistics";

export interface StatsUser {
  readonly name: string;
  readonly password: string;
}

/** A `stats http-request` rule. */
export interface StatsRule {
  readonly action: "allow" | "deny" | "auth";
  /** "": the default one. */
  readonly realm: string;
  readonly condition: ConditionFn | null;
}

export class StatsSettings {
  /** Where the section of the proxy begins: what stands before it, or in another file, is inherited. */
  readonly #section: Location;
  #own = false;
  enabled = false;
  uri = DEFAULT_URI;
  realm = "";
  /** Seconds; 0: no refresh. */
  refresh = 0;
  users: StatsUser[] = [];
  /** Names of proxies; "." is the own one. None: all are shown. */
  scope: string[] = [];
  hideVersion = false;
  legends = false;
  modules = false;
  /** What to show; null: nothing. */
  node: string | null = null;
  desc: string | null = null;
  rules: StatsRule[] = [];
  /** Conditions of `stats admin`: any of them gives the right to change servers. */
  admin: ConditionFn[] = [];

  constructor(section: Location) {
    this.#section = section;
  }

  /** A statement at this place is about to speak. */
  heard(at: Location): void {
    if (!this.#own && at.file === this.#section.file && at.line > this.#section.line) {
      this.#forget();
      this.#own = true;
    }
    this.enabled = true;
  }

  #forget(): void {
    this.uri = DEFAULT_URI;
    this.realm = "";
    this.refresh = 0;
    this.users = [];
    this.scope = [];
    this.hideVersion = false;
    this.legends = false;
    this.modules = false;
    this.node = null;
    this.desc = null;
    this.rules = [];
    this.admin = [];
  }
}
