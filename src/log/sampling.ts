// Sampling of log lines: a target takes some of every `size` lines (configuration.txt 4.2 "log", sample). The position
// in the period is one shared number, so that the shares are exact over all threads.

/** Bounds of a range, both included, from 1. */
type SampleRange = readonly [number, number];

export interface Sampling {
  /** In ascending order, without overlap, none above `size`. */
  readonly ranges: readonly SampleRange[];
  /** Length of the period, in lines. */
  readonly size: number;
}

/** Reads "<ranges>:<size>"; a string is the reason why it cannot be used. */
export function parseSampling(text: string): Sampling | string {
  const colon = text.indexOf(":");
  if (colon < 0) return "missing sample size";
  const size = parseCount(text.slice(colon + 1));
  if (size < 0) return `wrong sample size '${text.slice(colon + 1)}'`;
  const ranges: SampleRange[] = [];
  for (const word of text.slice(0, colon).split(",")) {
    const dash = word.indexOf("-");
    const low = parseCount(dash < 0 ? word : word.slice(0, dash));
    const high = dash < 0 ? low : parseCount(word.slice(dash + 1));
    if (low < 0 || high < low) return `wrong sample range '${word}'`;
    ranges.push([low, high]);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < ranges.length; i++) if (ranges[i][0] <= ranges[i - 1][1]) return "sample ranges are overlapping";
  const highest = ranges[ranges.length - 1][1];
  if (size < highest) {
    return `sample size ${size} should be greater or equal to ${highest}, the highest limit of the ranges`;
  }
  return { ranges, size };
}

function parseCount(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) return -1;
  const value = Number(text);
  return value === 0 ? -1 : value;
}

/** Takes a line's place in the period that all threads share: true when the target takes it. */
export function takeSample(sampling: Sampling, counters: Int32Array, slot: number): boolean {
  let place = Atomics.load(counters, slot);
  for (;;) {
    const next = place + 1 >= sampling.size ? 0 : place + 1;
    const found = Atomics.compareExchange(counters, slot, place, next);
    if (found === place) break;
    place = found;
  }
  for (const range of sampling.ranges) if (place + 1 >= range[0] && place + 1 <= range[1]) return true;
  return false;
}
