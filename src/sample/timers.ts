// The timers of a stream (configuration.txt 8.4), from the instants it passed.
import type { StreamTimes } from "./views.ts";

/** Timers by the letters of their log aliases. */
export const TIMERS = ["Ta", "Tc", "Td", "Th", "Ti", "Tq", "TR", "Tr", "Tt", "Tu", "Tw"] as const;
export type TimerName = (typeof TIMERS)[number];

/**
 * A timer in whole ms, -1 where it never began or ended. `now`: the instant that stands for an end that did not come yet.
 */
export function timerOf(name: TimerName, times: StreamTimes, now: number): number {
  const end = times.end >= 0 ? times.end : now;
  switch (name) {
    case "Th":
      return between(times.accept, times.handshake);
    case "Ti":
      return between(times.handshake, times.requestStart);
    case "TR":
      return between(times.requestStart, times.request);
    case "Tq":
      return times.requestStart < 0 || times.handshake < 0 ? -1 : between(times.accept, times.request);
    case "Tw":
      return between(times.request >= 0 ? times.request : times.handshake, times.queue);
    case "Tc":
      return between(times.queue, times.connect);
    case "Tr":
      return between(times.connect, times.response);
    case "Td":
      return between(times.response >= 0 ? times.response : times.connect, end);
    case "Ta":
      return Math.max(0, between(times.requestStart >= 0 ? times.requestStart : times.handshake, end));
    case "Tt":
      return Math.max(0, between(times.accept, end));
    case "Tu":
      return Math.max(0, between(times.accept, end) - Math.max(0, between(times.handshake, times.requestStart)));
  }
}

function between(from: number, to: number): number {
  return from < 0 || to < 0 ? -1 : Math.max(0, Math.floor(to - from));
}
