// The normalizers of `normalize-uri` (configuration.txt 4.4, RFC 3986 6.2.2): texts in, texts out. Characters are bytes.
import { HEX_VALUE, NOT_HEX } from "../../base/mod.ts";

/** Which part of the target a normalizer works on: all of it, path and query, or one of them. */
export const NORMALIZER_PARTS = {
  "fragment-encode": "pathq",
  "fragment-strip": "pathq",
  "path-merge-slashes": "path",
  "path-strip-dot": "path",
  "path-strip-dotdot": "path",
  "percent-decode-unreserved": "pathq",
  "percent-to-uppercase": "pathq",
  "query-sort-by-name": "query",
} as const;
export type NormalizerName = keyof typeof NORMALIZER_PARTS;
/** The one option a normalizer has; absent: none. */
export const NORMALIZER_OPTIONS: Readonly<Partial<Record<NormalizerName, "full" | "strict">>> = {
  "path-strip-dotdot": "full",
  "percent-decode-unreserved": "strict",
  "percent-to-uppercase": "strict",
};

/** The part in its normal form; null when `option` ("strict") forbids it. */
export function normalize(name: NormalizerName, text: string, option: boolean): string | null {
  switch (name) {
    case "fragment-encode":
      return text.replaceAll("#", "%23");
    case "fragment-strip":
      return text.split("#", 1)[0];
    case "path-merge-slashes":
      return text.replace(/\/{2,}/g, "/");
    case "path-strip-dot":
      return stripDot(text);
    case "path-strip-dotdot":
      return stripDotdot(text, option);
    case "percent-decode-unreserved":
      return mapEscapes(text, option, decodeUnreserved);
    case "percent-to-uppercase":
      return mapEscapes(text, option, (escape) => escape.toUpperCase());
    case "query-sort-by-name":
      return sortQuery(text);
  }
}

/** Segments of a path that begins with a slash: "/a/" is "a", "". */
function segments(path: string): string[] {
  return path.slice(1).split("/");
}

function stripDot(path: string): string {
  const all = segments(path);
  const kept = all.filter((segment) => segment !== ".");
  // What was "the folder itself" stays a folder.
  if (all[all.length - 1] === ".") kept.push("");
  return "/" + kept.join("/");
}

function stripDotdot(path: string, full: boolean): string {
  const all = segments(path);
  const kept: string[] = [];
  let above = "";
  for (const segment of all) {
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0) kept.pop();
    else if (!full) above += "../";
  }
  if (all[all.length - 1] === "..") kept.push("");
  return "/" + above + kept.join("/");
}

/** Replaces each "%xx"; null when `strict` and there is a "%" without two hexadecimal digits. */
function mapEscapes(text: string, strict: boolean, replace: (escape: string) => string): string | null {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "%") {
      out += text[i];
    } else if (isHex(text.charCodeAt(i + 1)) && isHex(text.charCodeAt(i + 2))) {
      out += replace(text.slice(i, i + 3));
      i += 2;
    } else {
      if (strict) return null;
      out += "%";
    }
  }
  return out;
}

function isHex(code: number): boolean {
  // NaN (behind the end) is no index.
  return code < 256 && HEX_VALUE[code] !== NOT_HEX;
}

function decodeUnreserved(escape: string): string {
  const c = String.fromCharCode(parseInt(escape.slice(1), 16));
  return /[A-Za-z0-9._~-]/.test(c) ? c : escape;
}

/** Sorts "name=value" parameters by the bytes of their names; equal names keep their order, a last "&" goes. */
function sortQuery(query: string): string {
  const name = (parameter: string) => parameter.split("=", 1)[0];
  const sorted = query.replace(/&$/, "").split("&").sort((a, b) => name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0);
  return sorted.join("&");
}
