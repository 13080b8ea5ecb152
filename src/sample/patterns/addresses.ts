// Index of addresses and networks (configuration.txt 7.1.6): hashed by prefix length, the longest that matches is found;
// masks with holes are tried in order after them.
//
// An IPv4 address is also looked for among IPv6 patterns as ::ffff:a.b.c.d; an IPv6 address that holds an IPv4 address
// (2002:a.b.c.d::/48, ::a.b.c.d, ::ffff:a.b.c.d) among IPv4 patterns.
import { keyedHashOfWords, prefixOfMask, readIpv4, readIpv6 } from "../../base/mod.ts";
import { LEAF, trieFind } from "../../table/mod.ts";
import { type Sample, T_IPV4 } from "../types.ts";
import { fewEntries, ListWatch, OrderedPatterns } from "./few.ts";
import type { IndexPlace, PatternIndex, PatternKey } from "./index.ts";
import { INDEX, INDEX_LEAF, indexAt, LENGTH, textOf } from "./layout.ts";

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

/** A host name that stands for an address in a pattern, and the mask behind it. */
interface NamedNetwork {
  readonly host: string;
  /** "" or with its slash. */
  readonly mask: string;
}

/**
 * What an ACL of the configuration may have as an address beside its usual forms: numbers as inet_aton() reads them ("127/8"
 * is 0.0.0.127/8), given in the usual form, or a name of a host. Null: neither.
 */
export function looseAddress(text: string): string | NamedNetwork | null {
  if (typeof parsePattern(text) !== "string") return text;
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const mask = slash < 0 ? "" : text.slice(slash);
  if (typeof parsePattern(`0.0.0.0${mask}`) === "string") return null;
  if (/^[0-9.]+$/.test(address)) {
    const number = numberOf(address);
    return number === null ? null : [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".") + mask;
  }
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(address) && address.length <= 255 ? { host: address, mask } : null;
}

/** Up to four numbers of which the last fills what is left, octal behind a zero. */
function numberOf(text: string): number | null {
  const parts = text.split(".");
  if (parts.length > 4) return null;
  let value = 0;
  for (const [i, part] of parts.entries()) {
    if (!/^(?:0[0-7]*|[1-9][0-9]{0,9})$/.test(part)) return null;
    const number = parseInt(part, part.startsWith("0") ? 8 : 10);
    const size = i === parts.length - 1 ? 2 ** (8 * (5 - parts.length)) : 256;
    if (number >= size) return null;
    value = value * size + number;
  }
  return value;
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}

function mask32(prefix: number): number {
  return prefix === 0 ? 0 : -1 << (32 - prefix) >>> 0;
}

/** Keys a pattern by its network; masks with holes are tried in their order. A string is the reason why it is none. */
export function keyAddress(text: string, key: PatternKey): string | null {
  const pattern = parsePattern(text);
  if (typeof pattern === "string") return pattern;
  const { bytes, prefix, holes } = pattern;
  if (holes >= 0) return null;
  key.ordered = false;
  key.length = prefix;
  if (bytes.length === 4) {
    key.wordCount = 2;
    writeKey4(key.words, u32(bytes, 0), prefix);
  } else {
    key.six = true;
    key.wordCount = 5;
    writeKey6(key.words, bytes, 0, prefix);
  }
  return null;
}

function writeKey4(words: Int32Array, address: number, prefix: number): void {
  words[0] = prefix;
  words[1] = address & mask32(prefix);
}

function writeKey6(words: Int32Array, bytes: Uint8Array, at: number, prefix: number): void {
  words[0] = prefix;
  for (let i = 0; i < 4; i++) words[1 + i] = u32(bytes, at + 4 * i) & wordMask(prefix, i);
}

/** A network of which some bits in between are of no matter. */
interface Holes {
  readonly address: number;
  readonly mask: number;
}

export class AddressIndex implements PatternIndex {
  readonly #place: IndexPlace;
  readonly #watch: ListWatch;
  #few: FewNetworks | null = null;
  readonly #holes = new OrderedPatterns<Holes>();
  readonly #key = new Int32Array(5);
  readonly #mapped = new Uint8Array(16);

  constructor(place: IndexPlace) {
    this.#place = place;
    this.#watch = new ListWatch(place);
  }

  match(sample: Sample): number {
    if (this.#watch.changed) this.#update(this.#watch.update());
    if (this.#few !== null) return this.#few.match(sample);
    const { version } = this.#watch;
    if (sample.type === T_IPV4) {
      const address = Number(sample.num);
      const found = this.#match4(version, address);
      return found === 0 ? this.#match4As6(version, address) : found;
    }
    const found = this.#match6(version, sample.bytes, sample.from);
    if (found !== 0) return found;
    const inside = ipv4Inside(sample.bytes, sample.from);
    return inside < 0 ? 0 : this.#match4(version, inside);
  }

  #update(version: number): void {
    const { view, number } = this.#place;
    const entries = fewEntries(view, version);
    this.#few = entries === null ? null : new FewNetworks(entries, entries.map((entry) => this.#pattern(entry)));
    this.#holes.update(view, version, number);
  }

  #match4(version: number, address: number): number {
    const { view, number } = this.#place;
    const key = this.#key;
    let used = view.word(version, indexAt(number) + INDEX.lengths);
    for (; used !== 0; used = view.word(used, LENGTH.next)) {
      writeKey4(key, address, view.word(used, LENGTH.length));
      const found = this.#find(version, key, 2);
      if (found !== 0) return found;
    }
    const { items } = this.#holes;
    for (let i = 0; i < items.length; i++) {
      const holes = items[i].form ??= holesOf(this.#pattern(items[i].entry));
      if ((address & holes.mask) >>> 0 === holes.address) return items[i].entry;
    }
    return 0;
  }

  #match4As6(version: number, address: number): number {
    const { view, number } = this.#place;
    if (view.word(version, indexAt(number) + INDEX.lengths6) === 0) return 0;
    const mapped = this.#mapped;
    mapped[10] = mapped[11] = 255;
    mapped[12] = address >>> 24;
    mapped[13] = address >>> 16;
    mapped[14] = address >>> 8;
    mapped[15] = address;
    return this.#match6(version, mapped, 0);
  }

