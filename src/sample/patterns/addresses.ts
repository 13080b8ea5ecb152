// Index of addresses and networks (configuration.txt 7.1.6): a table for each prefix length, the longest that matches is
// found; masks with holes are tried in order after them.
//
// An IPv4 address is also looked for among IPv6 patterns as ::ffff:a.b.c.d; an IPv6 address that holds an IPv4 address
// (2002:a.b.c.d::/48, ::a.b.c.d, ::ffff:a.b.c.d) among IPv4 patterns.
import { latin1Slice, maskIp, prefixOfMask, readIpv4, readIpv6 } from "../../base/mod.ts";
import { type Sample, T_IPV4 } from "../types.ts";
import type { PatternIndex } from "./index.ts";
import { Keyed } from "./keyed.ts";
import type { PatternEntry } from "./store.ts";

/** A parsed pattern: 4 or 16 bytes, and its mask as a prefix length, or as the bits of an IPv4 mask with holes. */
interface AddressPattern {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly prefix: number;
  /** Unsigned 32 bits when the mask has holes, else -1. */
  readonly holes: number;
}

function parsePattern(text: string): AddressPattern | string {
  const refused = `'${text}' is not a valid IPv4 or IPv6 address`;
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const mask = slash < 0 ? null : text.slice(slash + 1);
  if (address.includes(":")) {
    const bytes = new Uint8Array(16);
    if (!readIpv6(address, bytes)) return refused;
    const prefix = mask === null ? 128 : prefixLength(mask, 128);
    return prefix < 0 ? refused : { bytes, prefix, holes: -1 };
  }
  const bytes = new Uint8Array(4);
  if (!readIpv4(expand(address), bytes)) return refused;
  if (mask === null) return { bytes, prefix: 32, holes: -1 };
  const prefix = prefixLength(mask, 32);
  if (prefix >= 0) return { bytes, prefix, holes: -1 };
  const bits = new Uint8Array(4);
  if (!readIpv4(mask, bits)) return refused;
  const length = prefixOfMask(bits);
  return length >= 0 ? { bytes, prefix: length, holes: -1 } : { bytes, prefix: 0, holes: u32(bits, 0) };
}

function prefixLength(text: string, most: number): number {
  return /^[0-9]{1,3}$/.test(text) && Number(text) <= most ? Number(text) : -1;
}

/** Octets that are left out are zeroes before the last one: 10.12 is 10.0.0.12. */
function expand(text: string): string {
  const parts = text.split(".");
  if (parts.length < 2 || parts.length > 3) return text;
  const last = parts.pop()!;
  while (parts.length < 3) parts.push("0");
  return `${parts.join(".")}.${last}`;
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}

function mask32(prefix: number): number {
  return prefix === 0 ? 0 : -1 << (32 - prefix) >>> 0;
}

interface Length<K> {
  readonly prefix: number;
  readonly table: Keyed<K>;
}

export class AddressIndex implements PatternIndex {
  /** From the longest prefix to the shortest. */
  readonly #v4: Length<number>[] = [];
  readonly #v6: Length<string>[] = [];
  readonly #holes: { readonly entry: PatternEntry; readonly address: number; readonly mask: number }[] = [];
  readonly #scratch = new Uint8Array(16);

  add(entry: PatternEntry): string | null {
    const pattern = parsePattern(entry.text);
    if (typeof pattern === "string") return pattern;
    const { bytes, prefix, holes } = pattern;
    if (holes >= 0) this.#holes.push({ entry, address: (u32(bytes, 0) & holes) >>> 0, mask: holes });
    else if (bytes.length === 4) tableOf(this.#v4, prefix).add(key4(u32(bytes, 0), prefix), entry);
    else tableOf(this.#v6, prefix).add(this.#key6(bytes, 0, prefix), entry);
    return null;
  }

  remove(entry: PatternEntry): void {
    const pattern = parsePattern(entry.text);
    if (typeof pattern === "string") return;
    const { bytes, prefix, holes } = pattern;
    if (holes >= 0) {
      const at = this.#holes.findIndex((item) => item.entry === entry);
      if (at >= 0) this.#holes.splice(at, 1);
    } else if (bytes.length === 4) {
      removeFrom(this.#v4, prefix, key4(u32(bytes, 0), prefix), entry);
    } else {
      removeFrom(this.#v6, prefix, this.#key6(bytes, 0, prefix), entry);
    }
  }

  clear(): void {
    this.#v4.length = 0;
    this.#v6.length = 0;
    this.#holes.length = 0;
  }

  match(sample: Sample): PatternEntry | null {
    if (sample.type === T_IPV4) {
      const address = Number(sample.num);
      return this.#match4(address) ?? this.#match4As6(address);
    }
    const found = this.#match6(sample.bytes, sample.from);
    if (found !== null || (this.#v4.length === 0 && this.#holes.length === 0)) return found;
    const inside = ipv4Inside(sample.bytes, sample.from);
    return inside < 0 ? null : this.#match4(inside);
  }

  #match4(address: number): PatternEntry | null {
    for (let i = 0; i < this.#v4.length; i++) {
      const found = this.#v4[i].table.get(key4(address, this.#v4[i].prefix));
      if (found !== null) return found;
    }
    for (let i = 0; i < this.#holes.length; i++) {
      const hole = this.#holes[i];
      if ((address & hole.mask) >>> 0 === hole.address) return hole.entry;
    }
    return null;
  }

  #match4As6(address: number): PatternEntry | null {
    if (this.#v6.length === 0) return null;
    const mapped = new Uint8Array(16);
    mapped[10] = mapped[11] = 255;
    mapped[12] = address >>> 24;
    mapped[13] = address >>> 16;
    mapped[14] = address >>> 8;
    mapped[15] = address;
    return this.#match6(mapped, 0);
  }

  #match6(bytes: Uint8Array, at: number): PatternEntry | null {
    for (let i = 0; i < this.#v6.length; i++) {
      const found = this.#v6[i].table.get(this.#key6(bytes, at, this.#v6[i].prefix));
      if (found !== null) return found;
    }
    return null;
  }

  #key6(bytes: Uint8Array, at: number, prefix: number): string {
    const scratch = this.#scratch;
    for (let i = 0; i < 16; i++) scratch[i] = bytes[at + i];
    maskIp(scratch, prefix);
    return latin1Slice(scratch, 0, 16);
  }
}

function key4(address: number, prefix: number): number {
  return (address & mask32(prefix)) >>> 0;
}

/** The IPv4 address within an IPv6 one, unsigned; -1 without. */
function ipv4Inside(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x20 && bytes[at + 1] === 2) return u32(bytes, at + 2);
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return -1;
  const marker = bytes[at + 10] << 8 | bytes[at + 11];
  return marker === 0 || marker === 0xffff ? u32(bytes, at + 12) : -1;
}

function tableOf<K>(lengths: Length<K>[], prefix: number): Keyed<K> {
  const known = lengths.find((length) => length.prefix === prefix);
  if (known !== undefined) return known.table;
  const table = new Keyed<K>();
  lengths.push({ prefix, table });
  lengths.sort((a, b) => b.prefix - a.prefix);
  return table;
}

function removeFrom<K>(lengths: Length<K>[], prefix: number, key: K, entry: PatternEntry): void {
  const at = lengths.findIndex((length) => length.prefix === prefix);
  if (at < 0) return;
  lengths[at].table.remove(key, entry);
  if (lengths[at].table.size === 0) lengths.splice(at, 1);
}
