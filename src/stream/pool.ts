// Streams of one thread that wait for their next exchange: making one costs more than a short exchange, and a client that
// is between two requests needs none. A stream given back is closed: it holds nothing, and nothing waits for it.
import type { Endpoint } from "../mux/mod.ts";
import type { StreamEnv } from "./env.ts";
import type { Session } from "./session.ts";
import { Stream } from "./stream.ts";

const KEEP = 256;

export class StreamPool {
  readonly #free: Stream[] = [];

  take(env: StreamEnv, session: Session, front: Endpoint): Stream {
    const stream = this.#free.pop() ?? new Stream(env);
    stream.attach(session, front);
    return stream;
  }

  give(stream: Stream): void {
    if (this.#free.length < KEEP) this.#free.push(stream);
  }
}
