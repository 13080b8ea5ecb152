// Fetches that give what is written in them.
import { latin1ToBytes } from "../../base/mod.ts";
import { methodOf } from "../../http/mod.ts";
import { setAddress, setBoolean, setBytes, setInteger } from "../casts.ts";
import { decodeHex } from "../patterns/strings.ts";
import {
  type ArgNode,
  type FetchEntry,
  FOUND,
  NEEDS,
  type SampleType,
  T_BIN,
  T_BOOL,
  T_IPV4,
  T_IPV6,
  T_METH,
  T_SINT,
  T_STR,
} from "../types.ts";
import { fetch } from "./define.ts";

const TRUE_WORDS = ["1", "true"];
const FALSE_WORDS = ["0", "false"];

function bytesFetch(name: string, doc: string, out: SampleType, bytesOf: (text: string) => string): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.2",
    doc,
    out,
    needs: NEEDS.internal,
    // "str()" is the empty string.
    args: [{ type: "str", name: "value", optional: name === "str" }],
    validate: name === "bin" ? validHex : undefined,
    build([value]) {
      const bytes = latin1ToBytes(bytesOf((value as string | null) ?? ""));
      return (_txn, into) => {
        setBytes(into, out, bytes, 0, bytes.length);
        return FOUND;
      };
    },
  });
}

function validHex([value]: readonly ArgNode[]): string | null {
  const bytes = decodeHex(value as string);
  return typeof bytes === "string" ? null : bytes.reason;
}

export const constantFetches: readonly FetchEntry[] = [
  ...fetch({
    name: "always_true",
    manual: "7.3.2",
    doc: "true",
    out: T_BOOL,
    needs: NEEDS.internal,
    build: () => (_txn, into) => {
      setBoolean(into, true);
      return FOUND;
    },
  }),
  ...fetch({
    name: "always_false",
    manual: "7.3.2",
    doc: "false",
    out: T_BOOL,
    needs: NEEDS.internal,
    build: () => (_txn, into) => {
      setBoolean(into, false);
      return FOUND;
    },
  }),
  ...fetch({
    name: "bool",
    manual: "7.3.2",
    doc: "a boolean constant: true, false, 1 or 0",
    out: T_BOOL,
    needs: NEEDS.internal,
    args: [{ type: "str", name: "value" }],
    validate([value]) {
      const word = value as string;
      return TRUE_WORDS.includes(word) || FALSE_WORDS.includes(word) ? null : "Expects 'true', 'false', '0' or '1'";
    },
    build([value]) {
      const truth = TRUE_WORDS.includes(value as string);
      return (_txn, into) => {
        setBoolean(into, truth);
        return FOUND;
      };
    },
  }),
  ...fetch({
    name: "int",
    manual: "7.3.2",
    doc: "an integer constant",
    out: T_SINT,
    needs: NEEDS.internal,
    args: [{ type: "sint", name: "value" }],
    build([value]) {
      const integer = value as number | bigint;
      return (_txn, into) => {
        setInteger(into, integer);
        return FOUND;
      };
    },
  }),
  ...fetch({
    name: "ipv4",
    manual: "7.3.2",
    doc: "an IPv4 address constant",
    out: T_IPV4,
    needs: NEEDS.internal,
    args: [{ type: "ipv4", name: "address" }],
    build([value]) {
      const address = value as number;
      return (_txn, into) => {
        into.type = T_IPV4;
        into.num = address;
        return FOUND;
      };
    },
  }),
  ...fetch({
    name: "ipv6",
    manual: "7.3.2",
    doc: "an IPv6 address constant",
    out: T_IPV6,
    needs: NEEDS.internal,
    args: [{ type: "ipv6", name: "address" }],
    build([value]) {
      return (_txn, into) => {
        setAddress(into, value as string);
        return FOUND;
      };
    },
  }),
  ...bytesFetch("str", "a string constant", T_STR, (text) => text),
  ...bytesFetch("bin", "a constant of bytes, in hexadecimal", T_BIN, (text) => {
    const bytes = decodeHex(text);
    return typeof bytes === "string" ? bytes : "";
  }),
  ...fetch({
    name: "meth",
    manual: "7.3.2",
    doc: "an HTTP method constant",
    out: T_METH,
    needs: NEEDS.internal,
    args: [{ type: "str", name: "method" }],
    build([value]) {
      const bytes = latin1ToBytes(value as string);
      const id = methodOf(bytes, 0, bytes.length);
      return (_txn, into) => {
        setBytes(into, T_METH, bytes, 0, bytes.length);
        into.num = id;
        return FOUND;
      };
    },
  }),
];
