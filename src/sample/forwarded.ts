// The Forwarded header (RFC 7239): its parameters "by", "for", "host", "proto", and the nodes of the first two. A value is
// checked as a whole: elements between commas, each of pairs "name=value" between semicolons, no name twice in an element.
// "proto" is http or https; parameters with other names may have any value.
import { readIpv4, readIpv6 } from "../base/mod.ts";
import { sampleText } from "./casts.ts";
import { type Sample, T_IPV4, T_IPV6, T_SINT } from "./types.ts";

export const FORWARDED_FIELDS = ["by", "for", "host", "proto"] as const;
export type ForwardedField = (typeof FORWARDED_FIELDS)[number];

/** A token, "=", a token or a quoted string. */
const PAIR = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\]|\\[^])*)")/;

/**
 * The value, without quotes, of the first parameter of that name; null when there is none or the text is no such header.
 * With `wanted` null: "" for a valid text.
 */
export function forwardedField(text: string, wanted: ForwardedField | null): string | null {
  let found = wanted === null ? "" : null;
  const seen = new Set<string>();
  let pairs = 0;
  let at = 0;
  for (;;) {
    const pair = PAIR.exec(text.slice(at));
    if (pair !== null) {
      const name = pair[1].toLowerCase();
      const value = pair[2] ?? pair[3].replace(/\\([^])/g, "$1");
      if (seen.has(name) || !isValid(name, value)) return null;
      if (name === wanted) found ??= value;
      seen.add(name);
      pairs++;
      at += pair[0].length;
    }
    if (at === text.length) return pairs > 0 ? found : null;
    if (text[at] === ";") {
      at++;
      continue;
    }
    const comma = /^[ \t]*,[ \t]*/.exec(text.slice(at));
    if (comma === null) return null;
    at += comma[0].length;
    seen.clear();
  }
}

function isValid(name: string, value: string): boolean {
  switch (name) {
    case "by":
    case "for":
      return parseNode(value) !== null;
    case "host":
      return isHost(value);
    case "proto":
      return /^https?$/i.test(value);
    default:
      return true;
  }
}

/** A Host value (RFC 9110 7.2) with a host in it. */
function isHost(text: string): boolean {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]{0,5})?$/.exec(text);
  return found !== null && (found[1] === undefined || readIpv6(found[1], new Uint8Array(16)));
}

/** A node (RFC 7239 6): who it is and, if told, its port; obfuscated ones begin with an underscore. */
export interface ForwardedNode {
  /** An address of 4 or 16 bytes, "unknown" or an obfuscated identifier. */
  readonly name: Uint8Array<ArrayBuffer> | string;
  readonly port: number | string | null;
}

const LAST_PORT = 65535;

export function parseNode(text: string): ForwardedNode | null {
  const found = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text);
  if (found === null) return null;
  const name = found[1] === undefined ? nodeName(found[2]) : address6(found[1]);
  const port = found[3] === undefined ? null : nodePort(found[3]);
  return name === null || (port === null && found[3] !== undefined) ? null : { name, port };
}

function nodeName(text: string): Uint8Array<ArrayBuffer> | string | null {
  if (text === "unknown" || isObfuscated(text)) return text;
  const bytes = new Uint8Array(4);
  return readIpv4(text, bytes) ? bytes : null;
}

function address6(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(16);
  return readIpv6(text, bytes) ? bytes : null;
}

function nodePort(text: string): number | string | null {
  if (isObfuscated(text)) return text;
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= LAST_PORT ? Number(text) : null;
}

function isObfuscated(text: string): boolean {
  return text.startsWith("_") && isObfuscatable(text.slice(1));
}

/** Whether "_" and this text are an obfuscated identifier or port. */
export function isObfuscatable(text: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(text);
}

// ---- samples as parameters (option forwarded) ---------------------------------------------------------------------

/** A sample as the name of a node: an address, or an obfuscated identifier with its underscore; null when it is none. */
export function forwardedName(sample: Sample): string | null {
  const text = sampleText(sample);
  if (sample.type === T_IPV4) return text;
  return sample.type === T_IPV6 ? `[${text}]` : obfuscated(text);
}

/** A sample as the port of a node. */
export function forwardedPort(sample: Sample): string | null {
  if (sample.type !== T_SINT) return obfuscated(sampleText(sample));
  return sample.num >= 0 && sample.num <= LAST_PORT ? String(sample.num) : null;
}

/** A sample as a host: null when it is none. */
export function forwardedHost(sample: Sample): string | null {
  const text = sampleText(sample);
  return isHost(text) ? text : null;
}

function obfuscated(text: string): string | null {
  if (isObfuscated(text)) return text;
  return isObfuscatable(text) ? `_${text}` : null;
}
