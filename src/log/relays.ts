// The targets that main sends to, by name: made when their first lines come.
import { Timer, type Wheel } from "../base/mod.ts";
import type { Sys } from "../sys/types.ts";
import { DatagramsOutlet, DescriptorOutlet, type LossReport } from "./outlets.ts";
import type { LogRelay } from "./relay.ts";
import { StreamTarget } from "./stream_target.ts";
import { type RelayTarget, targetName } from "./target.ts";

/** How often drain() looks whether everything has left. */
const LOOK_MS = 10;

export class LogRelays implements LogRelay {
  readonly #sys: Pick<Sys, "net" | "proc" | "turn" | "clock">;
  readonly #wheel: Wheel;
  readonly #report: LossReport;
  readonly #streams = new Map<string, StreamTarget>();
  readonly #guarded = new Map<string, DatagramsOutlet>();
  readonly #descriptors = new Map<number, DescriptorOutlet>();

  constructor(sys: Pick<Sys, "net" | "proc" | "turn" | "clock">, wheel: Wheel, report: LossReport) {
    this.#sys = sys;
    this.#wheel = wheel;
    this.#report = report;
  }

  relay(target: RelayTarget, bytes: Uint8Array<ArrayBuffer>, lines: number): boolean {
    const outlet = target.kind === "descriptor"
      ? this.#descriptor(target.number)
      : target.kind === "guarded"
      ? this.#datagrams(target)
      : this.#stream(target);
    return outlet.write(bytes, bytes.length, lines);
  }

  #stream(target: RelayTarget & { readonly kind: "stream" }): StreamTarget {
    const name = targetName(target);
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new StreamTarget(this.#sys, this.#wheel, target.address, name, this.#report);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  #datagrams(target: RelayTarget & { readonly kind: "guarded" }): DatagramsOutlet {
    const name = targetName(target);
    let outlet = this.#guarded.get(name);
    if (outlet === undefined) {
      outlet = new DatagramsOutlet(this.#sys.net.datagram("unix"), target.address, name, this.#report);
      this.#guarded.set(name, outlet);
    }
    return outlet;
  }

  #descriptor(number: number): DescriptorOutlet {
    let outlet = this.#descriptors.get(number);
    if (outlet === undefined) {
      outlet = new DescriptorOutlet(this.#sys, number, this.#report);
      this.#descriptors.set(number, outlet);
    }
    return outlet;
  }

  get idle(): boolean {
    for (const stream of this.#streams.values()) if (!stream.idle) return false;
    for (const datagrams of this.#guarded.values()) if (!datagrams.idle) return false;
    for (const descriptor of this.#descriptors.values()) if (!descriptor.idle) return false;
    return true;
  }

  /** Lets what waits here leave, and what `others` tell of, for `ms` at most. */
  async drain(ms: number, others: () => boolean): Promise<void> {
    const end = this.#sys.clock.now() + ms;
    while (!(this.idle && others()) && this.#sys.clock.now() < end) {
      await new Promise<void>((done) => this.#wheel.armIn(new Timer<null>(null, () => done()), LOOK_MS));
    }
  }

  /** Closes everything, whatever waits. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    for (const datagrams of this.#guarded.values()) datagrams.close();
  }
}
