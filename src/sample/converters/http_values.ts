// Converters of values of HTTP: Host, parameters of a query, Accept-Language (configuration.txt 7.3.1).
import { bytesEqual, latin1ToBytes, LOWER } from "../../base/mod.ts";
import { setBytes, setInteger } from "../casts.ts";
import { type ConverterEntry, type Sample, T_SINT, T_STR } from "../types.ts";
import { converter } from "./define.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COMMA = 44;
const DASH = 45;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;
const CLOSING_BRACKET = 93;
const LOWER_Q = 113;

/** The colon before the port, -1 without one: the last colon, but none within the brackets of an address. */
function portColon(sample: Sample): number {
  for (let i = sample.to - 1; i >= sample.from; i--) {
    const b = sample.bytes[i];
    if (b === COLON) return i;
    if (b === CLOSING_BRACKET) return -1;
  }
  return -1;
}

function isBlank(b: number): boolean {
  return b === SPACE || b === TAB;
}

/** Weights are thousandths (RFC 9110 12.4.2); what is no weight counts as one. */
const FULL_WEIGHT = 1000;

/** Walks the elements of an Accept-Language value. */
class LanguageRanges {
  from = 0;
  to = 0;
  weight = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  begin(sample: Sample): void {
    this.#bytes = sample.bytes;
    this.#at = sample.from;
    this.#end = sample.to;
  }

  next(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    while (this.#at < end) {
      let i = this.#at;
      while (i < end && (bytes[i] === COMMA || isBlank(bytes[i]))) i++;
      this.from = i;
      while (i < end && bytes[i] !== COMMA && bytes[i] !== SEMICOLON && !isBlank(bytes[i])) i++;
      this.to = i;
      i = this.#blanks(i);
      let stop = i;
      while (stop < end && bytes[stop] !== COMMA) stop++;
      this.#at = stop + 1;
      if (this.from === this.to || (i < stop && bytes[i] !== SEMICOLON)) continue;
      this.weight = i < stop ? this.#weight(this.#blanks(i + 1), stop) : FULL_WEIGHT;
      return true;
    }
    return false;
  }

  #blanks(from: number): number {
    let i = from;
    while (i < this.#end && isBlank(this.#bytes[i])) i++;
    return i;
  }

  #weight(from: number, to: number): number {
    const bytes = this.#bytes;
    if (bytes[from] !== LOWER_Q) return FULL_WEIGHT;
    let i = this.#blanks(from + 1);
    if (i >= to || bytes[i] !== EQUALS) return FULL_WEIGHT;
    i = this.#blanks(i + 1);
    if (i >= to || bytes[i] !== ZERO) return FULL_WEIGHT;
    let weight = 0;
    if (bytes[++i] !== DOT) return weight;
    for (let unit = 100; unit >= 1; unit /= 10) {
      i++;
      if (i >= to || bytes[i] < ZERO || bytes[i] > ZERO + 9) break;
      weight += (bytes[i] - ZERO) * unit;
    }
    return weight;
  }

  /** Whether the range is the language, or a variant of it. */
  isOf(language: Uint8Array): boolean {
    const end = this.from + language.length;
    if (end > this.to || !bytesEqual(this.#bytes, this.from, end, language, 0, language.length)) return false;
    return end === this.to || this.#bytes[end] === DASH;
  }
}

export const httpValueConverters: readonly ConverterEntry[] = [
  converter({
    name: "host_only",
    doc: "a Host value without its port, in lower case",
    input: T_STR,
    out: T_STR,
    build: (_args, env) => (sample) => {
      const colon = portColon(sample);
      const length = (colon < 0 ? sample.to : colon) - sample.from;
      const area = env.scratch();
      if (length > area.length) return false;
      for (let i = 0; i < length; i++) area[i] = LOWER[sample.bytes[sample.from + i]];
      setBytes(sample, T_STR, area, 0, length);
      return true;
    },
  }),
  converter({
    name: "port_only",
    doc: "the port of a Host value; 0 without one",
    input: T_STR,
    out: T_SINT,
    build: () => (sample) => {
      const colon = portColon(sample);
      let port = 0;
      // What is no digit has no meaning; it counts as in HAProxy.
      if (colon >= 0) {
        for (let i = colon + 1; i < sample.to; i++) port = (port * 10 + sample.bytes[i] - ZERO) >>> 0;
      }
      setInteger(sample, port);
      return true;
    },
  }),
  converter({
    name: "cut_crlf",
    doc: "up to the first CR or LF",
    input: T_STR,
    out: T_STR,
    build: () => (sample) => {
      const { bytes, to } = sample;
      let i = sample.from;
      while (i < to && bytes[i] !== CR && bytes[i] !== LF) i++;
      sample.to = i;
      return true;
    },
  }),
  converter({
    name: "param",
    doc: "the first parameter of that name; parameters are delimited by '&' or another character",
    input: T_STR,
    out: T_STR,
    args: [{ type: "str", name: "name" }, { type: "str", name: "delim", optional: true }],
    validate([name, delimiter]) {
      if (name === "") return "the name of the parameter must not be empty";
      return String(delimiter ?? "").length > 1 ? "Delimiter must be exactly 1 character." : null;
    },
    build([name, delimiter]) {
      const wanted = latin1ToBytes(String(name));
      const between = String(delimiter || "&").charCodeAt(0);
      return (sample) => {
        const { bytes, to } = sample;
        for (let from = sample.from; from < to;) {
          let end = from;
          while (end < to && bytes[end] !== between) end++;
          const value = from + wanted.length;
          const isLong = value < end;
          if ((value === end || (isLong && bytes[value] === EQUALS)) && named(bytes, from, wanted)) {
            sample.from = isLong ? value + 1 : end;
            sample.to = end;
            return true;
          }
          from = end + 1;
        }
        return false;
      };
    },
  }),
  converter({
    name: "language",
    doc: "of a list of languages the one an Accept-Language value prefers, else the default",
    input: T_STR,
    out: T_STR,
    args: [{ type: "str", name: "value", optional: true }, { type: "str", name: "default", optional: true }],
    build([value, other]) {
      const languages = String(value ?? "").split(";").filter((language) => language !== "").map(latin1ToBytes);
      const fallback = other === null ? null : latin1ToBytes(String(other));
      const ranges = new LanguageRanges();
      return (sample) => {
        let best = fallback;
        let bestWeight = 0;
        ranges.begin(sample);
        while (ranges.next()) {
          if (ranges.weight <= bestWeight) continue;
          for (let i = 0; i < languages.length; i++) {
            if (!ranges.isOf(languages[i])) continue;
            best = languages[i];
            bestWeight = ranges.weight;
            break;
          }
        }
        if (best === null) return false;
        setBytes(sample, T_STR, best, 0, best.length);
        return true;
      };
    },
  }),
];

function named(bytes: Uint8Array, from: number, name: Uint8Array): boolean {
  return bytesEqual(bytes, from, from + name.length, name, 0, name.length);
}
