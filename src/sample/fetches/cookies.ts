// Fetches of cookies: of Cookie in requests, of Set-Cookie in responses (RFC 6265; configuration.txt 7.3.6).
import { bytesEqual, latin1ToBytes } from "../../base/mod.ts";
import { H_COOKIE, H_SET_COOKIE, type Message, skipBlanks, trimBlanks } from "../../http/mod.ts";
import { cast, setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  NEEDS,
  type Sample,
  type SampleEnv,
  T_SINT,
  T_STR,
  type Verdict,
} from "../types.ts";
import { type Direction, EITHER, fetch, headOf, REQUEST, RESPONSE, STRING_DERIVATIVES, unready } from "./define.ts";

const SEMICOLON = 59;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

/** Walks the cookies of a head that have a name and an equals sign. */
class Cookies {
  nameFrom = 0;
  nameTo = 0;
  valueFrom = 0;
  valueTo = 0;
  readonly #wanted: Uint8Array | null;
  #message!: Message;
  #header = H_COOKIE;
  #row = -1;
  #rest = -1;

  /** `name` null: every cookie. Names are case-sensitive. */
  constructor(name: string | null) {
    this.#wanted = name === null ? null : latin1ToBytes(name);
  }

  begin(message: Message, response: boolean): void {
    this.#message = message;
    this.#header = response ? H_SET_COOKIE : H_COOKIE;
    this.#row = -1;
    this.#rest = -1;
  }

  /** Moves to the next cookie of the name; false when there is none. */
  next(): boolean {
    const wanted = this.#wanted;
    while (this.#nextAny()) {
      if (wanted === null) return true;
      if (bytesEqual(this.#message.bytes, this.nameFrom, this.nameTo, wanted, 0, wanted.length)) return true;
    }
    return false;
  }

  #nextAny(): boolean {
    const message = this.#message;
    for (;;) {
      if (this.#rest < 0) {
        this.#row = message.find(this.#header, this.#row + 1);
        if (this.#row < 0) return false;
        this.#rest = message.valueFrom(this.#row);
      }
      const end = message.valueTo(this.#row);
      const from = this.#rest;
      const to = cookieEnd(message.bytes, from, end);
      // What follows the first pair of a Set-Cookie are attributes.
      this.#rest = to < end && this.#header === H_COOKIE ? to + 1 : -1;
      if (this.#read(from, to)) return true;
    }
  }

  #read(from: number, to: number): boolean {
    const { bytes } = this.#message;
    let equals = from;
    while (equals < to && bytes[equals] !== EQUALS) equals++;
    if (equals === to) return false;
    this.nameFrom = skipBlanks(bytes, from, equals);
    this.nameTo = trimBlanks(bytes, this.nameFrom, equals);
    this.valueFrom = skipBlanks(bytes, equals + 1, to);
    this.valueTo = trimBlanks(bytes, this.valueFrom, to);
    return true;
  }
}

function cookieEnd(bytes: Uint8Array, from: number, to: number): number {
  let quoted = false;
  for (let i = from; i < to; i++) {
    const b = bytes[i];
    if (quoted) {
      if (b === BACKSLASH) i++;
      else if (b === QUOTE) quoted = false;
    } else if (b === SEMICOLON) {
      return i;
    } else if (b === QUOTE) {
      quoted = true;
    }
  }
  return to;
}

const NAME: ArgSpec = { type: "str", name: "name", optional: true };

function cookies(arg: ArgNode): Cookies {
  return new Cookies(typeof arg === "string" && arg !== "" ? arg : null);
}

type Reader = (sample: Sample, env: SampleEnv) => boolean;

function valueFetch(
  name: string,
  doc: string,
  direction: Direction,
  needs: number,
  out: number,
  read: Reader,
  extra: Partial<Pick<FetchEntry, "derivatives" | "aclFetch">> & { readonly aliases?: readonly string[] },
): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc,
    out,
    needs,
    args: [NAME],
    ...extra,
    build([arg], env) {
      const walk = cookies(arg);
      const first = arg === null || arg === "";
      return (txn, into) => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        walk.begin(head, head === txn.response);
        let found = false;
        // The last one of a name, the first one of any name.
        while (walk.next()) {
          setBytes(into, T_STR, head.bytes, walk.valueFrom, walk.valueTo);
          found = true;
          if (first) break;
        }
        return found && read(into, env) ? FOUND : ABSENT;
      };
    },
    buildEach([arg], env) {
      const walk = cookies(arg);
      return (txn, into, test): Verdict => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        walk.begin(head, head === txn.response);
        while (walk.next()) {
          setBytes(into, T_STR, head.bytes, walk.valueFrom, walk.valueTo);
          if (read(into, env) && test(into, txn)) return FOUND;
        }
        return ABSENT;
      };
    },
  });
}

function countFetch(
  name: string,
  doc: string,
  direction: Direction,
  needs: number,
  aliases: readonly string[],
): FetchEntry[] {
  return fetch({
    name,
    aliases,
    manual: "7.3.6",
    doc,
    out: T_SINT,
    needs,
    args: [NAME],
    build([arg]) {
      const walk = cookies(arg);
      return (txn, into) => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        walk.begin(head, head === txn.response);
        let count = 0;
        while (walk.next()) count++;
        setInteger(into, count);
        return FOUND;
      };
    },
  });
}

function namesFetch(name: string, doc: string, direction: Direction, needs: number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc,
    out: T_STR,
    needs,
    args: [{ type: "str", name: "delim", optional: true }],
    build([arg], env) {
      const delimiter = (typeof arg === "string" && arg !== "" ? arg : ",").charCodeAt(0);
      const walk = new Cookies(null);
      return (txn, into) => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        const area = env.scratch();
        let at = 0;
        walk.begin(head, head === txn.response);
        while (walk.next()) {
          if (at + 1 + walk.nameTo - walk.nameFrom > area.length) return ABSENT;
          if (at > 0) area[at++] = delimiter;
          for (let i = walk.nameFrom; i < walk.nameTo; i++) area[at++] = head.bytes[i];
        }
        if (at === 0) return ABSENT;
        setBytes(into, T_STR, area, 0, at);
        return FOUND;
      };
    },
  });
}

const asText: Reader = () => true;
const asInteger: Reader = (sample, env) => cast(sample, T_SINT, env);

function family(prefix: string, of: string, direction: 0 | 1, needs: number, old: string): FetchEntry[] {
  return [
    ...valueFetch(`${prefix}.cook`, `value of a cookie of the ${of}`, direction, needs, T_STR, asText, {
      derivatives: STRING_DERIVATIVES,
      aliases: [old],
    }),
    ...valueFetch(
      `${prefix}.cook_val`,
      `value of a cookie of the ${of} as an integer`,
      direction,
      needs,
      T_SINT,
      asInteger,
      {
        aliases: [`${old}_val`],
      },
    ),
    ...countFetch(`${prefix}.cook_cnt`, `cookies of a name in the ${of}`, direction, needs, [`${old}_cnt`]),
    ...namesFetch(`${prefix}.cook_names`, `names of all cookies of the ${of}`, direction, needs),
  ];
}

export const cookieFetches: readonly FetchEntry[] = [
  ...family("req", "request", REQUEST, NEEDS.request, "cook"),
  ...family("res", "response", RESPONSE, NEEDS.response, "scook"),
  ...valueFetch("cookie", "req.cook in requests, res.cook in responses", EITHER, NEEDS.headers, T_STR, asText, {
    aclFetch: "req.cook",
  }),
  ...valueFetch("set-cookie", "value of a cookie of the response", RESPONSE, NEEDS.response, T_STR, asText, {}),
];
