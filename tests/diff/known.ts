// Where Sluice differs from the packaged haproxy (2.6) on purpose. Every other difference is a bug.

export interface KnownDifference {
  /** The case's name. */
  readonly case: string;
  /** The reason: what the manual of 3.2 or a standard says. */
  readonly why: string;
  /** What has to be in what was seen of Sluice. */
  readonly sluice: readonly string[];
}

export const knownDifferences: readonly KnownDifference[] = [];
