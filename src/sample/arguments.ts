// Types of the arguments that fetches and converters take in parentheses (configuration.txt 7.3).
import { parseIp, parseSize, parseTimeMs, prefixOfMask, readIpv4 } from "../base/mod.ts";
import type { ParseContext } from "../config/mod.ts";
import { findAcl } from "./acl_names.ts";
import { parseInteger } from "./integers.ts";
import { patternFile } from "./patterns/files.ts";
import { compileRegex } from "./regex/mod.ts";
import type { AclNode, ArgNode, ArgSpec, ArgType, ReferenceNode } from "./types.ts";
import { parseVariableName } from "./variable_names.ts";

/** Why arguments are refused: `index` counts from 0, -1 when no one of them is to blame. */
export interface ArgsError {
  readonly index: number;
  readonly text: string;
}

const TYPE_WORDS: Readonly<Record<ArgType, string>> = {
  str: "string",
  sint: "integer",
  number: "integer or variable",
  time: "delay",
  size: "size",
  ipv4: "IPv4 address",
  ipv6: "IPv6 address",
  mask4: "IPv4 mask",
  mask6: "IPv6 mask",
  regex: "regex",
  var: "variable",
  map: "map",
  file: "string",
  frontend: "frontend",
  backend: "backend",
  proxy: "proxy",
  server: "server",
  table: "table",
  userlist: "user list",
  acl: "acl",
};

/** What typing arguments may look at and adds to. */
export interface ArgScope {
  readonly context: ParseContext;
  readonly references: ReferenceNode[];
  readonly acls: Record<string, AclNode>;
  /** "sample fetch keyword 'nbsrv'": who has the arguments. */
  readonly owner: string;
}

/** Types the arguments, none when there were no parentheses, as `specs` say. A result with `text` is an error. */
export function typeArgs(specs: readonly ArgSpec[], given: readonly string[], scope: ArgScope): ArgNode[] | ArgsError {
  const last = specs[specs.length - 1];
  const most = last === undefined ? 0 : specs.length + (last.repeat ?? 1) - 1;
  if (given.length > most) {
    const extra = given.slice(most).join(",");
    return { index: most, text: `expected ')' before '${most === 0 ? "" : ","}${extra})'` };
  }
  const args: ArgNode[] = [];
  for (let i = 0; i < Math.max(specs.length, given.length); i++) {
    const spec = specs[Math.min(i, specs.length - 1)];
    const text = given.at(i);
    if (text === undefined || (text === "" && !mayBeEmpty(spec))) {
      if (spec.optional) {
        args.push(text === undefined || !mayBeEmpty(spec) ? absent(spec, i, scope) : "");
        continue;
      }
      if (text === undefined && given.length > 0) {
        const least = specs.findIndex((s) => s.optional);
        const wanted = least < 0 ? specs.length : least;
        return {
          index: i,
          text: `missing arguments (got ${given.length}/${wanted}), type '${TYPE_WORDS[spec.type]}' expected`,
        };
      }
      return { index: i, text: `expected type '${TYPE_WORDS[spec.type]}' at position ${i + 1}, but got nothing` };
    }
    const value = typeArg(spec, text, i, scope);
    if (typeof value === "object" && value !== null) return value;
    args.push(value);
  }
  return args;
}

function mayBeEmpty(spec: ArgSpec): boolean {
  return spec.type === "str" || spec.type === "file";
}

/** An optional argument that was left out: names of proxies default to the section's own. */
function absent(spec: ArgSpec, index: number, scope: ArgScope): ArgNode {
  const { kind, name } = scope.context.section;
  const isProxy = kind === "frontend" || kind === "backend" || kind === "listen";
  if (!isProxy) return null;
  if (spec.type === "table" || spec.type === "backend" || spec.type === "frontend" || spec.type === "proxy") {
    scope.references.push({ type: spec.type, name, where: `arg ${index + 1} of ${scope.owner}` });
    return name;
  }
  return null;
}

function typeArg(spec: ArgSpec, text: string, index: number, scope: ArgScope): ArgNode | ArgsError {
  const refused = (why = ""): ArgsError => ({
    index,
    text: `failed to parse '${text}' as type '${TYPE_WORDS[spec.type]}' at position ${index + 1}` +
      (why === "" ? "" : ` : ${why}`),
  });
  switch (spec.type) {
    case "str":
      return text;
    case "sint":
      return parseInteger(text) ?? refused();
    case "number": {
      const number = parseInteger(text);
      if (number !== null) return number;
      const name = parseVariableName(text);
      return typeof name === "string" ? { index: -1, text: "expects an integer or a variable name" } : name.text;
    }
    case "time": {
      const ms = parseTimeMs(text);
      return typeof ms === "string" ? refused(ms) : ms;
    }
    case "size": {
      const size = parseSize(text);
      return typeof size === "string" ? refused(size) : size;
    }
    case "ipv4": {
      const bytes = new Uint8Array(4);
      return readIpv4(text, bytes) ? u32(bytes) : refused();
    }
    case "ipv6": {
      const bytes = parseIp(text);
      return bytes?.length === 16 ? text : refused();
    }
    case "mask4":
      return mask4(text) ?? refused();
    case "mask6":
      return mask6(text) ?? refused();
    case "regex": {
      const regex = compileRegex(text, false);
      return typeof regex === "string" ? refused(regex) : text;
    }
    case "var": {
      const name = parseVariableName(text);
      return typeof name === "string" ? { index: -1, text: name } : name.text;
    }
    case "map": {
      const file = patternFile(text, scope.context);
      return "error" in file ? { index: -1, text: file.error } : file.name;
    }
    case "file": {
      if (typeof parseVariableName(text) !== "string") return text;
      const file = scope.context.file(text, true);
      return typeof file === "string" || file.bytes === null ? text : file.key;
    }
    case "server":
      scope.references.push({ type: "server", name: serverName(text, scope), where: whereOf(index, scope) });
      return serverName(text, scope);
    case "acl": {
      const name = text.replace(/^!/, "");
      const acl = findAcl(name, scope.context);
      if (acl === null) return { index: -1, text: `no such ACL : '${name}'` };
      scope.acls[name] = acl;
      return text;
    }
    case "frontend":
    case "backend":
    case "proxy":
    case "table":
    case "userlist":
      scope.references.push({ type: spec.type, name: text, where: whereOf(index, scope) });
      return text;
  }
}

function whereOf(index: number, scope: ArgScope): string {
  return `arg ${index + 1} of ${scope.owner}`;
}

/** "srv" is a server of the section itself. */
function serverName(text: string, scope: ArgScope): string {
  return text.includes("/") ? text : `${scope.context.section.name}/${text}`;
}

/** A mask as unsigned 32 bits: a prefix length or a dotted mask. */
function mask4(text: string): number | null {
  if (/^[0-9]{1,2}$/.test(text)) return Number(text) > 32 ? null : prefixMask(Number(text));
  const bytes = new Uint8Array(4);
  return readIpv4(text, bytes) ? u32(bytes) : null;
}

function prefixMask(prefix: number): number {
  return prefix === 0 ? 0 : -1 << (32 - prefix) >>> 0;
}

/** A prefix length, also given as an address of leading one bits. */
function mask6(text: string): number | null {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text) > 128 ? null : Number(text);
  const bytes = parseIp(text);
  if (bytes?.length !== 16) return null;
  const prefix = prefixOfMask(bytes);
  return prefix < 0 ? null : prefix;
}

function u32(bytes: Uint8Array): number {
  return (bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]) >>> 0;
}
