// Actions that change maps and ACL lists: set-map, del-map, add-acl, del-acl (configuration.txt 4.4). Main makes the change;
// the rule waits for it, so that the next rule and the next request see it.
import type { ListChange } from "../env.ts";
import { buildFormat, type FormatNode, takeFormat } from "../formats.ts";
import type { RuleCursor } from "../rule_cursor.ts";
import { type ActionEntry, type ActionFn, RULE_CONTINUE, type RulesetName } from "../types.ts";
import { parameterOf } from "./arguments.ts";

interface ChangeNode {
  /** As the runtime API calls the list: without "file@" and "opt@". */
  readonly list: string;
  readonly key: FormatNode;
  readonly value: FormatNode | null;
}

const ACLS: readonly RulesetName[] = ["http-request", "http-response"];
const MAPS: readonly RulesetName[] = ["http-request", "http-response", "http-after-response"];

function takeList(cursor: RuleCursor): string {
  const at = cursor.place(cursor.position - 1);
  const name = parameterOf(cursor).replace(/^(?:file|opt)@/, "");
  if (name === "" || name === "virt@") cursor.fail("expects the name of a list in parentheses.", at);
  return name;
}

function changing(
  action: ListChange["action"],
  rulesets: readonly RulesetName[],
  doc: string,
): ActionEntry<ChangeNode> {
  return {
    kind: "action",
    name: action,
    manual: "4.4",
    doc,
    rulesets,
    final: false,
    parameter: true,
    parse(cursor: RuleCursor) {
      const list = takeList(cursor);
      const key = takeFormat(cursor, "<key fmt>", cursor.offers, "text");
      const value = action === "set-map" ? takeFormat(cursor, "<value fmt>", cursor.offers, "text") : null;
      return { list, key, value };
    },
    build(node, env): ActionFn {
      const key = buildFormat(node.key, env);
      const value = node.value === null ? null : buildFormat(node.value, env);
      const { listChanges } = env;
      return (context) => {
        const change: ListChange = {
          name: node.list,
          action,
          key: key.text(context),
          value: value === null ? "" : value.text(context),
        };
        if (listChanges.made(change)) return RULE_CONTINUE;
        return context.waitFor((done) => {
          if (!listChanges.change(change, done)) done();
        }).then(goOn);
      };
    },
  };
}

function goOn(): typeof RULE_CONTINUE {
  return RULE_CONTINUE;
}

export const listActions = [
  changing("set-map", MAPS, "Sets the value of a key in a map, and adds it when it is not there."),
  changing("del-map", MAPS, "Removes a key from a map."),
  changing("add-acl", ACLS, "Adds a pattern to the list of an ACL, unless it is there."),
  changing("del-acl", ACLS, "Removes a pattern from the list of an ACL."),
] as const;
