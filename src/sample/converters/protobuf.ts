// Fields of Protocol Buffers messages, plain and in gRPC frames (configuration.txt 7.3.1 "protobuf", "ungrpc"). A field is
// named by its path, "48.59.1". Integers are not narrowed to the width of their type.
import { setBytes, setInteger } from "../casts.ts";
import { type Integer, wrap } from "../integers.ts";
import { type ConverterEntry, type Sample, T_BIN } from "../types.ts";
import { converter } from "./define.ts";

/** Wire types; the others (groups) end the search. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const LONGEST_VARINT = 10;
/** A flag (compressed or not) and the length of the message. */
const GRPC_HEADER = 5;

type ReadFn = (bytes: Uint8Array, from: number, to: number) => Integer | null;

interface FieldType {
  readonly wire: number;
  /** Null for what is no integer. */
  readonly read: ReadFn;
}

const varint: FieldType = { wire: VARINT, read: (bytes, from, to) => wrap(varintOf(bytes, from, to)) };
const zigzag: FieldType = {
  wire: VARINT,
  read(bytes, from, to) {
    const value = varintOf(bytes, from, to);
    return wrap(value >> 1n ^ -(value & 1n));
  },
};

function fixed(wire: number, read: (view: DataView) => Integer | null): FieldType {
  return { wire, read: (bytes, from, to) => read(new DataView(bytes.buffer, bytes.byteOffset + from, to - from)) };
}

const TYPES: Readonly<Record<string, FieldType>> = {
  int32: varint,
  int64: varint,
  uint32: varint,
  uint64: varint,
  sint32: zigzag,
  sint64: zigzag,
  bool: varint,
  enum: varint,
  fixed64: fixed(FIXED64, (view) => wrap(view.getBigUint64(0, true))),
  sfixed64: fixed(FIXED64, (view) => wrap(view.getBigInt64(0, true))),
  double: fixed(FIXED64, (view) => truncated(view.getFloat64(0, true))),
  fixed32: fixed(FIXED32, (view) => view.getUint32(0, true)),
  sfixed32: fixed(FIXED32, (view) => view.getInt32(0, true)),
  float: fixed(FIXED32, (view) => truncated(view.getFloat32(0, true))),
};

function truncated(value: number): Integer | null {
  // Beyond 64 bits an integer has no value.
  return Math.abs(value) < 2 ** 63 ? wrap(BigInt(Math.trunc(value))) : null;
}

function varintOf(bytes: Uint8Array, from: number, to: number): bigint {
  let value = 0n;
  for (let i = to - 1; i >= from; i--) value = value << 7n | BigInt(bytes[i] & 127);
  return BigInt.asUintN(64, value);
}

/** Walks messages; after find() the bytes of the field are `bytes[from, to)`. */
class FieldSearch {
  from = 0;
  to = 0;
  wire = 0;
  readonly #path: readonly number[];

  constructor(path: readonly number[]) {
    this.#path = path;
  }

  /** Finds the first field that the path, from `level` on, leads to. What is no message ends the search. */
  find(bytes: Uint8Array, start: number, end: number, level: number): boolean {
    for (let at = start; at < end;) {
      const keyEnd = varintEnd(bytes, at, end);
      if (keyEnd < 0) return false;
      const key = varintOf(bytes, at, keyEnd);
      const wire = Number(key & 7n);
      const isWanted = key >> 3n === BigInt(this.#path[level]);
      if (!this.#value(bytes, keyEnd, end, wire)) return false;
      at = this.to;
      if (!isWanted) continue;
      if (level === this.#path.length - 1) return true;
      if (wire !== DELIMITED) return false;
      if (this.find(bytes, this.from, this.to, level + 1)) return true;
    }
    return false;
  }

  /** Finds the ends of a value; false when it is not whole. */
  #value(bytes: Uint8Array, start: number, end: number, wire: number): boolean {
    this.wire = wire;
    this.from = start;
    switch (wire) {
      case VARINT:
        this.to = varintEnd(bytes, start, end);
        return this.to >= 0;
      case FIXED64:
        this.to = start + 8;
        break;
      case FIXED32:
        this.to = start + 4;
        break;
      case DELIMITED: {
        this.from = varintEnd(bytes, start, end);
        if (this.from < 0) return false;
        this.to = this.from + Number(varintOf(bytes, start, this.from));
        break;
      }
      default:
        return false;
    }
    return this.to <= end;
  }
}

/** -1 when there is no end within the range or within ten bytes. */
function varintEnd(bytes: Uint8Array, from: number, to: number): number {
  const last = Math.min(to, from + LONGEST_VARINT);
  for (let i = from; i < last; i++) if (bytes[i] < 128) return i + 1;
  return -1;
}

/** In a message, or in the first of the frames that has the field; each frame must be whole. */
function findField(search: FieldSearch, sample: Sample, framed: boolean): boolean {
  const { bytes, to } = sample;
  if (!framed) return search.find(bytes, sample.from, to, 0);
  for (let at = sample.from; at + GRPC_HEADER <= to;) {
    const start = at + GRPC_HEADER;
    at = start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(start - 4);
    if (at > to) return false;
    if (search.find(bytes, start, at, 0)) return true;
  }
  return false;
}

function fieldConverter(name: string, doc: string, framed: boolean): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_BIN,
    // An integer when there is a field type.
    out: T_BIN,
    args: [{ type: "str", name: "field_number" }, { type: "str", name: "field_type", optional: true }],
    validate([path, type]) {
      if (!/^[0-9]{1,15}(?:\.[0-9]{1,15})*$/.test(path as string)) {
        return `failed to parse '${path}' as type 'Protocol buffers field number'`;
      }
      return type === null || Object.hasOwn(TYPES, String(type)) ? null : `Wrong protocol buffer type '${type}'`;
    },
    build([path, name]) {
      const search = new FieldSearch((path as string).split(".").map(Number));
      const type: FieldType | null = name === null ? null : TYPES[name as string];
      return (sample) => {
        const { bytes } = sample;
        if (!findField(search, sample, framed)) return false;
        if (type === null) {
          setBytes(sample, T_BIN, bytes, search.from, search.to);
          return true;
        }
        const value = type.wire === search.wire ? type.read(bytes, search.from, search.to) : null;
        if (value === null) return false;
        setInteger(sample, value);
        return true;
      };
    },
  });
}

export const protobufConverters: readonly ConverterEntry[] = [
  fieldConverter("protobuf", "the bytes of a field of a Protocol Buffers message, or with a type its integer", false),
  fieldConverter("ungrpc", "the bytes of a field of a message in gRPC frames, or with a type its integer", true),
];
