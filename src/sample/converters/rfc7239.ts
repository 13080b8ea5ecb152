// Converters of the Forwarded header and its nodes (configuration.txt 7.3.1, RFC 7239).
import { latin1Slice } from "../../base/mod.ts";
import { cast, sampleText, setBoolean, setBytes, setInteger, setText } from "../casts.ts";
import { FORWARDED_FIELDS, type ForwardedField, forwardedField, isObfuscatable, parseNode } from "../forwarded.ts";
import {
  type ConverterEntry,
  type Sample,
  type SampleEnv,
  T_ANY,
  T_BOOL,
  T_IPV4,
  T_IPV6,
  T_SINT,
  T_STR,
} from "../types.ts";
import { converter } from "./define.ts";

/** Ports have at most five digits. */
const LAST_PORT = 65535;

function textOf(sample: Sample): string {
  return latin1Slice(sample.bytes, sample.from, sample.to);
}

/** The text as an obfuscated identifier; what has other characters is none. */
function setObfuscated(sample: Sample, env: SampleEnv): boolean {
  if (!cast(sample, T_STR, env)) return false;
  const text = textOf(sample);
  return isObfuscatable(text) && setText(sample, `_${text}`, env);
}

export const rfc7239Converters: readonly ConverterEntry[] = [
  converter({
    name: "rfc7239_is_valid",
    doc: "whether the string is a valid value of the Forwarded header",
    input: T_STR,
    out: T_BOOL,
    build: () => (sample) => {
      setBoolean(sample, forwardedField(textOf(sample), null) !== null);
      return true;
    },
  }),
  converter({
    name: "rfc7239_field",
    doc: "a parameter of a value of the Forwarded header: proto, host, for or by",
    input: T_STR,
    out: T_STR,
    args: [{ type: "str", name: "field" }],
    validate([field]) {
      return (FORWARDED_FIELDS as readonly unknown[]).includes(field)
        ? null
        : `expects 'proto', 'host', 'for' or 'by', got '${field}'`;
    },
    build: ([field], env) => (sample) => {
      const value = forwardedField(textOf(sample), field as ForwardedField);
      return value !== null && setText(sample, value, env);
    },
  }),
  converter({
    name: "rfc7239_n2nn",
    doc: "the name of a node of the Forwarded header: an address, 'unknown' or an obfuscated identifier",
    input: T_STR,
    out: T_ANY,
    build: (_args, env) => (sample) => {
      const name = parseNode(textOf(sample))?.name;
      if (name === undefined) return false;
      if (typeof name === "string") return setText(sample, name, env);
      if (name.length === 16) {
        setBytes(sample, T_IPV6, name, 0, 16);
        return true;
      }
      sample.type = T_IPV4;
      sample.num = (name[0] << 24 | name[1] << 16 | name[2] << 8 | name[3]) >>> 0;
      return true;
    },
  }),
  converter({
    name: "rfc7239_n2np",
    doc: "the port of a node of the Forwarded header: an integer or an obfuscated port; absent without one",
    input: T_STR,
    out: T_ANY,
    build: (_args, env) => (sample) => {
      const port = parseNode(textOf(sample))?.port ?? null;
      if (port === null) return false;
      if (typeof port === "string") return setText(sample, port, env);
      setInteger(sample, port);
      return true;
    },
  }),
  converter({
    name: "rfc7239_nn",
    doc: "an address, or a string (obfuscated; 'unknown' when empty), as the name of a node of the Forwarded header",
    input: T_ANY,
    out: T_STR,
    build: (_args, env) => (sample) => {
      if (sample.type === T_IPV4) return setText(sample, sampleText(sample), env);
      if (sample.type === T_IPV6) return setText(sample, `[${sampleText(sample)}]`, env);
      const isEmpty = sample.type === T_STR && sample.from === sample.to;
      return isEmpty ? setText(sample, "unknown", env) : setObfuscated(sample, env);
    },
  }),
  converter({
    name: "rfc7239_np",
    doc: "an integer, or a string (obfuscated), as the port of a node of the Forwarded header",
    input: T_ANY,
    out: T_STR,
    build: (_args, env) => (sample) => {
      if (sample.type !== T_SINT) return setObfuscated(sample, env);
      return sample.num >= 0 && sample.num <= LAST_PORT && setText(sample, String(sample.num), env);
    },
  }),
];
