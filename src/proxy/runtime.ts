// What a thread gives its proxies, and what they tell other threads and main.
import type { Registry } from "../config/mod.ts";
import type { Wheel } from "../base/mod.ts";
import type { SampleEnv } from "../sample/mod.ts";
import type { Sys } from "../sys/types.ts";
import type { Shared } from "../table/mod.ts";
import type { GlobalConfig } from "./global.ts";
import type { IdleConnections } from "./idle_connections.ts";
import type { ServerEvent } from "./server_state.ts";

/** A hint from one thread to another; the receiver gives it to `Proxies.nudged()`. Plain data. */
export type Nudge =
  /** A slot of the server is free for the oldest waiter. Indexes as in the layout. */
  | { readonly kind: "slot"; readonly server: number }
  /** Thread `from` needs a connection to the server and may open none: close an idle one (`strict-maxconn`). */
  | { readonly kind: "give"; readonly server: number; readonly from: number }
  /** One was closed, or none was idle any more. */
  | { readonly kind: "given"; readonly server: number }
  /** Connections of the frontend (-1: of the process) ended: waiting accept loops look again. */
  | { readonly kind: "accept"; readonly proxy: number }
  /** An operator ends the streams of the server. */
  | { readonly kind: "kill"; readonly server: number }
  /** A server's state or weight changed: all threads look at the proxy at once. */
  | { readonly kind: "state"; readonly proxy: number };

export interface ProxyRuntime {
  readonly sys: Sys;
  readonly wheel: Wheel;
  /** Attached with this thread's lane. */
  readonly shared: Shared;
  readonly registry: Registry;
  readonly global: GlobalConfig;
  readonly idle: IdleConnections;
  /** For balancers that hash expressions. */
  readonly samples: SampleEnv;
  /** Sends a hint to another thread (1 to `threads`); it may be lost when that thread has died. */
  notify(thread: number, nudge: Nudge): void;
  /** A server changed its state: main logs it, and sends {kind: "state"} to all threads. */
  report(event: ServerEvent): void;
}
