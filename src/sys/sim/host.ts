// The rest of what a simulated thread finds around it: randomness, names, the process, signals.
import type { Prng } from "../../base/mod.ts";
import type { Dns, Proc, Rand, Signals } from "../types.ts";
import { SimExit } from "./core.ts";
import type { SimThread } from "./thread.ts";

export class SimRand implements Rand {
  readonly #prng: Prng;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  float(): number {
    return this.#prng.float();
  }

  u32(): number {
    return this.#prng.u32();
  }

  fill(bytes: Uint8Array<ArrayBuffer>): void {
    this.#prng.fill(bytes);
  }
}

/** Names and their addresses, as a test gives them. */
export class SimDns implements Dns {
  readonly #thread: SimThread;
  readonly #names: ReadonlyMap<string, readonly string[]>;

  constructor(thread: SimThread, names: ReadonlyMap<string, readonly string[]>) {
    this.#thread = thread;
    this.#names = names;
  }

  lookup(name: string, family: "ipv4" | "ipv6" | "any"): Promise<string[]> {
    const { core } = this.#thread;
    return new Promise((resolve) => {
      core.after(this.#thread, core.latency() + core.latency(), () => {
        const all = this.#names.get(name.toLowerCase()) ?? [];
        resolve(all.filter((a) => family === "any" || a.includes(":") === (family === "ipv6")));
      });
    });
  }
}

/** What the process is told and says: set and read by tests. */
export class SimProcess {
  readonly env = new Map<string, string>();
  /** What the process has used of the processors so far. */
  cpuMs = 0;
  /** Everything written, read as UTF-8. */
  stdout = "";
  stderr = "";
  /** What was written to other descriptors. */
  readonly descriptors = new Map<number, string>();
  /** Why writes to descriptors fail; "": they do not. */
  writeError = "";
  /** Nobody reads: writes that are begun wait for unblock(). */
  blocked = false;
  readonly #blocked: (() => void)[] = [];

  block(waiting: () => void): void {
    this.#blocked.push(waiting);
  }

  /** The reader reads on. */
  unblock(): void {
    this.blocked = false;
    for (const waiting of this.#blocked.splice(0)) waiting();
  }
  descriptorLimit = 1_000_000;
  hostname = "sim";
  /** Addresses of the machine beside the loopback ones. */
  readonly addresses = new Set<string>();
  cpus = 2;
}

export class SimProc implements Proc {
  readonly pid = 4242;
  readonly #thread: SimThread;
  readonly #host: SimProcess;

  constructor(thread: SimThread, process: SimProcess) {
    this.#thread = thread;
    this.#host = process;
  }

  get hostname(): string {
    return this.#host.hostname;
  }

  get cpus(): number {
    return this.#host.cpus;
  }

  get descriptorLimit(): number {
    return this.#host.descriptorLimit;
  }

  get cpuMs(): number {
    return this.#host.cpuMs;
  }

  isLocal(host: string): boolean {
    return host.startsWith("127.") || host === "::1" || this.#host.addresses.has(host);
  }

  env(name: string): string | undefined {
    return this.#host.env.get(name);
  }

  stdout(bytes: Uint8Array): void {
    this.#host.stdout += new TextDecoder().decode(bytes);
  }

  stderr(bytes: Uint8Array): void {
    this.#host.stderr += new TextDecoder().decode(bytes);
  }

  write(descriptor: number, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    if (!this.#host.blocked) return Promise.resolve(this.#written(descriptor, bytes));
    const { core } = this.#thread;
    return new Promise((settle) =>
      this.#host.block(() => core.after(this.#thread, 0, () => settle(this.#written(descriptor, bytes))))
    );
  }

  #written(descriptor: number, bytes: Uint8Array<ArrayBuffer>): string {
    if (this.#host.writeError === "") this.#take(descriptor, new TextDecoder().decode(bytes));
    return this.#host.writeError;
  }

  #take(descriptor: number, text: string): void {
    if (descriptor === 1) this.#host.stdout += text;
    else if (descriptor === 2) this.#host.stderr += text;
    else this.#host.descriptors.set(descriptor, (this.#host.descriptors.get(descriptor) ?? "") + text);
  }

  exit(code: number): never {
    this.#thread.core.exitCode ??= code;
    throw new SimExit(code);
  }
}

export class SimSignals implements Signals {
  readonly #thread: SimThread;

  constructor(thread: SimThread) {
    this.#thread = thread;
  }

  on(name: string, handler: () => void): () => void {
    const handlers = this.#thread.signals.get(name) ?? new Set();
    this.#thread.signals.set(name, handlers);
    handlers.add(handler);
    return () => handlers.delete(handler);
  }
}
