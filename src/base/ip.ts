// IP addresses as bytes in network order (4 or 16 of them): text, masks, networks.
//
// Text is read strictly: four decimal numbers without leading zeros, or RFC 4291 2.2; no zone, no port, no short
// forms. It is written as RFC 5952 says.

/** An address range: `bytes` with all bits beyond `prefix` zero. */
export interface Network {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Leading bits that count, 0 to 32 or 128. */
  readonly prefix: number;
}

/** Reads an IPv4 address into 4 bytes at `at`; false when it is none. */
export function readIpv4(text: string, into: Uint8Array, at = 0): boolean {
  return readIpv4Part(text, 0, into, at);
}

/** Reads an IPv6 address (RFC 4291 2.2) into 16 bytes at `at`; false when it is none. */
export function readIpv6(text: string, into: Uint8Array, at = 0): boolean {
  let i = 0;
  let group = 0;
  let gap = -1;
  if (text.startsWith("::")) {
    gap = 0;
    i = 2;
  }
  while (i < text.length) {
    if (group === 8) return false;
    let end = i;
    let value = 0;
    while (end < text.length && end - i < 5) {
      const digit = hexDigit(text.charCodeAt(end));
      if (digit < 0) break;
      value = value * 16 + digit;
      end++;
    }
    if (text[end] === ".") {
      if (group > 6 || !readIpv4Part(text, i, into, at + group * 2)) return false;
      group += 2;
      i = text.length;
      break;
    }
    if (end === i || end - i > 4) return false;
    into[at + group * 2] = value >> 8;
    into[at + group * 2 + 1] = value & 255;
    group++;
    i = end;
    if (i === text.length) break;
    if (text[i] !== ":") return false;
    i++;
    if (text[i] === ":") {
      if (gap >= 0) return false;
      gap = group;
      i++;
    } else if (i === text.length) {
      return false;
    }
  }
  if (gap < 0) return group === 8;
  if (group === 8) return false;
  const moved = (group - gap) * 2;
  into.copyWithin(at + 16 - moved, at + gap * 2, at + group * 2);
  into.fill(0, at + gap * 2, at + 16 - moved);
  return true;
}

/** The bytes of an address, 4 or 16; null when the text is none. */
export function parseIp(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(text.includes(":") ? 16 : 4);
  const read = bytes.length === 16 ? readIpv6(text, bytes) : readIpv4(text, bytes);
  return read ? bytes : null;
}

/** The text of the 4 or 16 bytes at `at`; IPv6 as RFC 5952, IPv4-mapped ones with a dotted end. */
export function formatIp(bytes: Uint8Array, at = 0, length: number = bytes.length - at): string {
  if (length === 4) return formatIpv4(bytes, at);
  if (isMappedIpv4(bytes, at)) return "::ffff:" + formatIpv4(bytes, at + 12);
  let gap = -1;
  let gapLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && bytes[at + end * 2] === 0 && bytes[at + end * 2 + 1] === 0) end++;
    if (end - i > gapLength) {
      gap = i;
      gapLength = end - i;
    }
    if (end > i) i = end;
  }
  let text = "";
  for (let i = 0; i < 8; i++) {
    if (i === gap) {
      text += "::";
      i += gapLength - 1;
      continue;
    }
    if (text !== "" && !text.endsWith(":")) text += ":";
    text += (bytes[at + i * 2] << 8 | bytes[at + i * 2 + 1]).toString(16);
  }
  return text;
}

/** Whether the 16 bytes at `at` are an IPv4-mapped address (RFC 4291 2.5.5.2). */
export function isMappedIpv4(bytes: Uint8Array, at = 0): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 255 && bytes[at + 11] === 255;
}

/** An address as IPv6: one of 4 bytes becomes IPv4-mapped. */
export function toIpv6(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length === 16) return bytes;
  const mapped = new Uint8Array(16);
  mapped[10] = 255;
  mapped[11] = 255;
  mapped.set(bytes, 12);
  return mapped;
}

/** An IPv4-mapped address as IPv4; every other one unchanged. */
export function unmapIp(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.length === 16 && isMappedIpv4(bytes) ? bytes.slice(12) : bytes;
}

/** Clears all bits behind the first `prefix` of the bytes. */
export function maskIp(bytes: Uint8Array, prefix: number): void {
  for (let i = prefix >> 3; i < bytes.length; i++) bytes[i] &= maskByte(prefix - i * 8);
}

/** The length of a mask whose one bits come first, or -1 when they do not. */
export function prefixOfMask(mask: Uint8Array): number {
  let prefix = 0;
  while (prefix < mask.length * 8 && (mask[prefix >> 3] & (128 >> (prefix & 7))) !== 0) prefix++;
  for (let i = prefix >> 3; i < mask.length; i++) if (mask[i] !== maskByte(prefix - i * 8)) return -1;
  return prefix;
}

/**
 * A network: an address, or address/prefix, or address/mask of the same family (one bits first). Bits behind the
 * prefix are cleared. A string is the reason of a refusal.
 */
export function parseNetwork(text: string): Network | string {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const bytes = parseIp(address);
  if (bytes === null) return `'${address}' is not an IP address`;
  if (slash < 0) return { bytes, prefix: bytes.length * 8 };
  const prefix = parsePrefix(text.slice(slash + 1), bytes.length);
  if (prefix < 0) {
    return `'${text.slice(slash + 1)}' is not a network mask of an IPv${bytes.length === 4 ? 4 : 6} address`;
  }
  maskIp(bytes, prefix);
  return { bytes, prefix };
}

/** Whether an address of the same family (length) lies in the network. */
export function networkContains(network: Network, address: Uint8Array, at = 0): boolean {
  const whole = network.prefix >> 3;
  for (let i = 0; i < whole; i++) if (network.bytes[i] !== address[at + i]) return false;
  const rest = network.prefix & 7;
  return rest === 0 || ((network.bytes[whole] ^ address[at + whole]) & maskByte(rest)) === 0;
}

/** The text of a network: always with its prefix. */
export function formatNetwork(network: Network): string {
  return `${formatIp(network.bytes)}/${network.prefix}`;
}

function parsePrefix(text: string, length: number): number {
  if (/^(0|[1-9][0-9]{0,2})$/.test(text)) return Number(text) <= length * 8 ? Number(text) : -1;
  const mask = parseIp(text);
  return mask !== null && mask.length === length ? prefixOfMask(mask) : -1;
}

/** The byte of a mask of which `bits` one bits are left; any number of them, also negative. */
function maskByte(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 8 ? 255 : 255 << (8 - bits) & 255;
}

/** Reads dotted decimal from `from` to the end of the text. */
function readIpv4Part(text: string, from: number, into: Uint8Array, at: number): boolean {
  let i = from;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(i++) !== 46) return false;
    const start = i;
    let value = 0;
    while (i < text.length && i - start < 3) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      i++;
    }
    if (i === start || value > 255 || (i - start > 1 && text.charCodeAt(start) === 48)) return false;
    into[at + part] = value;
  }
  return i === text.length;
}

function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
