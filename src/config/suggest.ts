// Did-you-mean: the known name closest to a misspelt one, or none when nothing is close.

/**
 * The closest of `names` to `word`, or null. Close means: at most one edit (insertion, deletion, substitution or swap of
 * neighbours) for every three characters of the longer one. Of equally close names the first wins.
 */
export function suggest(word: string, names: Iterable<string>): string | null {
  if (word.length > MAX_WORD) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let bestScore = 1 / 3 + Number.EPSILON;
  for (const name of names) {
    const longer = Math.max(name.length, wanted.length);
    if (longer > MAX_WORD || Math.abs(name.length - wanted.length) * 3 > longer) continue;
    const score = editDistance(wanted, name.toLowerCase()) / longer;
    if (score < bestScore) {
      best = name;
      bestScore = score;
    }
  }
  return best;
}

/** The end of an error message: "; did you mean 'x' maybe ?" or nothing. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = suggest(word, names);
  return name === null ? "" : `; did you mean '${name}' maybe ?`;
}

/** Longer words are not misspelt names: bounds the quadratic comparison. */
const MAX_WORD = 64;

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let before = new Array<number>(b.length + 1).fill(0);
  let row = before.map((_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = new Array<number>(b.length + 1).fill(0);
    next[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
      if (!same && i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2] + 1);
      }
      next[j] = cost;
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
