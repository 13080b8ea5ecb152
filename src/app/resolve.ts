// Host names in addresses of `bind`, `server` and the like become addresses once, before anything is opened: the model
// that threads get names none. (Following a name's changes is the work of `resolvers`.)
import type { AddressNode, Diagnostic, Model, Node, OptionNode, Section } from "../config/mod.ts";
import { type InitMethod, initMethods } from "../proxy/mod.ts";
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
  /** Whatever `init-addr` says (explain): servers have an address. */
  readonly every?: boolean;
}

const AS_CONFIGURED: Resolving = { ipv4Only: false, ignoreFailures: false };

/**
 * A copy of the model with every name resolved, those of servers as their `init-addr` says; each that has no address is an
 * ALERT, or a WARNING where it may be.
 */
export async function resolveNames(model: Model, dns: Dns, resolving = AS_CONFIGURED): Promise<Resolved> {
  const { ipv4Only, ignoreFailures, every = false } = resolving;
  const methodsOf = (section: Section, node: Node): readonly InitMethod[] => {
    const methods = initMethods(section, node);
    return every ? ["libc", ...methods] : methods;
  };
  const wanted = new Map<string, AddressNode>();
  const collect = (value: unknown): void => {
    if (isName(value)) wanted.set(keyOf(value), value);
    else if (isBranch(value)) { for (const part of Object.values(value)) collect(part); }
  };
  let named = false;
  for (const section of model.sections) {
    for (const node of section.nodes) {
      named ||= isNamedServer(node);
      if (!isNamedServer(node)) {
        collect(node.value);
        continue;
      }
      collect({ ...node.value, address: null });
      if (methodsOf(section, node).includes("libc")) collect(node.value.address);
    }
  }
  const { names, diagnostics } = await patternNames(model, dns);
  if (wanted.size === 0 && !named) return { model: names === null ? model : { ...model, names }, diagnostics };

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
  /** The first address of a server by its methods; as it was, when it may begin without one. Null: there is none. */
  const initial = (section: Section, node: Node<ServerNode>): AddressNode | null => {
    const { address } = node.value;
    for (const method of methodsOf(section, node)) {
      if (method === "none") return address;
      const host = method === "libc" ? found.get(keyOf(address)) : method === "last" ? undefined : method.host;
      if (host !== undefined) return { ...address, family: host.includes(":") ? "ipv6" : "ipv4", host };
    }
    return null;
  };
  /** -dr: a server without address, which will be in maintenance. */
  const disabled = (server: ServerNode): object => ({
    address: { ...server.address, family: "ipv4", host: "0.0.0.0" },
    options: [...server.options, { name: "disabled", value: true }],
  });
  const valueOf = (section: Section, node: Node): unknown => {
    if (!isNamedServer(node)) return replaced(node.value, section, node);
    const { address } = node.value;
    const rest = replaced({ ...node.value, address: null }, section, node) as ServerNode;
    const first = initial(section, node);
    if (first !== null) return { ...rest, address: first };
    const text = unresolved(address, section, node);
    if (!ignoreFailures) {
      diagnostics.push({ level: "ALERT", at: node.at, text });
      return { ...rest, address };
    }
    diagnostics.push({ level: "WARNING", at: node.at, text: `${text.slice(0, -1)}, disabling server.` });
    return { ...rest, ...disabled({ ...rest, address }) };
  };
  const sections = model.sections.map((section) => ({
    ...section,
    nodes: section.nodes.map((node) => ({ ...node, value: valueOf(section, node) })),
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

function isNamedServer(node: Node): node is Node<ServerNode> {
  return node.keyword === "server" && isBranch(node.value) && isName((node.value as ServerNode).address);
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
