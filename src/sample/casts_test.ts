import { assertEquals } from "@std/assert";
import { latin1ToBytes } from "../base/mod.ts";
import { cast, castable, sampleText, setAddress, setBytes, setInteger } from "./casts.ts";
import { testEnv } from "./testing.ts";
import {
  Sample,
  type SampleType,
  T_ADDR,
  T_ANY,
  T_BIN,
  T_BOOL,
  T_IPV4,
  T_IPV6,
  T_METH,
  T_SINT,
  T_STR,
  TYPE_NAMES,
} from "./types.ts";

const TYPES = [T_BOOL, T_SINT, T_IPV4, T_IPV6, T_STR, T_BIN, T_METH] as const;

function bytes(type: SampleType, text: string): Sample {
  const sample = new Sample();
  const data = latin1ToBytes(`<${text}>`);
  setBytes(sample, type, data, 1, data.length - 1);
  return sample;
}

function address(text: string): Sample {
  const sample = new Sample();
  setAddress(sample, text);
  return sample;
}

function integer(value: number | bigint, type: SampleType = T_SINT): Sample {
  const sample = new Sample();
  setInteger(sample, value);
  sample.type = type;
  return sample;
}

function examples(type: SampleType): Sample {
  switch (type) {
    case T_BOOL:
      return integer(1, T_BOOL);
    case T_SINT:
      return integer(258);
    case T_IPV4:
      return address("1.2.3.4");
    case T_IPV6:
      return address("::ffff:1.2.3.4");
    case T_STR:
      return bytes(T_STR, "1.2.3.4");
    case T_BIN:
      return bytes(T_BIN, "\x01\x02\x03\x04");
    default:
      return bytes(T_METH, "GET");
  }
}

/** What each cast makes of the example; "-" where there is none. Columns in the order of TYPES, then addr. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  bool: ["1", "1", "-", "-", "1", "\0\0\0\0\0\0\0\x01", "-", "-"],
  sint: ["1", "258", "0.0.1.2", "::ffff:0.0.1.2", "258", "\0\0\0\0\0\0\x01\x02", "-", "0.0.1.2"],
  ipv4: ["-", "16909060", "1.2.3.4", "::ffff:1.2.3.4", "1.2.3.4", "\x01\x02\x03\x04", "-", "1.2.3.4"],
  ipv6: [
    "-",
    "-",
    "1.2.3.4",
    "::ffff:1.2.3.4",
    "::ffff:1.2.3.4",
    "\0\0\0\0\0\0\0\0\0\0\xff\xff\x01\x02\x03\x04",
    "-",
    "::ffff:1.2.3.4",
  ],
  str: ["1", "1", "1.2.3.4", "::ffff:1.2.3.4", "1.2.3.4", "1.2.3.4", "1.2.3.4", "1.2.3.4"],
  bin: ["-", "-", "1.2.3.4", "::ffff:1.2.3.4", "\x01\x02\x03\x04", "\x01\x02\x03\x04", "-", "1.2.3.4"],
  meth: ["-", "-", "-", "-", "GET", "GET", "GET", "-"],
};

Deno.test("FETCH-24 every cast of the table, and none beside it", () => {
  for (const from of TYPES) {
    [...TYPES, T_ADDR].forEach((to, column) => {
      const expected = TABLE[TYPE_NAMES[from]][column];
      const sample = examples(from);
      const what = `${TYPE_NAMES[from]} to ${TYPE_NAMES[to]}`;
      assertEquals(castable(from, to), expected !== "-", what);
      const ok = cast(sample, to, testEnv());
      assertEquals(ok ? sampleText(sample, true) : "-", expected, what);
      if (ok && to !== T_ADDR) assertEquals(sample.type, to, what);
    });
    assertEquals(castable(from, T_ANY) && castable(T_ANY, from), true);
  }
  assertEquals([castable(T_ADDR, T_SINT), castable(T_ADDR, T_BOOL), castable(T_ADDR, T_STR)], [true, false, true]);
});

Deno.test("FETCH-24 casts that fail on the value", () => {
  const fails = (sample: Sample, to: SampleType) => !cast(sample, to, testEnv());
  assertEquals(fails(bytes(T_STR, ""), T_SINT), true);
  assertEquals(fails(bytes(T_STR, "x"), T_IPV4), true);
  assertEquals(fails(bytes(T_STR, "1".repeat(50)), T_ADDR), true);
  assertEquals(fails(address("2001:db8::1"), T_IPV4), true);
  assertEquals(fails(bytes(T_BIN, "12345"), T_ADDR), true);
  const nul = bytes(T_BIN, "ab\0c");
  assertEquals(cast(nul, T_STR, testEnv()) && sampleText(nul), "ab");
  const big = integer(-1n - 2n ** 60n);
  assertEquals(cast(big, T_BIN, testEnv()) && sampleText(big, true), "\xef\xff\xff\xff\xff\xff\xff\xff");
});
