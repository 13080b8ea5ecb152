import { assertEquals } from "@std/assert";
import { latin1ToBytes } from "../base/mod.ts";
import {
  add,
  bitAnd,
  bitOr,
  bitXor,
  complement,
  divide,
  type Integer,
  leadingInteger,
  modulo,
  multiply,
  negate,
  parseInteger,
  subtract,
} from "./integers.ts";

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const EDGES: readonly Integer[] = [
  0,
  1,
  -1,
  7,
  -7,
  2147483647,
  -2147483648,
  4294967296,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  2n ** 53n,
  MAX,
  MIN,
  MAX - 1n,
  MIN + 1n,
];

/** The same operation on bigints, cut at the ends, in the one right representation. */
function exact(value: bigint): Integer {
  const cut = value > MAX ? MAX : value < MIN ? MIN : value;
  return cut >= -(2n ** 53n - 1n) && cut <= 2n ** 53n - 1n ? Number(cut) : cut;
}

Deno.test("CONV-16 arithmetic of signed 64-bit integers saturates and keeps one representation of a value", () => {
  for (const a of EDGES) {
    for (const b of EDGES) {
      const x = BigInt(a);
      const y = BigInt(b);
      const at = `${a} and ${b}`;
      assertEquals(add(a, b), exact(x + y), `add ${at}`);
      assertEquals(subtract(a, b), exact(x - y), `sub ${at}`);
      assertEquals(multiply(a, b), exact(x * y), `mul ${at}`);
      assertEquals(divide(a, b), b === 0 ? MAX : exact(x / y), `div ${at}`);
      assertEquals(modulo(a, b), b === 0 ? 0 : exact(x % y), `mod ${at}`);
      assertEquals(bitAnd(a, b), exact(x & y), `and ${at}`);
      assertEquals(bitOr(a, b), exact(x | y), `or ${at}`);
      assertEquals(bitXor(a, b), exact(x ^ y), `xor ${at}`);
    }
    assertEquals(complement(a), exact(~BigInt(a)), `cpl ${a}`);
    assertEquals(negate(a), exact(-BigInt(a)), `neg ${a}`);
    assertEquals(Object.is(negate(a), -0) || Object.is(multiply(a, 0), -0), false);
  }
});

Deno.test("CONV-16 integers are read from the start of a text, arguments whole", () => {
  const lead = (text: string) => leadingInteger(latin1ToBytes(text), 0, text.length);
  assertEquals(["12abc", "-12", "+12", "abc", "-", "1.5", " 1", "007"].map(lead), [12, -12, 12, 0, 0, 1, 0, 7]);
  assertEquals(lead("9223372036854775808"), MAX);
  assertEquals(lead("-99999999999999999999"), MIN);
  assertEquals(lead("9007199254740993x"), 9007199254740993n);
  assertEquals(["12", "+12", "-0", "12a", "", "0x1"].map(parseInteger), [12, 12, 0, null, null, null]);
  assertEquals(parseInteger("9223372036854775808"), MAX);
});
