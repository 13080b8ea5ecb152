// Request methods that have a number of their own; every other token is M_OTHER and told by its bytes.

export const M_OTHER = 0;
export const M_OPTIONS = 1;
export const M_GET = 2;
export const M_HEAD = 3;
export const M_POST = 4;
export const M_PUT = 5;
export const M_DELETE = 6;
export const M_TRACE = 7;
export const M_CONNECT = 8;

/** Names by number; methods are case-sensitive (RFC 9110 9.1). */
export const METHODS: readonly string[] = ["", "OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT"];

/** The number of the method that [from, to) names. */
export function methodOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  for (let id = 1; id < METHODS.length; id++) {
    const name = METHODS[id];
    if (name.length !== length) continue;
    let i = 0;
    while (i < length && bytes[from + i] === name.charCodeAt(i)) i++;
    if (i === length) return id;
  }
  return M_OTHER;
}
