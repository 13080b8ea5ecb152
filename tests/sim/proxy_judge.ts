// What is asked of the whole proxy while a seed runs, beside what its peers see: limits hold at every moment, memory is
// bounded by what is open, and the times in the logs are those of the configuration.
import { PROCESS, SERVER, serverWord } from "../../src/table/mod.ts";
import type { ProxyWorld } from "./proxy_world.ts";

/** Limits and times that the configuration of a seed sets. */
export interface Limits {
  /** Of each server, 0: none. */
  readonly maxconn: number;
  /** `maxconn` is of connections, too. */
  readonly strict: boolean;
  /** `pool-max-conn`, -1: none. */
  readonly poolMaxConn: number;
  readonly queueMs: number;
  readonly serverMs: number;
  readonly tarpitMs: number;
}

/** Blocks that a client's connection and its stream hold at the most, and a connection to a server. */
const BLOCKS_A_CLIENT = 10;
const BLOCKS_A_SERVER = 4;
/** What else holds blocks: health checks, and operations below that settle late. */
const BLOCKS_BESIDE = 12;
/** Samples for which connections that are closed may still have blocks: operations settle 50 ms late. */
const REMEMBERED = 5;

/** A timer fires within a tick, which the fault world delays by up to 3 ms; the log rounds. */
const TICK_MS = 1 + 3 + 1;

export class Judge {
  readonly #proxy: ProxyWorld;
  readonly #limits: Limits;
  readonly #open: number[] = [];
  readonly #said = new Set<string>();

  constructor(proxy: ProxyWorld, limits: Limits) {
    this.#proxy = proxy;
    this.#limits = limits;
  }

  /** Looks at what is going on now: what is wrong, each once. */
  sample(): string[] {
    const { shared, layout } = this.#proxy.process;
    const { maxconn, strict, poolMaxConn } = this.#limits;
    const wrong: string[] = [];
    const most = (name: string, value: number, limit: number) => {
      if (value > limit && !this.#said.has(name)) {
        this.#said.add(name);
        wrong.push(`${name}: ${value}, ${limit} allowed`);
      }
      if (value < 0) wrong.push(`${name}: ${value}`);
    };
    layout.servers.forEach((name, i) => {
      const word = serverWord(layout, i);
      const limited = maxconn > 0 && /\/s\d/.test(name);
      most(`requests at ${name}`, shared.load(word + SERVER.served), limited ? maxconn : Infinity);
      most(`connections to ${name}`, shared.load(word + SERVER.conns), limited && strict ? maxconn : Infinity);
      most(`idle at ${name}`, shared.load(word + SERVER.idle), poolMaxConn < 0 ? Infinity : poolMaxConn);
    });
    const clients = shared.load(PROCESS.conns);
    const servers = shared.load(PROCESS.serverConns);
    this.#open.push(BLOCKS_A_CLIENT * clients + BLOCKS_A_SERVER * servers + BLOCKS_BESIDE);
    if (this.#open.length > REMEMBERED) this.#open.shift();
    most("blocks in use", this.#proxy.world.blocksInUse, Math.max(...this.#open));
    return wrong;
  }

  /** Looks at the log lines of HTTP streams: their times against the timeouts that ended them. */
  times(log: string): string[] {
    const { queueMs, serverMs, tarpitMs } = this.#limits;
    const wrong: string[] = [];
    const line =
      / (-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/\+?(-?\d+) -?\d+ \d+ \S+ \S+ (\S\S)-- \d+\/\d+\/\d+\/\d+\/(\+?\d+) /;
    for (const text of log.split("\n")) {
      const match = line.exec(text);
      if (match === null) continue;
      const [tr, tw, tc, , ta] = match.slice(1, 6).map(Number);
      const [state, retries] = match.slice(6);
      const within = (what: string, ms: number, from: number, to: number) => {
        if (ms < from - 1 || ms > to) wrong.push(`${what} took ${ms} ms, not ${from}: ${text}`);
      };
      // A rule may wait for the body first.
      if (state === "sQ" && retries === "0" && !text.includes('"POST ')) {
        within("the queue", tw, queueMs, queueMs + TICK_MS);
      }
      if (state === "PT") within("the tarpit", tw, tarpitMs, tarpitMs + TICK_MS);
      if (state === "sH") within("the response", ta - tr - tw - tc, serverMs, Infinity);
    }
    return wrong;
  }
}
