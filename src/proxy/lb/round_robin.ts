// `balance roundrobin` and `balance static-rr`: each server in its turn, as its weight says. The turn is one number for all
// threads, so that the order holds for the process.
import type { Txn } from "../../sample/mod.ts";
import type { BalanceEntry, Balancer, BalancerContext, Candidate } from "./balancer.ts";
import { mapOrder, type Order, roundRobinOrder, serverOf } from "./order.ts";

/** Takes turns in a precomputed order. Also the fallback of hashing when there is nothing to hash. */
export class Turns {
  readonly #turn: () => number;
  readonly #makeOrder: (weights: readonly number[]) => Order;
  #candidates: readonly Candidate[] = [];
  #weights: readonly number[] = [];
  /** Null until it is needed: states change more often at start than orders are asked for. */
  #order: Order | null = null;

  constructor(turn: () => number, makeOrder: (weights: readonly number[]) => Order) {
    this.#turn = turn;
    this.#makeOrder = makeOrder;
  }

  rebuild(candidates: readonly Candidate[], weights: readonly number[]): void {
    this.#candidates = candidates;
    this.#weights = weights;
    this.#order = null;
  }

  /** The next one with room; `avoid` only when no other has; -1: all are full. */
  next(avoid: Candidate | null): number {
    const candidates = this.#candidates;
    const order = this.#order ??= this.#makeOrder(this.#weights);
    for (let turns = 0; turns < order.cycle; turns++) {
      const i = serverOf(order, this.#turn());
      const candidate = candidates[i];
      if (candidate !== avoid && candidate.hasRoom) return i;
      // Turns are only used up for one that can take them.
      if (turns === 0 && !candidates.some((c) => c !== avoid && c.hasRoom)) break;
    }
    return avoid !== null && avoid.hasRoom ? candidates.indexOf(avoid) : -1;
  }
}

class RoundRobin implements Balancer {
  readonly affine = false;
  readonly dynamic: boolean;
  readonly #turns: Turns;

  constructor(context: BalancerContext, dynamic: boolean) {
    this.dynamic = dynamic;
    this.#turns = new Turns(context.turn, dynamic ? roundRobinOrder : mapOrder);
  }

  rebuild(candidates: readonly Candidate[]): void {
    this.#turns.rebuild(candidates, candidates.map((c) => this.dynamic ? c.effectiveWeight : c.initialWeight));
  }

  pick(_txn: Txn, avoid: Candidate | null): number {
    return this.#turns.next(avoid);
  }
}

export const roundrobin: BalanceEntry<null> = {
  kind: "balance",
  name: "roundrobin",
  manual: "4.2",
  doc: "Each server in its turn, as its weight says.",
  parse: () => null,
  create: (_node, context) => new RoundRobin(context, true),
};

export const staticRr: BalanceEntry<null> = {
  kind: "balance",
  name: "static-rr",
  manual: "4.2",
  doc: "Each server in its turn, as its configured weight says.",
  parse: () => null,
  create: (_node, context) => new RoundRobin(context, false),
};
