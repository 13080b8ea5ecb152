// Converters of integers and booleans: arithmetic, bits, comparisons (configuration.txt 7.3.1).
import { setBoolean, setBytes, setInteger } from "../casts.ts";
import {
  add,
  bitAnd,
  bitOr,
  bitXor,
  complement,
  divide,
  type Integer,
  modulo,
  multiply,
  negate,
  subtract,
} from "../integers.ts";
import { latin1ToBytes } from "../../base/mod.ts";
import { type ConverterEntry, T_BOOL, T_SINT, T_STR } from "../types.ts";
import { converter, numberArg } from "./define.ts";

/** An operation with a constant or a variable. */
function binary(name: string, doc: string, operation: (a: Integer, b: Integer) => Integer): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_SINT,
    out: T_SINT,
    args: [{ type: "number", name: "value" }],
    build([arg], env) {
      const operand = numberArg(arg, env);
      return (sample, txn) => {
        const value = operand(txn);
        if (value === null) return false;
        setInteger(sample, operation(sample.num, value));
        return true;
      };
    },
  });
}

function unary(name: string, doc: string, operation: (a: Integer) => Integer): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_SINT,
    out: T_SINT,
    build: () => (sample) => {
      setInteger(sample, operation(sample.num));
      return true;
    },
  });
}

function test(name: string, doc: string, holds: (a: Integer) => boolean): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_SINT,
    out: T_BOOL,
    build: () => (sample) => {
      setBoolean(sample, holds(sample.num));
      return true;
    },
  });
}

function isOdd(value: Integer): boolean {
  return typeof value === "number" ? value % 2 !== 0 : (value & 1n) === 1n;
}

export const integerConverters: readonly ConverterEntry[] = [
  binary("add", "adds an integer or a variable", add),
  binary("sub", "subtracts an integer or a variable", subtract),
  binary("mul", "multiplies with an integer or a variable", multiply),
  binary("div", "divides by an integer or a variable; by 0: 2^63-1", divide),
  binary("mod", "remainder of a division by an integer or a variable; by 0: 0", modulo),
  binary("and", "bitwise and with an integer or a variable", bitAnd),
  binary("or", "bitwise or with an integer or a variable", bitOr),
  binary("xor", "bitwise exclusive or with an integer or a variable", bitXor),
  unary("neg", "opposite value", negate),
  unary("cpl", "bitwise complement", complement),
  test("bool", "false for 0, else true", (value) => value !== 0),
  test("not", "true for 0, else false", (value) => value === 0),
  test("even", "whether the integer is even", (value) => !isOdd(value)),
  test("odd", "whether the integer is odd", isOdd),
  converter({
    name: "iif",
    doc: "one string for true, another for false",
    input: T_BOOL,
    out: T_STR,
    args: [{ type: "str", name: "true" }, { type: "str", name: "false" }],
    build([whenTrue, whenFalse]) {
      const yes = latin1ToBytes(whenTrue as string);
      const no = latin1ToBytes(whenFalse as string);
      return (sample) => {
        const bytes = sample.num !== 0 ? yes : no;
        setBytes(sample, T_STR, bytes, 0, bytes.length);
        return true;
      };
    },
  }),
];
