// JSON (RFC 8259) and CBOR (RFC 8949) of log items. Texts have one code unit a byte: UTF-8 passes as it is.

/** A value, or the items of a map in their order. */
export type Encoded = string | number | bigint | boolean | null;

export function encodeJson(value: Encoded | readonly [string, Encoded][]): string {
  if (value === null) return "null";
  if (typeof value === "string") return jsonText(value);
  if (typeof value !== "object") return String(value);
  return `{${value.map(([key, item]) => `${jsonText(key)}: ${encodeJson(item)}`).join(", ")}}`;
}

function jsonText(text: string): string {
  // deno-lint-ignore no-control-regex
  return `"${text.replace(/["\\\x00-\x1f\x7f]/g, jsonEscape)}"`;
}

function jsonEscape(c: string): string {
  switch (c) {
    case '"':
      return '\\"';
    case "\\":
      return "\\\\";
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    case "\b":
      return "\\b";
    case "\f":
      return "\\f";
    default:
      return `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  }
}

/** Hexadecimal digits, or with `bin` the bytes themselves. */
export function encodeCbor(value: Encoded | readonly [string, Encoded][], bin: boolean): string {
  const bytes = cborBytes(value);
  if (bin) return bytes;
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += bytes.charCodeAt(i).toString(16).toUpperCase().padStart(2, "0");
  return out;
}

function cborBytes(value: Encoded | readonly [string, Encoded][]): string {
  if (value === null) return "\xf6";
  if (typeof value === "boolean") return value ? "\xf5" : "\xf4";
  if (typeof value === "string") return cborHead(3, value.length) + value;
  if (typeof value === "object") {
    // A map of unknown length, as it is written while items are found.
    return "\xbf" + value.map(([key, item]) => cborBytes(key) + cborBytes(item)).join("") + "\xff";
  }
  return value < 0 ? cborHead(1, -1n - BigInt(value)) : cborHead(0, value);
}

function cborHead(major: number, argument: number | bigint): string {
  const first = major << 5;
  if (argument < 24) return String.fromCharCode(first | Number(argument));
  const size = argument < 0x100 ? 0 : argument < 0x10000 ? 1 : argument < 0x100000000 ? 2 : 3;
  let out = String.fromCharCode(first | (24 + size));
  const big = BigInt(argument);
  for (let shift = (1 << size) - 1; shift >= 0; shift--) {
    out += String.fromCharCode(Number((big >> BigInt(shift * 8)) & 255n));
  }
  return out;
}
