// Waits for connects of sockets made by hand (handle_connect.ts): a native handle only waits for those it began itself.
//
// One epoll set a thread holds the sockets whose connect is under way. A helper thread of the runtime waits on it, for as
// long as there are any; connects of ordinary servers never come here.
import type { Libc } from "./libc.ts";

const EPOLLOUT = 4;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CLOEXEC = 0o2000000;
/** Bytes of `struct epoll_event`, packed on one architecture only, and where its `data` begins. */
const PACKED = Deno.build.arch === "x86_64";
const EVENT_BYTES = PACKED ? 12 : 16;
const DATA_AT = PACKED ? 4 : 8;
/** Events taken at once. */
const EVENTS = 64;
/** How long the helper waits at most: it ends so long after the last connect. */
const WAIT_MS = 100;

export class ConnectWatch {
  readonly #libc: Libc;
  readonly #turned: () => void;
  readonly #waiting = new Map<number, () => void>();
  readonly #events = new Uint8Array(EVENTS * EVENT_BYTES);
  readonly #event = new DataView(new ArrayBuffer(EVENT_BYTES));
  #epoll = -1;

  /** `turned` is called when the kernel's answer enters the thread. */
  constructor(libc: Libc, turned: () => void) {
    this.#libc = libc;
    this.#turned = turned;
  }

  /** Calls `ready` once the socket is connected or has failed. 0, or a negative error number. */
  add(fd: number, ready: () => void): number {
    if (this.#epoll < 0) {
      const made = this.#libc.epollCreate(EPOLL_CLOEXEC);
      if (made < 0) return made;
      this.#epoll = made;
    }
    const status = this.#control(EPOLL_CTL_ADD, fd);
    if (status < 0) return status;
    this.#waiting.set(fd, ready);
    if (this.#waiting.size === 1) this.#wait(this.#epoll);
    return 0;
  }

  /** Before the descriptor is closed. */
  remove(fd: number): void {
    if (this.#waiting.delete(fd)) this.#control(EPOLL_CTL_DEL, fd);
  }

  #control(operation: number, fd: number): number {
    this.#event.setUint32(0, EPOLLOUT, true);
    this.#event.setInt32(DATA_AT, fd, true);
    return this.#libc.epollControl(this.#epoll, operation, fd, new Uint8Array(this.#event.buffer));
  }

  #running = false;

  async #wait(epoll: number): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const view = new DataView(this.#events.buffer);
    while (this.#waiting.size > 0) {
      const count = await this.#libc.epollWait(epoll, this.#events, EVENTS, WAIT_MS);
      this.#turned();
      for (let i = 0; i < count; i++) {
        const fd = view.getInt32(i * EVENT_BYTES + DATA_AT, true);
        const ready = this.#waiting.get(fd);
        this.remove(fd);
        ready?.();
      }
    }
    this.#running = false;
    this.#libc.close(epoll);
    this.#epoll = -1;
  }
}
