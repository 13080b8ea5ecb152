// Older processes that this one replaces (management.txt 3 "-sf", "-st", and 4): asked to give their addresses up while
// this one cannot have them, and to end once it serves.
import type { OpenListener } from "../sys/types.ts";

/** How often, and at what distance, an address is tried again after the older processes were asked for it. */
const TRIES = 100;
const AGAIN_MS = 10;

const IN_USE = "Address already in use";

export class OlderProcesses {
  #finish: readonly number[];
  #terminate: readonly number[];
  #paused = false;

  constructor(finish: readonly number[], terminate: readonly number[]) {
    this.#finish = finish;
    this.#terminate = terminate;
  }

  /** Opens a listening socket, for which they may have to be paused. */
  async open(open: () => OpenListener | string): Promise<OpenListener | string> {
    let opened = open();
    if (this.#finish.length + this.#terminate.length === 0) return opened;
    for (let tries = 0; opened === IN_USE && tries < TRIES; tries++) {
      if (!this.#paused) this.#signal("SIGTTOU");
      this.#paused = true;
      await new Promise((again) => setTimeout(again, AGAIN_MS));
      opened = open();
    }
    return opened;
  }

  /** This process does not start: they go on as before. */
  resume(): void {
    if (this.#paused) this.#signal("SIGTTIN");
  }

  /** This process serves: they are to end, those of -sf when they have done their work. */
  end(): void {
    for (const pid of this.#finish) signal(pid, "SIGUSR1");
    for (const pid of this.#terminate) signal(pid, "SIGTERM");
    this.#finish = this.#terminate = [];
  }

  #signal(name: Deno.Signal): void {
    for (const pid of [...this.#finish, ...this.#terminate]) signal(pid, name);
  }
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch { /* gone already */ }
}
