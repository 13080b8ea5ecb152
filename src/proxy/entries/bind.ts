// `bind` and its options (configuration.txt 4.2 and 5.1).
import {
  type AddressNode,
  type KeywordEntry,
  type Location,
  type OptionNode,
  parseOptions,
  type Registry,
} from "../../config/mod.ts";
import { BindConfig, type ProxyEnv } from "../config.ts";
import type { BindOption } from "./bind_options.ts";

/** A `bind` line. */
export interface BindNode {
  readonly addresses: readonly AddressNode[];
  readonly options: readonly OptionNode[];
}

/** Most ports of a range: each is a socket. */
const MAX_PORTS = 4096;

/** Address families a listener can have here. */
const FAMILIES: readonly AddressNode["family"][] = ["ipv4", "ipv6", "name", "unix", "abns", "abnsz", "fd"];

const bind: KeywordEntry<BindNode, ProxyEnv> = {
  kind: "keyword",
  name: "bind",
  manual: "4.2",
  doc: "Listens on addresses and ports.",
  sections: ["frontend", "listen"],
  parse(cursor) {
    if (cursor.done) {
      cursor.fail("'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments.");
    }
    const at = cursor.at;
    const text = cursor.peek()!;
    const addresses = cursor.addresses({ ports: "required", range: true, transport: "stream", fd: true });
    for (const address of addresses) {
      if (!FAMILIES.includes(address.family)) {
        cursor.fail(`'bind' : '${address.family}@' is not supported yet in '${text}'.`, at);
      }
      if (address.mptcp) cursor.fail(`'bind' : 'mptcp@' is not supported yet in '${text}'.`, at);
      if (address.portEnd - address.port >= MAX_PORTS) cursor.fail(`'bind' : more than ${MAX_PORTS} ports.`, at);
    }
    return { addresses, options: parseOptions(cursor, "bind", `bind ${text}`) };
  },
  check(node, section, names) {
    const id = node.value.options.findLast((o) => o.name === "id")?.value;
    if (id === undefined) return;
    const first = section.nodes.find((n) =>
      n.keyword === "bind" && (n.value as BindNode).options.some((o) => o.name === "id" && o.value === id)
    );
    if (first !== undefined && first !== node) {
      names.error(node.at, `'bind' : custom id ${id} already used at ${first.at.file}:${first.at.line}.`);
    }
  },
  build(node, env) {
    for (const address of node.value.addresses) {
      const last = address.family === "ipv4" || address.family === "ipv6" ? address.portEnd : address.port;
      for (let port = address.port; port <= last; port++) {
        const one = { ...address, port, portEnd: port };
        const config = bindConfig(one, node.at, node.value.options, env.registry);
        // A number can be of one listener only: the first of the line.
        if (config.id !== 0 && env.proxy.binds.some((b) => b.id === config.id)) config.id = 0;
        env.proxy.binds.push(config);
      }
    }
  },
};

/** What a line says of one address it listens on. */
export function bindConfig(
  address: AddressNode,
  at: Location,
  options: readonly OptionNode[],
  registry: Registry,
): BindConfig {
  const config = new BindConfig(address, at, new Map(options.map((o) => [o.name, o.value])));
  for (const { name, value } of options) (registry.find("bind", name) as BindOption).apply?.(config, value);
  return config;
}

export const bindKeywords: readonly KeywordEntry[] = [bind as KeywordEntry];
