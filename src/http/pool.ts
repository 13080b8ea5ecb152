// Messages of one thread that wait for their next use: making one costs more than a short request. A message given back
// holds no block; nobody may look at it any more.
import { Message } from "./message.ts";

const KEEP = 1024;

export class MessagePool {
  /** The message of who has none: empty, never attached. */
  readonly none: Message = new Message();
  readonly #free: Message[] = [];

  take(): Message {
    return this.#free.pop() ?? new Message();
  }

  /** `message` is detached. */
  give(message: Message): void {
    if (this.#free.length < KEEP) this.#free.push(message);
  }
}
