// Helpers to write converter entries.
import type { ParseContext } from "../../config/mod.ts";
import { cast } from "../casts.ts";
import type { Integer } from "../integers.ts";
import {
  type ArgNode,
  type ArgSpec,
  type ConverterEntry,
  type ConverterFn,
  type MatchMethod,
  Sample,
  type SampleEnv,
  type SampleType,
  T_SINT,
  type Txn,
} from "../types.ts";

const MANUAL = "7.3.1";

interface Definition {
  readonly name: string;
  readonly doc: string;
  readonly input: SampleType;
  readonly out: SampleType;
  readonly args?: readonly ArgSpec[];
  readonly lookup?: MatchMethod;
  validate?(args: readonly ArgNode[], context: ParseContext): string | null;
  build(args: readonly ArgNode[], env: SampleEnv): ConverterFn;
}

export function converter(definition: Definition): ConverterEntry {
  const { args, ...rest } = definition;
  return { ...rest, kind: "converter", manual: MANUAL, args: args ?? [] };
}

/** A value that an argument gives when it is needed; null when its variable is not set or is no integer. */
export type NumberFn = (txn: Txn) => Integer | null;

/** An argument of type "number": a constant, or a variable. */
export function numberArg(arg: ArgNode, env: SampleEnv): NumberFn {
  if (typeof arg !== "string") return () => arg;
  const { scope, slot } = env.variables.slot(arg);
  const sample = new Sample();
  return (txn) => txn.vars.get(scope, slot, sample) && cast(sample, T_SINT, env) ? sample.num : null;
}
