// `server` and `default-server` (configuration.txt 4.2).
import {
  type AddressNode,
  type Cursor,
  type KeywordEntry,
  type Location,
  type Names,
  type Node,
  type OptionNode,
  parseOptions,
  type Section,
} from "../../config/mod.ts";
import { type ProxyEnv, ServerConfig } from "../config.ts";
import type { InitMethod, ServerOption } from "./server_options.ts";

/** A `server` line. */
export interface ServerNode {
  readonly name: string;
  /** The host name that the address was written as, which is resolved; empty: none. */
  readonly fqdn: string;
  readonly address: AddressNode;
  readonly options: readonly OptionNode[];
}

const FAMILIES: readonly AddressNode["family"][] = ["ipv4", "ipv6", "name", "unix", "abns", "abnsz"];

function parseServer(cursor: Cursor): ServerNode {
  const at = cursor.at;
  const name = cursor.take("<name> and <addr>[:<port>]");
  const wrong = /[^A-Za-z0-9_.:-]/.exec(name);
  if (wrong !== null) cursor.fail(`character '${wrong[0]}' is not permitted in server name '${name}'.`, at);
  if (cursor.done) cursor.fail("'server' expects <name> and <addr>[:<port>] as arguments.");
  const addressAt = cursor.at;
  const written = cursor.address({ ports: "optional", offset: true, zero: true, transport: "stream" });
  // Port 0 is none at all: the one the client connected to.
  const address: AddressNode = written.portKind === "fixed" && written.port === 0
    ? { ...written, portKind: "none" }
    : written;
  if (!FAMILIES.includes(address.family) || address.mptcp) {
    cursor.fail(`'server' : this kind of address is not supported yet in '${address.text}'.`, addressAt);
  }
  const fqdn = address.family === "name" ? address.host : "";
  const options = parseOptions(cursor, "server", `server ${cursor.context.section.name}/${name}`);
  return { name, fqdn, address, options };
}

const server: KeywordEntry<ServerNode, ProxyEnv> = {
  kind: "keyword",
  name: "server",
  manual: "4.2",
  doc: "Declares a server.",
  sections: ["listen", "backend"],
  parse: parseServer,
  check(node, section, names) {
    const servers = section.nodes.filter((n) => n.keyword === "server");
    const earlier = servers.slice(0, servers.indexOf(node));
    const twin = earlier.find((n) => (n.value as ServerNode).name === node.value.name);
    if (twin !== undefined) {
      names.error(
        node.at,
        `${section.kind} '${section.name}', another server named '${node.value.name}' was already defined at line ` +
          `${twin.at.line}, please use distinct names.`,
      );
    }
    const id = optionOf(node.value, "id");
    const same = id === undefined ? undefined : earlier.find((n) => optionOf(n.value as ServerNode, "id") === id);
    if (same !== undefined) {
      names.error(
        node.at,
        `'server ${section.name}/${node.value.name}' : 'id' : custom id ${id} already used at ${same.at.file}:` +
          `${same.at.line} ('server ${(same.value as ServerNode).name}').`,
      );
    }
    const options = effectiveOptions(section.nodes, node);
    checkResolvers(node, section, options.get("resolvers") as string | undefined, names);
    const steps = section.nodes.filter((n) => n.keyword === "tcp-check connect");
    const everyStepHasPort = steps.length > 0 && steps.every((n) => (n.value as { port: number }).port > 0);
    if (options.get("check") === true && !everyStepHasPort && !hasCheckPort(node.value.address, options)) {
      names.error(
        node.at,
        `${section.kind} '${section.name}': server '${node.value.name}' has neither service port nor check port.`,
      );
    }
  },
  build(node, env) {
    const options = [...env.proxy.serverDefaults, ...node.value.options];
    const byName = new Map(options.map((o) => [o.name, o.value]));
    const config = new ServerConfig(node.value.name, node.value.address, node.at, byName);
    config.fqdn = node.value.fqdn;
    for (const { name, value } of options) (env.registry.find("server", name) as ServerOption).apply?.(config, value);
    env.proxy.servers.push(config);
  },
};

function checkResolvers(
  { at, value }: { readonly at: Location; readonly value: ServerNode },
  section: Section,
  resolvers: string | undefined,
  names: Names,
): void {
  if (resolvers === undefined) return;
  if (names.section("resolvers", resolvers) === undefined) {
    names.error(
      at,
      `proxy '${section.name}', server '${value.name}': unable to find required resolvers '${resolvers}'.`,
    );
  }
  if (value.fqdn.startsWith("_")) {
    names.error(at, `'server ${section.name}/${value.name}' : SRV labels ('${value.fqdn}') are not supported yet.`);
  }
}

/** How the first address of a server is found, in order (`init-addr`). */
export function initMethods(section: Section, server: Node): readonly InitMethod[] {
  const options = effectiveOptions(section.nodes, server as Node<ServerNode>);
  return (options.get("init-addr") as readonly InitMethod[] | undefined) ?? ["last", "libc"];
}

function optionOf(node: ServerNode, name: string): unknown {
  return node.options.findLast((o) => o.name === name)?.value;
}

/** Options of a server with those of the default-server lines before it; "no-" forms undo. */
function effectiveOptions(
  nodes: readonly { keyword: string; value: unknown }[],
  server: { readonly value: ServerNode },
): Map<string, unknown> {
  const out = new Map<string, unknown>();
  const add = (options: readonly OptionNode[]) => {
    for (const { name, value } of options) {
      if (name.startsWith("no-")) out.delete(name.slice(3));
      else out.set(name, value);
    }
  };
  for (const node of nodes) {
    if (node === server) break;
    if (node.keyword === "default-server") add(node.value as readonly OptionNode[]);
  }
  add(server.value.options);
  return out;
}

function hasCheckPort(address: AddressNode, options: ReadonlyMap<string, unknown>): boolean {
  if (address.portKind === "fixed" || options.has("port")) return true;
  const other = options.get("addr") as AddressNode | undefined;
  if (other !== undefined) return other.portKind === "fixed" || other.family === "unix";
  return address.family === "unix" || address.family === "abns" || address.family === "abnsz";
}

const defaultServer: KeywordEntry<readonly OptionNode[], ProxyEnv> = {
  kind: "keyword",
  name: "default-server",
  manual: "4.2",
  doc: "Presets options of the servers that follow.",
  sections: ["defaults", "listen", "backend"],
  inherit: true,
  parse(cursor) {
    if (cursor.done) cursor.fail("'default-server' expects options as arguments.");
    const at = cursor.at;
    const options = parseOptions(cursor, "server", "default-server");
    if (options.some((o) => o.name === "id")) {
      cursor.fail("'id' option is not accepted in default-server sections.", at);
    }
    return options;
  },
  build: (node, env) => {
    env.proxy.serverDefaults.push(...node.value);
  },
};

export const serverKeywords: readonly KeywordEntry[] = [server as KeywordEntry, defaultServer as KeywordEntry];
