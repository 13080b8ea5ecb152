// The protocol version of a start line (RFC 9112 2.3).

/** A version that is none of HTTP/d.d, let through when the rules are relaxed. */
export const VERSION_RELAXED = 255;

const PREFIX = "HTTP/";

/**
 * The version in [from, to) as ten times the major plus the minor number: at most 11, as higher ones are served by the
 * highest known minor version of HTTP/1; VERSION_RELAXED; or -1 for one that is not accepted.
 */
export function parseVersion(bytes: Uint8Array, from: number, to: number, relaxed: boolean): number {
  if (to - from === 8 && bytes[from + 6] === 46) {
    let i = 0;
    while (i < 5 && bytes[from + i] === PREFIX.charCodeAt(i)) i++;
    const major = bytes[from + 5] - 48;
    const minor = bytes[from + 7] - 48;
    if (i === 5 && major >= 0 && major <= 9 && minor >= 0 && minor <= 9) return Math.min(major * 10 + minor, 11);
  }
  return relaxed && isOddVersion(bytes, from, to) ? VERSION_RELAXED : -1;
}

/** Upper-case letters, a slash, digits, a dot, digits; or nothing at all (HTTP/0.9). */
function isOddVersion(bytes: Uint8Array, from: number, to: number): boolean {
  if (from === to) return true;
  let i = from;
  while (i < to && bytes[i] >= 65 && bytes[i] <= 90) i++;
  if (i === from || i === to || bytes[i] !== 47) return false;
  const major = skipDigits(bytes, i + 1, to);
  if (major === i + 1 || major === to || bytes[major] !== 46) return false;
  const minor = skipDigits(bytes, major + 1, to);
  return minor > major + 1 && minor === to;
}

function skipDigits(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] >= 48 && bytes[i] <= 57) i++;
  return i;
}
