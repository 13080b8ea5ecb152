// Arguments that hold bytes in base64: a constant, or the name of a variable with such text (configuration.txt 7.3.1
// "hmac", "aes_gcm_dec").
import { latin1ToBytes } from "../../base/mod.ts";
import { cast } from "../casts.ts";
import { type ArgNode, Sample, type SampleEnv, T_STR, type Txn } from "../types.ts";
import { parseVariableName } from "../variable_names.ts";
import { decodeBase64 } from "./encodings.ts";

/** The bytes an argument gives when they are needed; null when its variable is not set or is no base64. */
type SecretFn = (txn: Txn) => Uint8Array<ArrayBuffer> | null;

/** Why an argument is no such one; null when it is. */
export function secretProblem(name: string, arg: ArgNode): string | null {
  if (typeof parseVariableName(String(arg)) !== "string" || constantSecret(arg) !== null) return null;
  return `failed to parse ${name} : argument needs to be base64 encoded, and can either be a string or a variable`;
}

export function secretArg(arg: ArgNode, env: SampleEnv): SecretFn {
  const text = String(arg);
  if (typeof parseVariableName(text) === "string") {
    const bytes = constantSecret(text);
    return () => bytes;
  }
  const { scope, slot } = env.variables.slot(text);
  const sample = new Sample();
  return (txn) => {
    if (!txn.vars.get(scope, slot, sample) || !cast(sample, T_STR, env) || !decodeBase64(sample, env)) return null;
    return sample.bytes.slice(sample.from, sample.to);
  };
}

/** The bytes of a constant; null for a variable and for what is no base64. */
export function constantSecret(arg: ArgNode): Uint8Array<ArrayBuffer> | null {
  const text = String(arg);
  if (typeof parseVariableName(text) !== "string") return null;
  const sample = new Sample();
  sample.type = T_STR;
  sample.bytes = latin1ToBytes(text);
  sample.to = text.length;
  const scratch = new Uint8Array(text.length);
  return decodeBase64(sample, { scratch: () => scratch }) ? sample.bytes.slice(sample.from, sample.to) : null;
}
