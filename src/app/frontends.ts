// Giving up the addresses of frontends for a while or for ever, and taking them again: SIGTTOU and SIGTTIN for all of them
// (management.txt 4), `disable`, `enable` and `shutdown frontend` for one (9.3). What has been accepted goes on.
//
// Invariant: one change at a time; `PROXY.listening` says what the last one made of a frontend.
import { Timer, type Wheel } from "../base/mod.ts";
import type { Level } from "../config/mod.ts";
import type { FrontendControl, ProxyConfig } from "../proxy/mod.ts";
import {
  backendRow,
  C,
  FRONTEND_LISTENS,
  FRONTEND_PAUSED,
  FRONTEND_STOPPED,
  frontendRow,
  PROXY,
  proxyWord,
  type Shared,
} from "../table/mod.ts";
import type { Listeners } from "./listeners.ts";
import type { Threads } from "./threads.ts";

/** How long threads may take to give up their shares before an address is tried all the same, ms. */
const PATIENCE_MS = 1000;

export interface FrontendsParts {
  readonly configs: readonly ProxyConfig[];
  readonly shared: Shared;
  readonly listeners: Listeners;
  readonly threads: Threads;
  readonly wheel: Wheel;
  readonly say: (level: Level, text: string) => void;
  /** Everything is closed for good, or about to be. */
  readonly stopping: () => boolean;
}

export class Frontends implements FrontendControl {
  readonly #parts: FrontendsParts;
  #last: Promise<unknown> = Promise.resolve();
  /** Threads that have still to give up shares of sockets: until then their addresses are taken. */
  readonly #owing = new Map<number, number>();
  #allGiven: (() => void) | null = null;
  readonly #patience = new Timer<Frontends>(this, (timer) => timer.owner.#settle());

  constructor(parts: FrontendsParts) {
    this.#parts = parts;
  }

  disable(proxy: number): Promise<string> {
    return this.#next(() => {
      const state = this.#state(proxy);
      if (state === FRONTEND_STOPPED) return "Frontend was previously shut down, cannot disable.";
      if (state === FRONTEND_PAUSED) return "All sockets are already disabled.";
      this.#giveUp(proxy, FRONTEND_PAUSED);
      this.#parts.say("WARNING", `Paused ${titleOf(this.#parts.configs[proxy])}.`);
      return "";
    });
  }

  enable(proxy: number): Promise<string> {
    return this.#next(async () => {
      const { configs, listeners, say } = this.#parts;
      const state = this.#state(proxy);
      if (state === FRONTEND_STOPPED) return "Frontend was previously shut down, cannot enable.";
      if (state === FRONTEND_LISTENS) return "All sockets are already enabled.";
      const config = configs[proxy];
      await this.#addressesFree();
      if (!await listeners.open(config) || this.#parts.stopping()) {
        listeners.close(config);
        return "Failed to resume frontend, check logs for precise cause (port conflict?).";
      }
      this.#setState(proxy, FRONTEND_LISTENS);
      this.#handOut(config);
      say("WARNING", `Resumed ${titleOf(config)}.`);
      return "";
    });
  }

  shutdown(proxy: number): Promise<string> {
    return this.#next(() => {
      if (this.#state(proxy) === FRONTEND_STOPPED) return "Frontend was already shut down.";
      this.#giveUp(proxy, FRONTEND_STOPPED);
      this.#parts.say("WARNING", stoppedLine(this.#parts.configs[proxy], proxy, this.#parts.shared));
      return "";
    });
  }

  /** SIGTTOU: the addresses are given up, so that another process may have them. */
  pauseAll(): void {
    for (const proxy of this.#in(FRONTEND_LISTENS)) this.disable(proxy);
  }

  /** SIGTTIN: listens again on the addresses that were given up. */
  resumeAll(): void {
    // Asked when the changes under way are made.
    this.#next(() => {
      for (const proxy of this.#in(FRONTEND_PAUSED)) this.enable(proxy);
      return "";
    });
  }

  #next(change: () => string | Promise<string>): Promise<string> {
    const result = this.#last.then(() => this.#parts.stopping() ? "The process is stopping." : change());
    this.#last = result;
    return result;
  }

  /** Places of frontends with listeners in that state. */
  #in(state: number): number[] {
    const { configs } = this.#parts;
    return [...configs.keys()].filter((proxy) => {
      const { disabled, binds } = configs[proxy];
      return !disabled && binds.length > 0 && this.#state(proxy) === state;
    });
  }

  #giveUp(proxy: number, state: number): void {
    const { configs, listeners, threads } = this.#parts;
    const config = configs[proxy];
    this.#setState(proxy, state);
    for (let thread = 1; thread <= threads.count; thread++) {
      this.#owing.set(thread, (this.#owing.get(thread) ?? 0) + 1);
    }
    threads.broadcast({ kind: "pause", rows: listeners.rows(config) });
    listeners.close(config);
  }

  /** A thread has given up the shares of one change. */
  gaveUp(thread: number): void {
    const left = (this.#owing.get(thread) ?? 0) - 1;
    if (left > 0) this.#owing.set(thread, left);
    else this.threadEnded(thread);
  }

  /** What a thread had is closed. */
  threadEnded(thread: number): void {
    this.#owing.delete(thread);
    if (this.#owing.size === 0) this.#settle();
  }

  /** Waits for the threads, but not for one that is stalled: then the address is found to be taken. */
  #addressesFree(): Promise<void> | void {
    if (this.#owing.size === 0) return;
    this.#parts.wheel.armIn(this.#patience, PATIENCE_MS);
    return new Promise((settle) => this.#allGiven = settle);
  }

  #settle(): void {
    this.#parts.wheel.cancel(this.#patience);
    this.#allGiven?.();
    this.#allGiven = null;
  }

  #handOut(config: ProxyConfig): void {
    const { listeners, threads, say } = this.#parts;
    for (let thread = 1; thread <= threads.count; thread++) {
      const shares = listeners.shares(thread, config);
      if (typeof shares === "string") say("ALERT", `thread ${thread}: ${shares}`);
      else threads.post(thread, { kind: "resume", shares });
    }
  }

  #state(proxy: number): number {
    return this.#parts.shared.load(proxyWord(proxy) + PROXY.listening);
  }

  #setState(proxy: number, state: number): void {
    this.#parts.shared.store(proxyWord(proxy) + PROXY.listening, state);
  }
}

/** What is said of a proxy that listens no more. */
export function stoppedLine(config: ProxyConfig, proxy: number, shared: Shared): string {
  const front = shared.total(frontendRow(proxy), C.conn_tot);
  const back = shared.total(backendRow(shared.layout, proxy), C.stot);
  return `Proxy ${config.name} stopped (cumulated conns: FE: ${front}, BE: ${back}).`;
}

function titleOf(proxy: ProxyConfig): string {
  return `${proxy.kind === "listen" ? "proxy" : proxy.kind} ${proxy.name}`;
}
