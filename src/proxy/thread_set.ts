// Which threads a listener runs on, and over how many sockets they are spread (configuration.txt 5.1 "thread", "shards").

/** A range of a `thread` option: every `step`th thread from `first` to `last` (Infinity: the last one there is). */
export interface ThreadRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** `shards`: a number, or one a thread, or one a group of threads, of which there is one. */
export type Shards = number | "by-thread" | "by-group";

/** Highest number of a thread in a configuration. */
const MAX_THREAD = 64;

/** Reads `[<group>/]<set>[,…]`. A string is the reason of the refusal. */
export function parseThreadSet(text: string): ThreadRange[] | string {
  const ranges: ThreadRange[] = [];
  for (const part of text.split(",")) {
    const slash = part.indexOf("/");
    if (slash >= 0 && part.slice(0, slash) !== "1") {
      return `'${part}' thread-group number must be between 1 and 1 (was ${part.slice(0, slash)})`;
    }
    const range = parseRange(part.slice(slash + 1));
    if (typeof range === "string") return range;
    ranges.push(range);
  }
  const relative = text.split(",").map((part) => part.includes("/"));
  if (relative.includes(true) && relative.includes(false)) {
    return `'${text}' mixes thread numbers of a group with numbers of the process`;
  }
  return ranges;
}

function parseRange(text: string): ThreadRange | string {
  if (text === "all") return { first: 1, last: Infinity, step: 1 };
  if (text === "odd") return { first: 1, last: Infinity, step: 2 };
  if (text === "even") return { first: 2, last: Infinity, step: 2 };
  const match = /^([0-9]{0,4})(-?)([0-9]{0,4})$/.exec(text);
  if (match === null || match[1] + match[3] === "") return `'${text}' is not a valid number/range`;
  const [, low, dash, high] = match;
  const first = low === "" ? 1 : Number(low);
  const last = dash === "" ? first : high === "" ? Infinity : Number(high);
  for (const number of [first, last]) {
    if (number < 1 || (number > MAX_THREAD && number !== Infinity)) {
      return `'${text}' is not a valid number/range. It supports numbers from 1 to ${MAX_THREAD}`;
    }
  }
  return { first: Math.min(first, last), last: Math.max(first, last), step: 1 };
}

/** Numbers of the threads of a set, of `count` in all. Without a set: all of them. */
export function threadsOf(set: readonly ThreadRange[] | null, count: number): number[] {
  const threads: number[] = [];
  for (let thread = 1; thread <= count; thread++) {
    const isIn = ({ first, last, step }: ThreadRange) =>
      thread >= first && thread <= last && (thread - first) % step === 0;
    if (set === null || set.some(isIn)) threads.push(thread);
  }
  return threads;
}

/** How many sockets the threads of a listener get: never more than there are threads. */
export function shardCount(shards: Shards, threads: number): number {
  if (shards === "by-group") return 1;
  return shards === "by-thread" ? threads : Math.min(shards, threads);
}
