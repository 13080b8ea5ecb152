// Invariants checked at run time in src. A failed one is a bug of this program, never a peer's fault.

/** Throws when an invariant does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
