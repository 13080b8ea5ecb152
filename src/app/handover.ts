// What a master and its worker tell each other (plain data), and the sockets that the master holds for all its workers.
//
// The worker asks for each part by "next": one message with a socket is under way at a time (sys/deno/child.ts).
import type { Model } from "../config/mod.ts";
import type { IoLayer } from "../sys/deno/mod.ts";
import type { Identity } from "./privileges.ts";
import type { Address, ListenSpec, OpenListener } from "../sys/types.ts";
import { socketKey } from "./shards.ts";

/** What a worker runs. */
export interface WorkerStart {
  readonly model: Model;
  readonly io: IoLayer;
  /** -n and -N, 0 when not given. */
  readonly maxconn: number;
  readonly proxyMaxconn: number;
  readonly debug: boolean;
  readonly identity: Identity;
  readonly quiet: boolean;
  /** What the master said while it loaded. */
  readonly startupLogs: string;
}

export type ToWorker =
  | { readonly kind: "start"; readonly start: WorkerStart }
  /** The descriptor of a listening socket comes with it. */
  | { readonly kind: "socket"; readonly key: string }
  /** All is there. */
  | { readonly kind: "run" }
  /** As SIGUSR1. */
  | { readonly kind: "soft-stop" };

export type FromWorker =
  | { readonly kind: "next" }
  /** It accepts connections. */
  | { readonly kind: "ready" }
  /** What it printed while it started. */
  | { readonly kind: "said"; readonly text: string };

/** The key of the socket through which the master passes commands on. */
export const MASTER_SOCKET = "master";

/**
 * The sockets a worker has from its master. Each stays open until the worker stops for good: a frontend that is closed in
 * between (`disable frontend`) gets the same one again.
 */
export class GivenSockets {
  readonly #adopt: (spec: ListenSpec) => OpenListener | string;
  /** Whether what is closed now will not be opened again. */
  readonly #ending: () => boolean;
  readonly #descriptors = new Map<string, number>();
  readonly #open = new Map<string, OpenListener>();

  /** `adopt` makes a socket of a descriptor. */
  constructor(adopt: (spec: ListenSpec) => OpenListener | string, ending: () => boolean) {
    this.#adopt = adopt;
    this.#ending = ending;
  }

  give(key: string, descriptor: number): void {
    this.#descriptors.set(key, descriptor);
  }

  open(spec: ListenSpec): OpenListener | string {
    const key = socketKey(spec);
    let socket = this.#open.get(key);
    if (socket === undefined) {
      const descriptor = this.#descriptors.get(key);
      if (descriptor === undefined) return "the master did not hand it over";
      const adopted = this.#adopt({ ...spec, descriptor });
      if (typeof adopted === "string") return adopted;
      this.#descriptors.delete(key);
      this.#open.set(key, socket = adopted);
    }
    const held = socket;
    return {
      address: held.address,
      share: () => held.share(),
      close: () => {
        if (!this.#ending()) return;
        this.#open.delete(key);
        held.close();
      },
    };
  }
}

const IN_USE = "Address already in use";

/**
 * The listening sockets of the configuration that runs, and of the one that is being loaded: what both name is opened
 * once, so what waits in its queue outlives the reload.
 */
export class HeldSockets {
  readonly #open: (spec: ListenSpec) => OpenListener | string;
  readonly #kept: (address: Address) => void;
  #held = new Map<string, OpenListener>();
  #next = new Map<string, OpenListener>();

  /** `kept` is told of an address whose socket stays as it was although its options have changed. */
  constructor(open: (spec: ListenSpec) => OpenListener | string, kept: (address: Address) => void) {
    this.#open = open;
    this.#kept = kept;
  }

  /** Opens a socket of the configuration that is being loaded. */
  open(spec: ListenSpec): OpenListener | string {
    const key = socketKey(spec);
    if (this.#next.has(key)) return IN_USE;
    const taken = new Set(this.#next.values());
    const same = this.#held.get(key);
    let opened = same !== undefined && !taken.has(same) ? same : this.#open(spec);
    if (opened === IN_USE) opened = this.#ofAddress(spec.address, taken) ?? opened;
    if (typeof opened !== "string") this.#next.set(key, opened);
    return opened;
  }

  /** The socket of an address that was opened with other options, and that nobody has asked for yet. */
  #ofAddress(address: Address, taken: ReadonlySet<OpenListener>): OpenListener | undefined {
    const wanted = JSON.stringify(address);
    const found = [...this.#held.values()].find((held) => JSON.stringify(held.address) === wanted && !taken.has(held));
    if (found !== undefined) this.#kept(address);
    return found;
  }

  /** Sockets of the configuration that is being loaded, by key. */
  get next(): ReadonlyMap<string, OpenListener> {
    return this.#next;
  }

  /** It runs now: what only the one before had is closed. */
  commit(): void {
    closeAllBut(this.#held, this.#next);
    this.#held = this.#next;
    this.#next = new Map();
  }

  /** It does not run: what only it had is closed. */
  abandon(): void {
    closeAllBut(this.#next, this.#held);
    this.#next = new Map();
  }
}

function closeAllBut(sockets: ReadonlyMap<string, OpenListener>, kept: ReadonlyMap<string, OpenListener>): void {
  const stay = new Set(kept.values());
  for (const socket of sockets.values()) if (!stay.has(socket)) socket.close();
}
