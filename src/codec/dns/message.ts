// DNS messages as a stub resolver needs them (RFC 1035 4, RFC 6891 6.1): questions written, answers read. Everything in an
// answer is a stranger's: names are bounded in length and in compression pointers, and nothing is read behind the end.
import { formatIp } from "../../base/mod.ts";

export const DNS_A = 1;
const DNS_CNAME = 5;
export const DNS_AAAA = 28;
/** Types of addresses that are asked for. */
export type DnsType = typeof DNS_A | typeof DNS_AAAA;

const DNS_OPT = 41;
const CLASS_IN = 1;

export const RCODE_OK = 0;
export const RCODE_NXDOMAIN = 3;
export const RCODE_REFUSED = 5;

const HEADER = 12;
const MAX_LABEL = 63;
/** A name with its length bytes (RFC 1035 2.3.4). */
const MAX_NAME = 255;
/** Pointers that one name may follow: each goes backwards, so there cannot be more than labels. */
const MAX_POINTERS = 127;
/** Aliases that lead from the question to its addresses. */
const MAX_ALIASES = 16;
/** Records that are looked at. */
const MAX_RECORDS = 4096;

const QR = 0x8000;
const OPCODE = 0x7800;
const TC = 0x0200;
const RD = 0x0100;

/** Whether a host name can be asked for: labels of 1 to 63 bytes, 253 in all. */
export function isDnsName(name: string): boolean {
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  if (bare === "" || bare.length > MAX_NAME - 2) return false;
  return bare.split(".").every((label) =>
    label.length > 0 && label.length <= MAX_LABEL && /^[\x21-\x7e]*$/.test(label)
  );
}

/** A query with recursion desired, and the payload size that is accepted (EDNS). `name` passes isDnsName(). */
export function encodeQuery(id: number, name: string, type: DnsType, payloadSize: number): Uint8Array<ArrayBuffer> {
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  const bytes = new Uint8Array(HEADER + bare.length + 2 + 4 + 11);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RD);
  view.setUint16(4, 1);
  view.setUint16(10, 1);
  let at = HEADER;
  for (const label of bare.split(".")) {
    bytes[at++] = label.length;
    for (let i = 0; i < label.length; i++) bytes[at++] = label.charCodeAt(i);
  }
  bytes[at++] = 0;
  view.setUint16(at, type);
  view.setUint16(at + 2, CLASS_IN);
  // The pseudo record: an empty name, its type, the size in the place of the class.
  view.setUint16(at + 5, DNS_OPT);
  view.setUint16(at + 7, payloadSize);
  return bytes;
}

export interface DnsResponse {
  readonly rcode: number;
  readonly truncated: boolean;
  /** Addresses of the question's name and type, in the order of the message, each once; aliases are followed. */
  readonly addresses: readonly string[];
}

/**
 * Reads the response to a query; null when it is none: not whole, not an answer, of another question or number. What is
 * behind records that cannot be read is not looked at.
 */
export function readResponse(bytes: Uint8Array, id: number, name: string, type: DnsType): DnsResponse | null {
  if (bytes.length < HEADER) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint16(2);
  if (view.getUint16(0) !== id || (flags & QR) === 0 || (flags & OPCODE) !== 0) return null;
  if (view.getUint16(4) !== 1) return null;
  const question = readName(bytes, HEADER);
  if (question === null || question.end + 4 > bytes.length) return null;
  const wanted = name.toLowerCase().replace(/\.$/, "");
  if (question.name !== wanted || view.getUint16(question.end) !== type) return null;
  if (view.getUint16(question.end + 2) !== CLASS_IN) return null;
  const answers = Math.min(view.getUint16(6), MAX_RECORDS);
  const addresses = readAddresses(bytes, view, question.end + 4, answers, wanted, type);
  return { rcode: flags & 15, truncated: (flags & TC) !== 0, addresses };
}

function readAddresses(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  count: number,
  wanted: string,
  type: DnsType,
): string[] {
  const found = new Set<string>();
  let owner = wanted;
  let aliases = 0;
  let at = from;
  for (let i = 0; i < count; i++) {
    const record = readName(bytes, at);
    if (record === null || record.end + 10 > bytes.length) break;
    const kind = view.getUint16(record.end);
    const length = view.getUint16(record.end + 8);
    const data = record.end + 10;
    at = data + length;
    if (at > bytes.length) break;
    if (view.getUint16(record.end + 2) !== CLASS_IN || record.name !== owner) continue;
    if (kind === DNS_CNAME) {
      const target = readName(bytes, data);
      if (target === null || ++aliases > MAX_ALIASES) break;
      owner = target.name;
    } else if (kind === type) {
      const address = addressOf(bytes, data, length, type);
      if (address !== null) found.add(address);
    }
  }
  return [...found];
}

function addressOf(bytes: Uint8Array, at: number, length: number, type: DnsType): string | null {
  return length === (type === DNS_A ? 4 : 16) ? formatIp(bytes, at, length) : null;
}

/** The name at a place in lower case without its last dot, and where what follows it begins. Null: it is none. */
function readName(bytes: Uint8Array, from: number): { readonly name: string; readonly end: number } | null {
  const labels: string[] = [];
  let length = 1;
  let pointers = 0;
  let end = -1;
  let at = from;
  for (;;) {
    if (at >= bytes.length) return null;
    const size = bytes[at];
    if (size === 0) {
      return { name: labels.join("."), end: end < 0 ? at + 1 : end };
    }
    if (size > MAX_LABEL) {
      if ((size & 0xc0) !== 0xc0 || at + 1 >= bytes.length || ++pointers > MAX_POINTERS) return null;
      const target = (size & 0x3f) << 8 | bytes[at + 1];
      if (end < 0) end = at + 2;
      // Backwards only: whatever is pointed to, it ends.
      if (target >= at) return null;
      at = target;
      continue;
    }
    length += size + 1;
    if (length > MAX_NAME || at + 1 + size > bytes.length) return null;
    let label = "";
    for (let i = at + 1; i <= at + size; i++) label += String.fromCharCode(bytes[i]);
    // A dot within a label would make it look like two.
    if (label.includes(".")) return null;
    labels.push(label.toLowerCase());
    at += 1 + size;
  }
}
