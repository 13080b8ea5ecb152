// The process and its host: randomness, name lookup, the process itself, signals.
import { lookup } from "node:dns/promises";
import inspector from "node:inspector";
import { cpuUsage } from "node:process";
import type { Dns, Proc, Rand, Signals } from "../types.ts";
import { reasonOf } from "./errors.ts";
import type { LazyLibc } from "./libc.ts";

/** The most bytes the system gives in one call. */
const RANDOM_CALL = 65536;

export class DenoRand implements Rand {
  float(): number {
    return Math.random();
  }

  u32(): number {
    return Math.random() * 0x100000000 >>> 0;
  }

  fill(bytes: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < bytes.length; at += RANDOM_CALL) {
      crypto.getRandomValues(bytes.subarray(at, at + RANDOM_CALL));
    }
  }
}

export class DenoDns implements Dns {
  readonly #turned: () => void;

  /** `turned` is called when an answer enters the thread. */
  constructor(turned: () => void) {
    this.#turned = turned;
  }

  async lookup(name: string, family: "ipv4" | "ipv6" | "any"): Promise<string[]> {
    const options = { all: true as const, family: family === "ipv4" ? 4 : family === "ipv6" ? 6 : 0 };
    try {
      const found = await lookup(name, options);
      return found.map((entry) => entry.address);
    } catch {
      return [];
    } finally {
      this.#turned();
    }
  }
}

/** What the limit is taken for where the system does not tell it. */
const DESCRIPTORS_UNKNOWN = 1024;

/** What Linux gives at most unless it is told otherwise (fs.nr_open): also where there is said to be no limit. */
const DESCRIPTORS_MOST = 1 << 20;

/** How long the machine's addresses are taken for the same: asking the system costs 0.1 ms. */
const ADDRESSES_MS = 1000;

function ownAddresses(): ReadonlySet<string> {
  try {
    return new Set(Deno.networkInterfaces().map((known) => known.address));
  } catch {
    return new Set(["::1"]);
  }
}

export class DenoProc implements Proc {
  #addresses: ReadonlySet<string> = new Set();
  #addressesUntil = 0;
  readonly #libc: LazyLibc;
  #hostname: string | undefined;

  /** `hostname`: when who started this thread has said it. */
  constructor(libc: LazyLibc, hostname: string | undefined) {
    this.#libc = libc;
    this.#hostname = hostname;
  }

  get pid(): number {
    return Deno.pid;
  }

  get hostname(): string {
    try {
      return this.#hostname ??= Deno.hostname();
    } catch {
      return "localhost";
    }
  }

  get cpus(): number {
    return navigator.hardwareConcurrency;
  }

  get descriptorLimit(): number {
    const libc = this.#libc.get();
    const limits = typeof libc === "string" ? 0 : libc.descriptorLimits();
    return typeof limits === "number" ? DESCRIPTORS_UNKNOWN : Math.min(limits[0], DESCRIPTORS_MOST);
  }

  get cpuMs(): number {
    const { user, system } = cpuUsage();
    return (user + system) / 1000;
  }

  isLocal(host: string): boolean {
    // Each interface names one address; the loopback network is local as a whole (RFC 1122 3.2.1.3).
    if (host.startsWith("127.")) return true;
    const now = performance.now();
    if (now >= this.#addressesUntil) {
      this.#addressesUntil = now + ADDRESSES_MS;
      this.#addresses = ownAddresses();
    }
    return this.#addresses.has(host);
  }

  env(name: string): string | undefined {
    try {
      return Deno.env.get(name);
    } catch {
      return undefined;
    }
  }

  stdout(bytes: Uint8Array): void {
    writeWhole(Deno.stdout, bytes);
  }

  stderr(bytes: Uint8Array): void {
    writeWhole(Deno.stderr, bytes);
  }

  /** Files of `/dev/fd` that are open, by descriptor. */
  readonly #descriptors = new Map<number, Deno.FsFile>();

  async write(descriptor: number, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    try {
      const file = descriptor === 1 ? Deno.stdout : descriptor === 2 ? Deno.stderr : this.#descriptor(descriptor);
      for (let at = 0; at < bytes.length;) at += await file.write(at === 0 ? bytes : bytes.subarray(at));
      return "";
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** The runtime opens no descriptor by its number; the system has a name for each. */
  #descriptor(number: number): Deno.FsFile {
    let file = this.#descriptors.get(number);
    if (file === undefined) {
      file = Deno.openSync(`/dev/fd/${number}`, { write: true, append: true });
      this.#descriptors.set(number, file);
    }
    return file;
  }

  exit(code: number): never {
    Deno.exit(code);
  }
}

function writeWhole(file: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  } catch {
    // The reader is gone: there is nobody to tell.
  }
}

export class DenoSignals implements Signals {
  readonly #turned: () => void;

  constructor(turned: () => void) {
    this.#turned = turned;
  }

  on(name: string, handler: () => void): () => void {
    const listener = () => {
      this.#turned();
      if (name === "SIGUSR1") closeDebugger();
      handler();
    };
    Deno.addSignalListener(name as Deno.Signal, listener);
    return () => Deno.removeSignalListener(name as Deno.Signal, listener);
  }
}

/** How long after a signal the debugger may still come up: another thread of the runtime opens it. */
const DEBUGGER_LATE_MS = [5, 50, 500] as const;

/** On SIGUSR1 the runtime opens a debugger, whoever listens for the signal, when `node:` modules are part of a program. */
function closeDebugger(): void {
  closeInspector();
  for (const ms of DEBUGGER_LATE_MS) Deno.unrefTimer(setTimeout(closeInspector, ms));
}

function closeInspector(): void {
  try {
    inspector.close();
  } catch {
    // No right to, or none is open.
  }
}
