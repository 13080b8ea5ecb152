// Signed 64-bit integers of samples: a number while it is safe, else a bigint (configuration.txt 7.3: all integers are
// signed 64 bits). Arithmetic saturates at both ends.
//
// Invariant: a bigint is only ever used for a value beyond 2^53 - 1; equal values have equal representations.

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

export type Integer = number | bigint;

/** A bigint cut to 64 bits by saturation, as a number when that is exact. */
function saturate(value: bigint): Integer {
  if (value > MAX) return MAX;
  if (value < MIN) return MIN;
  return narrow(value);
}

/** A bigint taken modulo 2^64 as signed, as a number when that is exact. */
export function wrap(value: bigint): Integer {
  return narrow(BigInt.asIntN(64, value));
}

function narrow(value: bigint): Integer {
  const n = Number(value);
  return Number.isSafeInteger(n) ? n : value;
}

/**
 * The integer at the start of a range: an optional sign, digits; what follows is ignored, no digit at all is 0.
 * Saturated.
 */
export function leadingInteger(bytes: Uint8Array, from: number, to: number): Integer {
  let i = from;
  const negative = i < to && bytes[i] === 45;
  if (i < to && (bytes[i] === 45 || bytes[i] === 43)) i++;
  const start = i;
  let value = 0;
  for (; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return leadingBig(bytes, start, to, negative);
  }
  return negative && value !== 0 ? -value : value;
}

function leadingBig(bytes: Uint8Array, from: number, to: number, negative: boolean): Integer {
  let value = 0n;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10n + BigInt(digit);
    if (value > MAX) break;
  }
  return saturate(negative ? -value : value);
}

/** A whole text as an integer, saturated; null when it is none. */
export function parseInteger(text: string): Integer | null {
  return /^[+-]?[0-9]+$/.test(text) ? saturate(BigInt(text.startsWith("+") ? text.slice(1) : text)) : null;
}

export function add(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return saturate(BigInt(a) + BigInt(b));
}

export function subtract(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return saturate(BigInt(a) - BigInt(b));
}

export function multiply(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return saturate(BigInt(a) * BigInt(b));
}

/** Truncates towards zero. By zero: the largest integer (manual 7.3.1 "div"). */
export function divide(a: Integer, b: Integer): Integer {
  if (b === 0) return MAX;
  if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0;
  return saturate(BigInt(a) / BigInt(b));
}

/** The remainder has the sign of the dividend. By zero: 0 (manual 7.3.1 "mod"). */
export function modulo(a: Integer, b: Integer): Integer {
  if (b === 0) return 0;
  if (typeof a === "number" && typeof b === "number") return a % b + 0;
  return narrow(BigInt(a) % BigInt(b));
}

export function bitAnd(a: Integer, b: Integer): Integer {
  return isInt32(a) && isInt32(b) ? a & b : narrow(BigInt(a) & BigInt(b));
}

export function bitOr(a: Integer, b: Integer): Integer {
  return isInt32(a) && isInt32(b) ? a | b : narrow(BigInt(a) | BigInt(b));
}

export function bitXor(a: Integer, b: Integer): Integer {
  return isInt32(a) && isInt32(b) ? a ^ b : narrow(BigInt(a) ^ BigInt(b));
}

export function complement(a: Integer): Integer {
  return typeof a === "number" && a !== Number.MAX_SAFE_INTEGER ? -1 - a : narrow(~BigInt(a));
}

export function negate(a: Integer): Integer {
  return typeof a === "number" ? 0 - a : saturate(-a);
}

/** -1, 0, 1. */
export function compare(a: Integer, b: Integer): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isInt32(value: Integer): value is number {
  return typeof value === "number" && value === (value | 0);
}
