// Times and sizes as the configuration and the runtime API write them (configuration.txt 2.5 and 2.6).
//
// A parser returns the number, or a string: the reason why the text is refused, to be put behind the keyword's name.

/** Units of the time format. */
export type TimeUnit = "us" | "ms" | "s" | "m" | "h" | "d";

const MICROSECONDS: Readonly<Record<TimeUnit, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

const TIME_UNITS = "us=microseconds, ms=milliseconds, s=seconds, m=minutes, h=hours, d=days";

/** The largest time, in whatever unit it is kept: a signed 32-bit integer. */
export const TIME_MAX = 2147483647;

/**
 * A time, in units of `result`; a number without a unit counts in `bare`. Parts of a unit are rounded up, so that a
 * time that is not zero never becomes zero. Refused: no digits, a fraction, a sign, an unknown unit, more than TIME_MAX.
 */
export function parseTime(text: string, bare: TimeUnit, result: TimeUnit = bare): number | string {
  const digits = countDigits(text);
  if (digits === 0) return text === "" ? "a time is missing" : unexpected(text, 0, `is not a time (${TIME_UNITS})`);
  const suffix = text.slice(digits);
  if (suffix[0] === ".") return unexpected(text, digits, "is not a time: decimals are not allowed, use a smaller unit");
  if (suffix !== "" && !Object.hasOwn(MICROSECONDS, suffix)) {
    return unexpected(text, digits, `is not a time: the units are ${TIME_UNITS}`);
  }
  const unit = suffix === "" ? bare : suffix as TimeUnit;
  const value = Math.ceil(Number(text.slice(0, digits)) * MICROSECONDS[unit] / MICROSECONDS[result]);
  if (value > TIME_MAX) {
    const days = TIME_MAX * MICROSECONDS[result] / MICROSECONDS.d;
    return `'${text}' is too large: the maximum is ${TIME_MAX} ${result} (about ${days.toFixed(1)} days)`;
  }
  return value;
}

/** A time in milliseconds; a number without a unit counts in `bare`. See parseTime(). */
export function parseTimeMs(text: string, bare: TimeUnit = "ms"): number | string {
  return parseTime(text, bare, "ms");
}

/** A size in bytes, up to `max`. Refused: no digits, a fraction, a sign, an unknown unit, more than `max`. */
export function parseSize(text: string, max = Number.MAX_SAFE_INTEGER): number | string {
  const digits = countDigits(text);
  if (digits === 0) return text === "" ? "a size is missing" : unexpected(text, 0, "is not a size (units: k, m, g)");
  const suffix = text.slice(digits);
  if (suffix[0] === ".") return unexpected(text, digits, "is not a size: decimals are not allowed, use a smaller unit");
  const factor = sizeFactor(suffix);
  if (factor === 0) return unexpected(text, digits, "is not a size: the units are k, m and g");
  const value = Number(text.slice(0, digits)) * factor;
  if (value > max) return `'${text}' is too large: the maximum is ${max} bytes`;
  return value;
}

function sizeFactor(suffix: string): number {
  switch (suffix) {
    case "":
      return 1;
    case "k":
    case "K":
      return 1024;
    case "m":
    case "M":
      return 1048576;
    case "g":
    case "G":
      return 1073741824;
    default:
      return 0;
  }
}

function countDigits(text: string): number {
  let i = 0;
  while (i < text.length && text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57) i++;
  return i;
}

function unexpected(text: string, at: number, why: string): string {
  return `unexpected character '${text[at]}': '${text}' ${why}`;
}
