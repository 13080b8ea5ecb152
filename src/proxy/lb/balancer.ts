// What a load balancing algorithm is. One file an algorithm beside this one; tests/conformance/lb_suite.ts runs them all.
//
// A balancer is one object a backend and thread. It is told the servers that may be picked (rebuild) when one of them came,
// went or changed its weight, and picks one for each stream. Where an algorithm takes turns, the turn is a number that all
// threads share, so that the order is the same whatever thread asks.
import type { Cursor, Entry, Registry } from "../../config/mod.ts";
import type { SampleEnv, Txn } from "../../sample/mod.ts";
import type { HashType } from "../config.ts";

/** What balancers see of a server. */
export interface Candidate {
  /** Place in its backend, from 0. */
  readonly index: number;
  readonly id: number;
  /** Effective weight in 1/WEIGHT_SCALE of a configured unit; not 0 for a candidate. */
  readonly effectiveWeight: number;
  readonly initialWeight: number;
  readonly served: number;
  readonly queued: number;
  /** A slot is free and nobody waits for it. */
  readonly hasRoom: boolean;
  /** Limits of `served` (now, 0 none) and of its queue (0 none). */
  readonly slots: number;
  readonly maxqueue: number;
  /** What `hash-type consistent` derives the server's places from. */
  readonly hashKey: string | number;
}

/** Steps of one unit of weight: slow start and percentages move in these. */
export const WEIGHT_SCALE = 16;

export interface Balancer {
  /** The server belongs to the key: a stream waits for it when it is full, instead of for any server. */
  readonly affine: boolean;
  /** Weights may change while a server is up. */
  readonly dynamic: boolean;
  /** The servers to pick from, in their order in the backend. */
  rebuild(candidates: readonly Candidate[]): void;
  /** Index into the list of rebuild(), never of `avoid` when there is another; -1: all are full, wait for any of them. */
  pick(txn: Txn, avoid: Candidate | null): number;
}

/** What a balancer is made with. */
export interface BalancerContext {
  readonly hashType: HashType;
  readonly hashBalanceFactor: number;
  readonly hashPreserveAffinity: "always" | "maxconn" | "maxqueue";
  /** Takes the next number of the shared turn: 0, 1, 2 and so on, modulo 2^32. */
  turn(): number;
  /** A random unsigned 32-bit integer. */
  random(): number;
  readonly samples: SampleEnv;
}

/** An algorithm of `balance` (configuration.txt 4.2). */
export interface BalanceEntry<N = unknown> extends Entry {
  readonly kind: "balance";
  /** Only in HTTP backends. */
  readonly http?: boolean;
  /** Reads what follows the name: `argument` is what stood in parentheses behind it (null: none). */
  parse(cursor: Cursor, argument: string | null): N;
  create(node: N, context: BalancerContext): Balancer;
}

/** `balance` as the model stores it. */
export interface BalanceNode {
  readonly algorithm: string;
  /** It looks at requests: only for HTTP backends. */
  readonly http: boolean;
  readonly value: unknown;
}

/** The balancer of a backend's `balance` statement. */
export function createBalancer(node: BalanceNode, registry: Registry, context: BalancerContext): Balancer {
  const entry = registry.find("balance", node.algorithm) as BalanceEntry | undefined;
  if (entry === undefined) throw new Error(`no entry of balance '${node.algorithm}'`);
  return entry.create(node.value, context);
}
