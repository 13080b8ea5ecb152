// Request targets (RFC 9112 3.2) and authorities (RFC 3986 3.2, RFC 9110 4.2), as ranges of bytes.

export const FORM_ORIGIN = 0;
export const FORM_ABSOLUTE = 1;
export const FORM_AUTHORITY = 2;
export const FORM_ASTERISK = 3;
export const FORM_BAD = 4;

const SLASH = 47;
const COLON = 58;
const QUESTION = 63;
const AT = 64;

/** 1 for bytes of host and port: unreserved, sub-delims, percent, colon and the brackets of IP literals. */
const HOST_BYTE: Uint8Array<ArrayBuffer> = /* @__PURE__ */ makeHostBytes();

function makeHostBytes(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256);
  const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%:[]";
  for (let i = 0; i < allowed.length; i++) table[allowed.charCodeAt(i)] = 1;
  return table;
}

/** Where the parts of a target lie; a part that is absent is an empty range (at 0, 0 but for the path). */
export class UriParts {
  form = FORM_BAD;
  schemeFrom = 0;
  schemeTo = 0;
  /** With user information, if there is any. */
  authorityFrom = 0;
  authorityTo = 0;
  hostFrom = 0;
  hostTo = 0;
  /** Digits behind the colon of the authority. */
  portFrom = 0;
  portTo = 0;
  pathFrom = 0;
  pathTo = 0;
  /** Behind the question mark. */
  queryFrom = 0;
  queryTo = 0;
  hasQuery = false;

  reset(): void {
    this.form = FORM_BAD;
    this.schemeFrom = this.schemeTo = 0;
    this.authorityFrom = this.authorityTo = 0;
    this.hostFrom = this.hostTo = 0;
    this.portFrom = this.portTo = 0;
    this.pathFrom = this.pathTo = 0;
    this.queryFrom = this.queryTo = 0;
    this.hasQuery = false;
  }
}

/**
 * Takes the target in [from, to) apart and returns its form: with a slash in front the origin form, "*" the asterisk
 * form, with "scheme://" the absolute form; anything else is an authority, if `connect`, or FORM_BAD.
 */
export function parseTarget(bytes: Uint8Array, from: number, to: number, connect: boolean, into: UriParts): number {
  into.reset();
  if (from >= to) return FORM_BAD;
  if (bytes[from] === SLASH && !connect) {
    splitPath(bytes, from, to, into);
    return into.form = FORM_ORIGIN;
  }
  if (bytes[from] === 42 && to - from === 1) {
    into.pathFrom = into.pathTo = to;
    return into.form = FORM_ASTERISK;
  }
  if (connect) {
    if (!splitAuthority(bytes, from, to, into) || into.hostTo === into.hostFrom) return FORM_BAD;
    into.pathFrom = into.pathTo = to;
    return into.form = FORM_AUTHORITY;
  }
  let i = from;
  while (i < to && isSchemeByte(bytes[i], i === from)) i++;
  if (i === from || i + 2 >= to || bytes[i] !== COLON || bytes[i + 1] !== SLASH || bytes[i + 2] !== SLASH) {
    return FORM_BAD;
  }
  into.schemeFrom = from;
  into.schemeTo = i;
  i += 3;
  const authority = i;
  while (i < to && bytes[i] !== SLASH && bytes[i] !== QUESTION) i++;
  if (!splitAuthority(bytes, authority, i, into)) return FORM_BAD;
  splitPath(bytes, i, to, into);
  return into.form = FORM_ABSOLUTE;
}

/**
 * Fills the authority's parts from [from, to): user information up to the last "@", host (an IP literal with its
 * brackets), port. False when what follows the host is no port.
 */
export function splitAuthority(bytes: Uint8Array, from: number, to: number, into: UriParts): boolean {
  into.authorityFrom = from;
  into.authorityTo = to;
  let host = from;
  for (let i = to - 1; i >= from; i--) {
    if (bytes[i] === AT) {
      host = i + 1;
      break;
    }
  }
  const end = hostEnd(bytes, host, to);
  into.hostFrom = host;
  into.hostTo = end;
  if (end === to) {
    into.portFrom = into.portTo = to;
    return true;
  }
  if (bytes[end] !== COLON) return false;
  into.portFrom = end + 1;
  into.portTo = to;
  for (let i = end + 1; i < to; i++) if (bytes[i] < 48 || bytes[i] > 57) return false;
  return true;
}

/** The end of the host that [from, to) begins with: the closing bracket's end, or the first colon. */
function hostEnd(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  if (i < to && bytes[i] === 91) {
    while (i < to && bytes[i] !== 93) i++;
    return Math.min(i + 1, to);
  }
  while (i < to && bytes[i] !== COLON) i++;
  return i;
}

/** Whether [from, to) holds only what a host with a port may consist of; empty is fine (RFC 9110 7.2). */
export function isHostText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (HOST_BYTE[bytes[i]] === 0) return false;
  return true;
}

/** The default port of a scheme: 80, 443, or 0 when it is neither http (ws) nor https (wss). */
export function defaultPort(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  let i = 0;
  const last = length > 0 ? bytes[to - 1] | 32 : 0;
  const secure = last === 115 && (length === 5 || length === 3);
  const name = length >= 4 ? "http" : "ws";
  if (length - (secure ? 1 : 0) !== name.length) return 0;
  while (i < name.length && (bytes[from + i] | 32) === name.charCodeAt(i)) i++;
  return i < name.length ? 0 : secure ? 443 : 80;
}

function splitPath(bytes: Uint8Array, from: number, to: number, into: UriParts): void {
  into.pathFrom = from;
  let i = from;
  while (i < to && bytes[i] !== QUESTION) i++;
  into.pathTo = i;
  if (i < to) {
    into.hasQuery = true;
    into.queryFrom = i + 1;
    into.queryTo = to;
  }
}

function isSchemeByte(b: number, first: boolean): boolean {
  const lower = b | 32;
  if (lower >= 97 && lower <= 122) return true;
  return !first && ((b >= 48 && b <= 57) || b === 43 || b === 45 || b === 46);
}
