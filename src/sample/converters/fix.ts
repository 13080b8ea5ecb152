// Messages of FIX (Financial Information eXchange): fix_is_valid and fix_tag_value (configuration.txt 7.3.1). A message is a
// list of "<tag>=<value>", each ended by SOH; what is not whole yet gives no sample.
import { bytesEqual, indexOfByte, latin1ToBytes, parseDecimal } from "../../base/mod.ts";
import { setBoolean, setBytes } from "../casts.ts";
import { type ArgNode, type ConverterEntry, T_BIN, T_BOOL } from "../types.ts";
import { converter } from "./define.ts";

const SOH = 1;
const EQUALS = 61;

const BEGIN_STRING = 8;
const BODY_LENGTH = 9;
const CHECK_SUM = 10;
const MSG_TYPE = 35;

/** Tags with names, in lower case. */
const NAMES: Readonly<Record<string, number>> = {
  beginstring: BEGIN_STRING,
  bodylength: BODY_LENGTH,
  checksum: CHECK_SUM,
  msgtype: MSG_TYPE,
  sendercompid: 49,
  targetcompid: 56,
};

const VERSIONS = ["FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"].map(latin1ToBytes);

/** The shortest message that can be valid. */
const SHORTEST = 26;
const LARGEST_TAG = 2 ** 31 - 1;

const INVALID = -1;
const INCOMPLETE = -2;

/** Walks the fields of a message. */
class Fields {
  /** The value of the last field, without its end; the next one begins behind that. */
  from = 0;
  to = 0;
  /** Where the last field began. */
  start = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #next = 0;
  #end = 0;

  begin(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#next = from;
    this.#end = to;
  }

  /** The tag of the next field (1 or more), INVALID or INCOMPLETE. */
  next(): number {
    const bytes = this.#bytes;
    this.start = this.#next;
    this.to = indexOfByte(bytes, SOH, this.start, this.#end);
    if (this.to < 0) return INCOMPLETE;
    this.#next = this.to + 1;
    const equals = indexOfByte(bytes, EQUALS, this.start, this.to);
    this.from = equals + 1;
    const tag = equals < 0 ? INVALID : parseDecimal(bytes, this.start, equals);
    if (!(tag >= 1 && tag <= LARGEST_TAG)) return INVALID;
    return tag;
  }

  /** As next(); INVALID also for a field without a value. */
  nextWithValue(): number {
    const tag = this.next();
    return tag > 0 && this.from === this.to ? INVALID : tag;
  }

  /** Where the next field begins. */
  get end(): number {
    return this.#next;
  }
}

function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += bytes[i];
  return sum % 256;
}

function isVersion(bytes: Uint8Array, { from, to }: Fields): boolean {
  return VERSIONS.some((version) => bytesEqual(bytes, from, to, version, 0, version.length));
}

/** 1, INVALID or INCOMPLETE. */
function check(fields: Fields, bytes: Uint8Array, from: number, to: number): number {
  if (to - from < SHORTEST) return INCOMPLETE;
  let tag = fields.nextWithValue();
  // Without a leading zero.
  const isFirst = tag === BEGIN_STRING && fields.from === from + 2;
  if (!isFirst || !isVersion(bytes, fields)) return tag === INCOMPLETE ? INCOMPLETE : INVALID;
  tag = fields.nextWithValue();
  if (tag !== BODY_LENGTH) return tag === INCOMPLETE ? INCOMPLETE : INVALID;
  const length = parseDecimal(bytes, fields.from, fields.to);
  const body = fields.end;
  tag = fields.nextWithValue();
  if (tag !== MSG_TYPE) return tag === INCOMPLETE ? INCOMPLETE : INVALID;
  while (tag > 0 && tag !== CHECK_SUM) tag = fields.nextWithValue();
  if (tag !== CHECK_SUM) return tag;
  const isSum = fields.to - fields.from === 3 &&
    parseDecimal(bytes, fields.from, fields.to) === sumOf(bytes, from, fields.start);
  return isSum && length === fields.start - body ? 1 : INVALID;
}

/** The number of a tag; 0 for none. */
function tagNumber(arg: ArgNode): number {
  const text = String(arg ?? "");
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : NAMES[text.toLowerCase()] ?? 0;
}

export const fixConverters: readonly ConverterEntry[] = [
  converter({
    name: "fix_is_valid",
    doc: "whether the bytes begin with a valid FIX message",
    input: T_BIN,
    out: T_BOOL,
    build() {
      const fields = new Fields();
      return (sample) => {
        fields.begin(sample.bytes, sample.from, sample.to);
        const result = check(fields, sample.bytes, sample.from, sample.to);
        if (result === INCOMPLETE) return false;
        setBoolean(sample, result > 0);
        return true;
      };
    },
  }),
  converter({
    name: "fix_tag_value",
    doc: "the value of a tag, given by number or name, of a FIX message",
    input: T_BIN,
    out: T_BIN,
    args: [{ type: "str", name: "tag", optional: true }],
    validate: ([tag]) => tagNumber(tag) === 0 ? `Unknown FIX tag name '${tag ?? ""}'` : null,
    build([arg]) {
      const wanted = tagNumber(arg);
      const fields = new Fields();
      return (sample) => {
        const { bytes } = sample;
        fields.begin(bytes, sample.from, sample.to);
        let tag = fields.next();
        while (tag > 0 && tag !== wanted && tag !== CHECK_SUM) tag = fields.next();
        if (tag !== wanted || fields.from === fields.to) return false;
        setBytes(sample, T_BIN, bytes, fields.from, fields.to);
        return true;
      };
    },
  }),
];
