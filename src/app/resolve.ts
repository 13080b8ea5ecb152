// Host names in addresses of `bind`, `server` and the like become addresses once, before anything is opened: the model
// that threads get names none. (Following a name's changes is the work of `resolvers`.)
import type { AddressNode, Diagnostic, Model, Node, OptionNode, Section } from "../config/mod.ts";
import { hostsOfPatterns, listConflicts } from "../sample/mod.ts";
import type { Dns } from "../sys/types.ts";

/** The parts of a `server` statement that matter here. */
interface ServerNode {
  readonly address: AddressNode;
  readonly options: readonly OptionNode[];
}

export interface Resolved {
  readonly model: Model;
  readonly diagnostics: readonly Diagnostic[];
}

/** How names are resolved. */
export interface Resolving {
  /** -4. */
  readonly ipv4Only: boolean;
  /** -dr: a server whose name has no address is disabled. */
  readonly ignoreFailures: boolean;
}

const AS_CONFIGURED: Resolving = { ipv4Only: false, ignoreFailures: false };

/** A copy of the model with every name resolved; each that has no address is an ALERT, or a WARNING where it may be. */
export async function resolveNames(model: Model, dns: Dns, resolving = AS_CONFIGURED): Promise<Resolved> {
  const { ipv4Only, ignoreFailures } = resolving;
  const wanted = new Map<string, AddressNode>();
  const collect = (value: unknown): void => {
    if (isName(value)) wanted.set(keyOf(value), value);
    else if (isBranch(value)) { for (const part of Object.values(value)) collect(part); }
  };
  for (const section of model.sections) for (const node of section.nodes) collect(node.value);
  const { names, diagnostics } = await patternNames(model, dns);
  if (wanted.size === 0) return { model: names === null ? model : { ...model, names }, diagnostics };

  const found = new Map<string, string>();
  for (const [key, node] of wanted) {
    const addresses = await dns.lookup(node.host, ipv4Only ? "ipv4" : node.resolve);
    const address = addresses.find((a) => !a.includes(":")) ?? addresses[0];
    if (address !== undefined) found.set(key, address);
  }
  const copies = new Map<object, unknown>();
  const replaced = (value: unknown, section: Section, node: Node): unknown => {
    if (isName(value)) {
      const host = found.get(keyOf(value));
      if (host === undefined) {
        diagnostics.push({ level: "ALERT", at: node.at, text: unresolved(value, section, node) });
        return value;
      }
      return { ...value, family: host.includes(":") ? "ipv6" : "ipv4", host };
    }
    if (!isBranch(value)) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    // Before its parts: an ACL and its lines refer to each other, and all who use it share it.
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    copies.set(value, copy);
    if (Array.isArray(copy)) { for (const part of value as unknown[]) copy.push(replaced(part, section, node)); }
    else for (const [name, part] of Object.entries(value)) copy[name] = replaced(part, section, node);
    return copy;
  };
  /** -dr: a server without address, which will be in maintenance. */
  const disabled = (section: Section, node: Node): Node => {
    if (!ignoreFailures || node.keyword !== "server") return node;
    const server = node.value as ServerNode;
    if (!isName(server.address) || found.has(keyOf(server.address))) return node;
    const text = `${unresolved(server.address, section, node).slice(0, -1)}, disabling server.`;
    diagnostics.push({ level: "WARNING", at: node.at, text });
    const address: AddressNode = { ...server.address, family: "ipv4", host: "0.0.0.0" };
    return { ...node, value: { ...server, address, options: [...server.options, { name: "disabled", value: true }] } };
  };
  const sections = model.sections.map((section) => ({
    ...section,
    nodes: section.nodes.map((written) => {
      const node = disabled(section, written);
      return { ...node, value: replaced(node.value, section, node) };
    }),
  }));
  return { model: { ...model, sections, names: names ?? undefined }, diagnostics };
}

/**
 * Addresses of the hosts that ACLs name in their patterns: IPv4 (configuration.txt 7.1.6). Null when there are none. What is
 * wrong with the lists as a whole is told here, too.
 */
async function patternNames(model: Model, dns: Dns) {
  const names: Record<string, string> = {};
  const diagnostics = listConflicts(model);
  for (const [host, { at, where }] of hostsOfPatterns(model)) {
    const [address] = await dns.lookup(host, "ipv4");
    if (address !== undefined) names[host] = address;
    else diagnostics.push({ level: "ALERT", at, text: `'${host}' is not a valid IPv4 or IPv6 address${where}.` });
  }
  return { names: Object.keys(names).length > 0 ? names : null, diagnostics };
}

function unresolved(address: AddressNode, section: Section, node: Node): string {
  const name = (node.value as { name?: unknown }).name;
  const server = node.keyword === "server" && typeof name === "string" ? ` ${section.name}/${name}` : "";
  return `'${node.keyword}${server}' : could not resolve address '${address.host}'.`;
}

function keyOf(node: AddressNode): string {
  return `${node.resolve} ${node.host}`;
}

function isName(value: unknown): value is AddressNode {
  return isBranch(value) && (value as { family?: unknown }).family === "name" && "portKind" in value;
}

/** Plain data that may hold an address somewhere; bytes do not. */
function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}
