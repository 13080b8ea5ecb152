// The actions this folder builds.
import type { ActionEntry } from "../types.ts";
import { addressActions } from "./addresses.ts";
import { flowActions } from "./flow.ts";
import { headerActions } from "./headers.ts";
import { listActions } from "./lists.ts";
import { loggingActions } from "./logging.ts";
import { redirectActions } from "./redirect.ts";
import { replyActions } from "./replies.ts";
import { resolveActions } from "./resolve.ts";
import { responseActions } from "./responses.ts";
import { routingActions } from "./routing.ts";
import { socketActions } from "./sockets.ts";
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
  ...listActions,
  ...loggingActions,
  ...timingActions,
  ...addressActions,
  ...socketActions,
  ...routingActions,
  ...resolveActions,
];
