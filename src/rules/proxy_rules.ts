// Everything the configuration says about one proxy that is evaluated per connection, request or response: its rule
// sets, switching rules, captures, log and id formats, error replies. One object a proxy and thread, filled by the
// keywords' build() and then only read.
import { FOUND } from "../sample/mod.ts";
import type { ConditionFn, Txn } from "../sample/mod.ts";
import { Captures } from "./captures.ts";
import type { TextFn } from "./formats.ts";
import { ErrorReplies } from "./replies/errors.ts";
import { Ruleset } from "./runner.ts";
import type { Turns } from "./runner.ts";
import type { Applet, RulesetName } from "./types.ts";

/** What a rule about persistence asks for. */
export type PersistOrder = "force" | "ignore";

interface PersistRule {
  readonly order: PersistOrder;
  readonly condition: ConditionFn;
}

/** `use_backend` and `use-server`: the first one whose condition holds names the target. */
interface SwitchingRule {
  readonly condition: ConditionFn | null;
  readonly target: TextFn;
  /** The name is an expression: it may name nothing that exists. */
  readonly dynamic: boolean;
}

export class ProxyRules {
  /** Of the proxy. */
  readonly name: string;
  readonly tcpConnection: Ruleset;
  readonly tcpSession: Ruleset;
  readonly tcpContent: Ruleset;
  readonly tcpResponse: Ruleset;
  readonly httpRequest: Ruleset;
  readonly httpResponse: Ruleset;
  readonly httpAfterResponse: Ruleset;
  /** `option http-restrict-req-hdr-names`, then the `redirect` statements: run after httpRequest. */
  readonly redirects: Ruleset;
  /** `tcp-request inspect-delay` and `tcp-response inspect-delay`, ms; -1 when not set: no waiting at all. */
  inspectDelayMs = -1;
  responseInspectDelayMs = -1;

  readonly backendRules: SwitchingRule[] = [];
  readonly serverRules: SwitchingRule[] = [];
  readonly persistRules: PersistRule[] = [];
  readonly monitorFail: ConditionFn[] = [];

  /** Answers requests that the rules of httpRequest let pass, before `redirects`; null: none does. */
  applet: Applet | null = null;

  readonly errors = new ErrorReplies();
  readonly captures = new Captures();

  /** `option forwarded`: makes the header's value, empty for none. Null: off. */
  forwarded: ((txn: Txn) => string) | null = null;

  /** Null: the short default line of section 8.2.1, logged at accept. */
  logFormat: TextFn | null = null;
  logFormatSd: TextFn | null = null;
  uniqueIdFormat: TextFn | null = null;
  /** `unique-id-header`; empty: none. */
  uniqueIdHeader = "";

  /** `error-log-format`; null: lines about errors are like the others. */
  errorLogFormat: TextFn | null = null;
  /** `log-steps`, a set of stepBit(); 0: one line a stream, at its end, or early with logasap. */
  logSteps = 0;

  /** Options of logging (8.3). */
  dontLogNull = false;
  dontLogNormal = false;
  logAsap = false;
  logSeparateErrors = false;

  constructor(name: string, turns: Turns) {
    this.name = name;
    this.tcpConnection = new Ruleset(turns, false);
    this.tcpSession = new Ruleset(turns, false);
    this.tcpContent = new Ruleset(turns, true);
    this.tcpResponse = new Ruleset(turns, true);
    this.httpRequest = new Ruleset(turns, false);
    this.httpResponse = new Ruleset(turns, false);
    this.httpAfterResponse = new Ruleset(turns, false);
    // The manual keeps `redirect` statements out of last_rule_file and last_rule_line (7.3.2).
    this.redirects = new Ruleset(turns, false, false);
  }

  ruleset(name: RulesetName): Ruleset {
    switch (name) {
      case "tcp-request connection":
        return this.tcpConnection;
      case "tcp-request session":
        return this.tcpSession;
      case "tcp-request content":
        return this.tcpContent;
      case "tcp-response content":
        return this.tcpResponse;
      case "http-request":
        return this.httpRequest;
      case "http-response":
        return this.httpResponse;
      case "http-after-response":
        return this.httpAfterResponse;
    }
  }

  /**
   * The backend that `use_backend` chooses, null when no rule matches. A name made by an expression that `exists` does
   * not know ends the search without a result, as the manual says: `default_backend` applies.
   */
  useBackend(txn: Txn, exists: (name: string) => boolean): string | null {
    for (const rule of this.backendRules) {
      if (rule.condition !== null && rule.condition(txn) !== FOUND) continue;
      const name = rule.target.text(txn);
      return rule.dynamic && !exists(name) ? null : name;
    }
    return null;
  }

  /** What `force-persist` and `ignore-persist` say, the first one that holds; "" none does. */
  persistence(txn: Txn): PersistOrder | "" {
    for (const { order, condition } of this.persistRules) if (condition(txn) === FOUND) return order;
    return "";
  }

  /** The server that `use-server` chooses; rules that name a server that is not `usable` are passed over. */
  useServer(txn: Txn, exists: (name: string) => boolean, usable: (name: string) => boolean): string | null {
    for (const rule of this.serverRules) {
      if (rule.condition !== null && rule.condition(txn) !== FOUND) continue;
      const name = rule.target.text(txn);
      if (rule.dynamic && !exists(name)) return null;
      if (usable(name)) return name;
    }
    return null;
  }

  /** True when a `monitor fail` condition holds: the monitor request is answered with 503. */
  monitorFails(txn: Txn): boolean {
    for (const condition of this.monitorFail) if (condition(txn) === FOUND) return true;
    return false;
  }
}
