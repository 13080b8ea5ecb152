// json(): text as the inside of a JSON string, read as ASCII or as UTF-8 of several strictness (configuration.txt 7.3.1).
import { setBytes } from "../casts.ts";
import { latin1ToBytes } from "../../base/mod.ts";
import { type ConverterEntry, T_STR } from "../types.ts";
import { converter } from "./define.ts";

/** What an input code does with errors, and with codes longer than needed. */
interface InputCode {
  readonly utf8: boolean;
  /** Drops what is wrong instead of failing. */
  readonly silent: boolean;
  /** Takes overlong codes for what they decode to. */
  readonly permissive: boolean;
}

const CODES: Readonly<Record<string, InputCode>> = {
  "": { utf8: false, silent: false, permissive: false },
  ascii: { utf8: false, silent: false, permissive: false },
  utf8: { utf8: true, silent: false, permissive: false },
  utf8s: { utf8: true, silent: true, permissive: false },
  utf8p: { utf8: true, silent: false, permissive: true },
  utf8ps: { utf8: true, silent: true, permissive: true },
};

/** Smallest code point that needs so many bytes (index); less is overlong. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000];

/** A character that was read: its code point, -1 when it is wrong, and the bytes it took (at least one). */
class Character {
  code = 0;
  length = 1;
  overlong = false;

  /** RFC 3629, and the longer sequences of its predecessors: they are wrong as a whole. */
  read(bytes: Uint8Array, from: number, to: number): void {
    const first = bytes[from];
    this.overlong = false;
    this.length = 1;
    this.code = first;
    if (first < 0x80) return;
    const needed = Math.clz32(~(first << 24));
    if (needed < 2 || needed > 6) {
      this.code = -1;
      return;
    }
    let code = first & (0x7f >> needed);
    let i = from + 1;
    for (; i < from + needed && i < to && (bytes[i] & 0xc0) === 0x80; i++) code = code * 64 + (bytes[i] & 63);
    this.length = i - from;
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    const isWrong = this.length < needed || isSurrogate || code === 0xfffe || code === 0xffff;
    this.overlong = code < SMALLEST[needed];
    this.code = isWrong ? -1 : code;
  }
}

/** Escapes of characters that have one of their own. */
const ESCAPES: Readonly<Record<number, Uint8Array>> = {
  0x08: latin1ToBytes("\\b"),
  0x09: latin1ToBytes("\\t"),
  0x0a: latin1ToBytes("\\n"),
  0x0c: latin1ToBytes("\\f"),
  0x0d: latin1ToBytes("\\r"),
  0x22: latin1ToBytes('\\"'),
  0x2f: latin1ToBytes("\\/"),
  0x5c: latin1ToBytes("\\\\"),
};
const HEX = latin1ToBytes("0123456789abcdef");
const LONGEST_ESCAPE = 6;
const BACKSLASH = 92;
const LOWER_U = 117;

function writeEscaped(area: Uint8Array, at: number, code: number): number {
  if (code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x2f && code !== 0x5c) {
    area[at] = code;
    return at + 1;
  }
  const escape = ESCAPES[code];
  if (escape !== undefined) {
    area.set(escape, at);
    return at + escape.length;
  }
  area[at] = BACKSLASH;
  area[at + 1] = LOWER_U;
  for (let i = 0; i < 4; i++) area[at + 2 + i] = HEX[code >> (12 - 4 * i) & 15];
  return at + LONGEST_ESCAPE;
}

export const jsonConverters: readonly ConverterEntry[] = [
  converter({
    name: "json",
    doc: "escaped as the inside of a JSON string, in ASCII; the input is ascii, utf8, utf8s, utf8p or utf8ps",
    input: T_STR,
    out: T_STR,
    args: [{ type: "str", name: "input-code", optional: true }],
    validate([code]) {
      if (code === null || Object.hasOwn(CODES, String(code))) return null;
      return "Unexpected input code type. Allowed value are 'ascii', 'utf8', 'utf8s', 'utf8p' and 'utf8ps'";
    },
    build([name], env) {
      const { utf8, silent, permissive } = CODES[String(name ?? "")];
      const character = new Character();
      return (sample) => {
        const { bytes, from, to } = sample;
        const area = env.scratch();
        const last = area.length - LONGEST_ESCAPE;
        let at = 0;
        for (let i = from; i < to;) {
          if (at > last) return false;
          let code = bytes[i];
          if (!utf8) {
            i++;
          } else {
            character.read(bytes, i, to);
            code = character.code;
            i += character.length;
            if (code < 0 || code > 0xffff || (character.overlong && !permissive)) {
              if (!silent) return false;
              continue;
            }
          }
          at = writeEscaped(area, at, code);
        }
        setBytes(sample, T_STR, area, 0, at);
        return true;
      };
    },
  }),
];
