// The actions this folder builds, and those it answers with a reason.
import type { RefusedEntry } from "../../config/mod.ts";
import type { ActionEntry } from "../types.ts";
import { addressActions } from "./addresses.ts";
import { flowActions } from "./flow.ts";
import { headerActions } from "./headers.ts";
import { loggingActions } from "./logging.ts";
import { redirectActions } from "./redirect.ts";
import { replyActions } from "./replies.ts";
import { responseActions } from "./responses.ts";
import { routingActions } from "./routing.ts";
import { timingActions } from "./timing.ts";
import { uriActions } from "./uri.ts";
import { variableActions } from "./variables.ts";

export const actionEntries: readonly ActionEntry[] = [
  ...flowActions,
  ...replyActions,
  ...redirectActions,
  ...headerActions,
  ...uriActions,
  ...responseActions,
  ...variableActions,
  ...loggingActions,
  ...timingActions,
  ...addressActions,
  ...routingActions,
];

function refused(reason: string, names: readonly string[]): RefusedEntry[] {
  return names.map((name) => ({ kind: "action", name, reason }));
}

const NOT_YET = "not supported yet";
const NO_SOCKET_OPTION = "not supported: marks and types of service of sockets cannot be set here";

/** Actions of the manual that are not built. */
export const refusedActions: readonly RefusedEntry[] = [
  ...refused(NOT_YET, [
    "add-acl",
    "attach-srv",
    "cache-store",
    "cache-use",
    "del-acl",
    "del-map",
    "dgram-drop",
    "do-resolve",
    "expect-netscaler-cip",
    "expect-proxy",
    "sc-add-gpc",
    "sc-inc-gpc",
    "sc-inc-gpc0",
    "sc-inc-gpc1",
    "sc-set-gpt",
    "sc-set-gpt0",
    "send-retry",
    "send-spoe-group",
    "set-bandwidth-limit",
    "set-map",
    "switch-mode",
    "track-sc0",
    "track-sc1",
    "track-sc2",
    "use-service",
  ]),
  ...refused(NO_SOCKET_OPTION, ["set-bc-mark", "set-bc-tos", "set-fc-mark", "set-fc-tos", "set-mark", "set-tos"]),
];

/** Actions that can have no effect here. */
export const noopActions: readonly RefusedEntry[] = [
  { kind: "action", name: "set-nice", arguments: 1, reason: "streams of a thread have no priorities" },
  { kind: "action", name: "wait-for-handshake", reason: "no early data is accepted" },
];
