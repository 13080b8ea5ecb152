// Older processes that this one replaces (management.txt 3 "-sf", "-st", "-x", and 4): asked for their listening sockets, or
// to give their addresses up while this one cannot have them, and to end once it serves.
import type { DenoSys } from "../sys/deno/mod.ts";
import type { ListenSpec, Net, OpenListener } from "../sys/types.ts";
import { socketKey } from "./shards.ts";
import type { StartupMessages } from "./startup.ts";

/** How often, and at what distance, an address is tried again after the older processes were asked for it. */
const TRIES = 100;
const AGAIN_MS = 10;

const IN_USE = "Address already in use";

/** The listening sockets an older process has given to this one (-x). */
export class TakenSockets {
  readonly #net: Net;
  readonly #descriptors: Map<string, number>;

  constructor(net: Net, descriptors: Map<string, number>) {
    this.#net = net;
    this.#descriptors = descriptors;
  }

  /** Opens a listening socket: the given one, or a new one. */
  open(spec: ListenSpec): OpenListener | string {
    const key = socketKey(spec);
    const descriptor = this.#descriptors.get(key);
    if (descriptor === undefined) return this.#net.open(spec);
    this.#descriptors.delete(key);
    return this.#net.open({ ...spec, descriptor });
  }

  /** Closes what nobody wanted. */
  close(): void {
    for (const descriptor of this.#descriptors.values()) {
      const opened = this.#net.open({ address: { family: "unix", path: "" }, backlog: 0, descriptor });
      if (typeof opened !== "string") opened.close();
    }
    this.#descriptors.clear();
  }
}

/** Takes the sockets that -x names; null, and it is told, when that fails. */
export function takeSockets(sys: DenoSys, path: string | null, messages: StartupMessages): TakenSockets | null {
  const taken = path === null ? new Map<string, number>() : sys.takeSockets(path);
  if (typeof taken !== "string") return new TakenSockets(sys.net, taken);
  messages.say("WARNING", `Failed to get sockets from the old process socket '${path}': ${taken}`);
  messages.say("ALERT", "Failed to get the sockets from the old process!");
  return null;
}

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
