// The persistence cookie of a backend: what its statement says, and what its values look like (configuration.txt 4.2
// "cookie"). A value is "<server>", with dates "<server>|<last>|<first>", in prefix mode "<server>~<value of the server>".

export interface CookieConfig {
  readonly name: string;
  /** "": the cookie is looked at and left alone. */
  readonly mode: "" | "rewrite" | "insert" | "prefix";
  readonly indirect: boolean;
  readonly nocache: boolean;
  readonly postonly: boolean;
  readonly preserve: boolean;
  /** What stands behind the value of an inserted cookie. */
  readonly attributes: string;
  /** Seconds, 0: no limit. */
  readonly maxIdle: number;
  readonly maxLife: number;
}

/** A date is five digits of base 64: units of four seconds since the epoch. */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DATE_LENGTH = 5;
const UNIT_S = 4;
/** Clocks of admins may be wrong by so much, seconds. */
const FUTURE_S = 24 * 3600;

/** What a client's cookie says; reused by its owner. */
export class CookieValue {
  /** Which server; "" none. */
  server = "";
  /** When it was sent last and first, in units of four seconds; -1 not told. */
  last = -1;
  first = -1;
  /** Prefix mode: what the server has set; null when there is no prefix. */
  rest: string | null = null;

  parse(value: string, prefix: boolean): void {
    this.last = -1;
    this.first = -1;
    this.rest = null;
    if (prefix) {
      const end = value.indexOf("~");
      this.server = end < 0 ? "" : value.slice(0, end);
      if (end >= 0) this.rest = value.slice(end + 1);
      return;
    }
    const parts = value.split("|");
    this.server = parts[0];
    if (parts.length > 1) this.last = decodeDate(parts[1]);
    if (parts.length > 2) this.first = decodeDate(parts[2]);
  }
}

/** Now, in units of dates. */
export function cookieDate(wallMs: number): number {
  return Math.floor(wallMs / 1000 / UNIT_S);
}

/** Whether a date (-1: none) is too old, or of a future that nobody's clock can be in. */
export function isOutdated(date: number, limitS: number, now: number): boolean {
  if (limitS === 0 || date < 0) return false;
  const age = (now - date) * UNIT_S;
  return age > limitS || age < -FUTURE_S;
}

/** The value for a server, dated as the statement asks for. */
export function cookieText(config: CookieConfig, server: string, now: number, first: number): string {
  if (config.maxIdle === 0 && config.maxLife === 0) return server;
  const last = encodeDate(now);
  return config.maxLife === 0 ? `${server}|${last}` : `${server}|${last}|${encodeDate(first < 0 ? now : first)}`;
}

function encodeDate(date: number): string {
  let out = "";
  for (let shift = 6 * (DATE_LENGTH - 1); shift >= 0; shift -= 6) out += DIGITS[(date >>> shift) & 63];
  return out;
}

function decodeDate(text: string): number {
  if (text.length !== DATE_LENGTH) return -1;
  let date = 0;
  for (const c of text) {
    const digit = DIGITS.indexOf(c);
    if (digit < 0) return -1;
    date = date * 64 + digit;
  }
  return date;
}