  #match6(version: number, bytes: Uint8Array, at: number): number {
    const { view, number } = this.#place;
    const key = this.#key;
    let used = view.word(version, indexAt(number) + INDEX.lengths6);
    for (; used !== 0; used = view.word(used, LENGTH.next)) {
      writeKey6(key, bytes, at, view.word(used, LENGTH.length));
      const found = this.#find(version, key, 5);
      if (found !== 0) return found;
    }
    return 0;
  }

  #find(version: number, words: Int32Array, count: number): number {
    const { view, number, key } = this.#place;
    let leaf = trieFind(view, version, indexAt(number) + INDEX.trie, keyedHashOfWords(words, count, key));
    for (; leaf !== 0; leaf = view.word(leaf, LEAF.next)) {
      if (view.word(leaf, INDEX_LEAF.shape) >>> 8 !== count) continue;
      let i = 0;
      while (i < count && view.word(leaf, INDEX_LEAF.key + i) === words[i]) i++;
      if (i === count) return view.word(leaf, INDEX_LEAF.entry);
    }
    return 0;
  }

  #pattern(entry: number): AddressPattern {
    const pattern = parsePattern(textOf(this.#place.view, entry));
    if (typeof pattern === "string") throw new Error(`the list has what is no network: ${pattern}`);
    return pattern;
  }
}

function holesOf({ bytes, holes }: AddressPattern): Holes {
  return { address: (u32(bytes, 0) & holes) >>> 0, mask: holes };
}

/** A few networks in the order in which they are to be tried. */
class FewNetworks {
  readonly #v4: { readonly entry: number; readonly address: number; readonly mask: number }[] = [];
  readonly #v6: { readonly entry: number; readonly words: Int32Array; readonly masks: Int32Array }[] = [];

  constructor(entries: readonly number[], patterns: readonly AddressPattern[]) {
    const order = entries.map((_, i) => i).sort((a, b) => rank(patterns[b]) - rank(patterns[a]) || a - b);
    for (const i of order) {
      const { bytes, prefix, holes } = patterns[i];
      if (bytes.length === 4) {
        const mask = (holes >= 0 ? holes : mask32(prefix)) | 0;
        this.#v4.push({ entry: entries[i], address: u32(bytes, 0) & mask, mask });
      } else {
        const masks = Int32Array.from([0, 1, 2, 3], (w) => wordMask(prefix, w));
        this.#v6.push({ entry: entries[i], words: masks.map((mask, w) => u32(bytes, 4 * w) & mask), masks });
      }
    }
  }

  match(sample: Sample): number {
    if (sample.type === T_IPV4) {
      const address = Number(sample.num) | 0;
      const found = this.#match4(address);
      return found !== 0 || this.#v6.length === 0 ? found : this.#match6(0, 0, 0xffff, address);
    }
    const { bytes, from } = sample;
    if (this.#v6.length > 0) {
      const found = this.#match6(
        u32(bytes, from) | 0,
        u32(bytes, from + 4) | 0,
        u32(bytes, from + 8) | 0,
        u32(bytes, from + 12) | 0,
      );
      if (found !== 0) return found;
    }
    if (this.#v4.length === 0) return 0;
    const inside = ipv4Inside(bytes, from);
    return inside < 0 ? 0 : this.#match4(inside | 0);
  }

  #match4(address: number): number {
    for (let i = 0; i < this.#v4.length; i++) {
      if ((address & this.#v4[i].mask) === this.#v4[i].address) return this.#v4[i].entry;
    }
    return 0;
  }

  #match6(a: number, b: number, c: number, d: number): number {
    for (let i = 0; i < this.#v6.length; i++) {
      const { entry, words, masks } = this.#v6[i];
      if ((a & masks[0]) !== words[0] || (b & masks[1]) !== words[1]) continue;
      if ((c & masks[2]) === words[2] && (d & masks[3]) === words[3]) return entry;
    }
    return 0;
  }
}

/** Longer prefixes first, masks with holes last. */
function rank({ prefix, holes }: AddressPattern): number {
  return holes >= 0 ? -1 : prefix;
}

/** The part of a prefix's mask that lies in one of the words of an IPv6 address. */
function wordMask(prefix: number, word: number): number {
  return mask32(Math.min(Math.max(prefix - 32 * word, 0), 32)) | 0;
}

/** The IPv4 address within an IPv6 one, unsigned; -1 without. */
function ipv4Inside(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x20 && bytes[at + 1] === 2) return u32(bytes, at + 2);
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return -1;
  const marker = bytes[at + 10] << 8 | bytes[at + 11];
  return marker === 0 || marker === 0xffff ? u32(bytes, at + 12) : -1;
}
