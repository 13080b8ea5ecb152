// Dates as HTTP writes them, from seconds, milliseconds or microseconds since the epoch and back
// (configuration.txt 7.3.1). A date that the calendar of the runtime (years -271821 to 275760) does not hold is absent.
import { latin1Slice } from "../../base/mod.ts";
import { imfFixdate, parseHttpDate } from "../../http/mod.ts";
import { setInteger, setText } from "../casts.ts";
import { add, type Integer } from "../integers.ts";
import { type ConverterEntry, T_SINT, T_STR } from "../types.ts";
import { converter } from "./define.ts";

/** Parts of a second that an input counts. */
const UNITS = { s: 1, ms: 1_000, us: 1_000_000 } as const;
type Unit = keyof typeof UNITS;

/** Farthest second from the epoch that a Date holds. */
const LAST_SECOND = 8.64e12;

/** An instant; whole seconds and microseconds behind them. */
interface Instant {
  readonly seconds: number;
  readonly micros: number;
}

function instantOf(value: Integer, unit: Unit): Instant | null {
  const parts = BigInt(UNITS[unit]);
  const whole = BigInt(value);
  const rest = ((whole % parts) + parts) % parts;
  const seconds = Number((whole - rest) / parts);
  if (Math.abs(seconds) > LAST_SECOND) return null;
  return { seconds, micros: Number(rest * (1_000_000n / parts)) };
}

export const httpDateConverters: readonly ConverterEntry[] = [
  converter({
    name: "http_date",
    doc:
      "a date, in s (default), ms or us since the epoch, as HTTP headers hold it; with parts of a second for ms and us",
    input: T_SINT,
    out: T_STR,
    args: [{ type: "sint", name: "offset", optional: true }, { type: "str", name: "unit", optional: true }],
    validate([, unit]) {
      return unit === null || String(unit) in UNITS ? null : `expects 's', 'ms' or 'us', got '${unit}'`;
    },
    build([arg, name], env) {
      const unit = (name ?? "s") as Unit;
      const offset = (arg ?? 0) as Integer;
      return (sample) => {
        const instant = instantOf(add(sample.num, offset), unit);
        if (instant === null) return false;
        const text = imfFixdate(instant.seconds * 1000);
        if (unit === "s") return setText(sample, text, env);
        return setText(sample, text.replace(/(?= GMT$)/, `.${instant.micros / (1_000_000 / UNITS[unit])}`), env);
      };
    },
  }),
  converter({
    name: "date",
    doc: "seconds since the epoch of a date of HTTP in any of its three forms",
    input: T_STR,
    out: T_SINT,
    build: (_args, env) => (sample) => {
      const ms = parseHttpDate(latin1Slice(sample.bytes, sample.from, sample.to), env.clock.wall());
      if (Number.isNaN(ms)) return false;
      setInteger(sample, ms / 1000);
      return true;
    },
  }),
];
