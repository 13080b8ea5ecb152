// What a thread has to do now, as commands tell it.
import type { ThreadView } from "./view.ts";

export interface ThreadLoad {
  /** Client connections, armed timers, buffers in use. */
  readonly sessions: number;
  readonly timers: number;
  readonly buffers: number;
}

/** In a thread. */
export function threadLoad({ frontends, streams }: ThreadView): ThreadLoad {
  let sessions = 0;
  for (const frontend of frontends.values()) sessions += frontend.sessions.size;
  return { sessions, timers: streams.wheel.count, buffers: streams.sys.blocks.outstanding };
}
