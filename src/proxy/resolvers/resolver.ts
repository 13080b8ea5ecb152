// The resolutions of one resolvers section (configuration.txt 5.3.2): a question goes to all name servers at once, the first
// valid answer counts. When all have answered with errors the other type of address is asked for, then the first one again, as
// often as `resolve_retries` says; silence costs a try, too.
//
// Invariants: a number stands for one question under way; each resolution ends, after retries * (2 * timeout) at the latest.
import { Timer, type Wheel } from "../../base/mod.ts";
import {
  DNS_A,
  DNS_AAAA,
  type DnsResponse,
  type DnsType,
  encodeQuery,
  isDnsName,
  RCODE_NXDOMAIN,
  RCODE_OK,
  RCODE_REFUSED,
  readResponse,
} from "../../codec/mod.ts";
import type { Sys } from "../../sys/types.ts";
import type { PreferredFamily, ResolutionError, ResolversConfig } from "./config.ts";
import { Transport } from "./transport.ts";

/** Resolutions that may be under way; more fail at once. */
const MAX_UNDER_WAY = 1024;
/** Answers that are kept for `hold valid`. */
const MAX_KEPT = 4096;

/** An end of a resolution. */
export type Resolution =
  | { readonly status: "valid"; readonly addresses: readonly string[]; readonly nameserver: string }
  | { readonly status: ResolutionError };

interface Kept {
  readonly resolution: Resolution & { readonly status: "valid" };
  readonly until: number;
}

type Waiting = (resolution: Resolution) => void;

class Query {
  readonly key: string;
  readonly name: string;
  readonly preferred: DnsType;
  readonly waiting: Waiting[] = [];
  readonly timer: Timer<Query>;
  id = -1;
  type: DnsType;
  tries: number;
  /** Name servers that have answered the question under way. */
  readonly answered = new Set<number>();
  /** The last of their errors; "timeout" before there is one. */
  last: ResolutionError = "timeout";

  constructor(key: string, name: string, preferred: DnsType, tries: number, late: (query: Query) => void) {
    this.key = key;
    this.name = name;
    this.preferred = preferred;
    this.type = preferred;
    this.tries = tries;
    this.timer = new Timer<Query>(this, (timer) => late(timer.owner));
  }
}

export class Resolver {
  readonly config: ResolversConfig;
  readonly #sys: Pick<Sys, "net" | "rand" | "clock">;
  readonly #wheel: Wheel;
  readonly #transport: Transport;
  /** Questions under way, by the number of their message, and resolutions by name and family. */
  readonly #asked = new Map<number, Query>();
  readonly #queries = new Map<string, Query>();
  readonly #kept = new Map<string, Kept>();
  readonly #number = new Uint8Array(2);
  #closed = false;

  constructor(
    sys: Pick<Sys, "net" | "rand" | "clock">,
    wheel: Wheel,
    config: ResolversConfig,
    problem: (text: string) => void,
  ) {
    this.config = config;
    this.#sys = sys;
    this.#wheel = wheel;
    this.#transport = new Transport(sys, wheel, config.nameservers, {
      received: (nameserver, bytes) => this.#received(nameserver, bytes),
      problem,
    });
  }

  /** Resolves a name, or joins who does already. */
  resolve(name: string, prefer: PreferredFamily): Promise<Resolution> {
    const { nameservers, retries } = this.config;
    const key = `${prefer} ${name.toLowerCase()}`;
    let query = this.#queries.get(key);
    if (query === undefined) {
      if (this.#closed || !isDnsName(name) || nameservers.length === 0 || this.#queries.size >= MAX_UNDER_WAY) {
        return Promise.resolve({ status: "other" });
      }
      const type = prefer === "ipv4" ? DNS_A : DNS_AAAA;
      query = new Query(key, name, type, retries, (late) => this.#failed(late));
      this.#queries.set(key, query);
      this.#ask(query, type);
    }
    const { waiting } = query;
    return new Promise((settle) => void waiting.push(settle));
  }

  /** As resolve(); an answer that is not older than `hold valid` is good enough. */
  async lookup(name: string, prefer: PreferredFamily): Promise<Resolution> {
    const key = `${prefer} ${name.toLowerCase()}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > this.#sys.clock.now()) return kept.resolution;
    const resolution = await this.resolve(name, prefer);
    this.#kept.delete(key);
    if (resolution.status === "valid" && this.config.hold.valid > 0) {
      // The oldest go first.
      if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
      this.#kept.set(key, { resolution, until: this.#sys.clock.now() + this.config.hold.valid });
    }
    return resolution;
  }

  /** Ends everything; who waits gets an error. */
  close(): void {
    this.#closed = true;
    for (const query of [...this.#queries.values()]) this.#end(query, { status: "other" });
    this.#transport.close();
  }

  #ask(query: Query, type: DnsType): void {
    this.#asked.delete(query.id);
    query.id = this.#freeNumber();
    query.type = type;
    query.answered.clear();
    query.last = "timeout";
    this.#asked.set(query.id, query);
    const message = encodeQuery(query.id, query.name, type, this.config.payloadSize);
    this.config.nameservers.forEach((_, i) => this.#transport.send(i, message));
    this.#wheel.armIn(query.timer, this.config.retryMs);
  }

  /** Nobody is to guess it: it is what tells answers from forgeries. */
  #freeNumber(): number {
    for (;;) {
      this.#sys.rand.fill(this.#number as Uint8Array<ArrayBuffer>);
      const id = this.#number[0] << 8 | this.#number[1];
      if (!this.#asked.has(id)) return id;
    }
  }

  #received(nameserver: number, bytes: Uint8Array): void {
    const query = bytes.length < 2 ? undefined : this.#asked.get(bytes[0] << 8 | bytes[1]);
    if (query === undefined || query.answered.has(nameserver)) return;
    const response = readResponse(bytes, query.id, query.name, query.type);
    if (response === null) return;
    query.answered.add(nameserver);
    const error = errorOf(response);
    if (error === null) {
      const { addresses } = response;
      return this.#end(query, { status: "valid", addresses, nameserver: this.config.nameservers[nameserver].name });
    }
    query.last = error;
    if (query.answered.size === this.config.nameservers.length) this.#failed(query);
  }

  /** All have answered with errors, or the time is over. */
  #failed(query: Query): void {
    if (query.last !== "timeout" && query.type === query.preferred) {
      return this.#ask(query, query.type === DNS_A ? DNS_AAAA : DNS_A);
    }
    if (--query.tries <= 0) return this.#end(query, { status: query.last });
    this.#ask(query, query.last === "timeout" ? query.type : query.preferred);
  }

  #end(query: Query, resolution: Resolution): void {
    this.#wheel.cancel(query.timer);
    this.#asked.delete(query.id);
    this.#queries.delete(query.key);
    for (const settle of query.waiting) settle(resolution);
  }
}

function errorOf({ rcode, truncated, addresses }: DnsResponse): ResolutionError | null {
  if (rcode === RCODE_NXDOMAIN) return "nx";
  if (rcode === RCODE_REFUSED) return "refused";
  return rcode !== RCODE_OK || truncated || addresses.length === 0 ? "other" : null;
}
