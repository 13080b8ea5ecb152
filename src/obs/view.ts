// What a thread shows the commands of this folder.
import type { Proxies } from "../proxy/mod.ts";
import type { Frontend, StreamEnv } from "../stream/mod.ts";
import type { StreamDumps } from "./sess/streams.ts";

/** What `answer()` of a command is given in a thread. */
export interface ThreadView {
  readonly streams: StreamEnv;
  readonly proxies: Proxies;
  /** The thread's shares of the listening sockets, by the rows of their listeners. */
  readonly frontends: ReadonlyMap<number, Frontend>;
  /** Dumps of streams that are under way. */
  readonly dumps: StreamDumps;
}
