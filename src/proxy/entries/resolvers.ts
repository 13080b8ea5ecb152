// The resolvers section (configuration.txt 5.3.2).
import { bytesToLatin1, parseIp } from "../../base/mod.ts";
import type { AddressNode, Cursor, KeywordEntry } from "../../config/mod.ts";
import { type Hold, HOLDS, type Nameserver, type ResolversEnv } from "../resolvers/config.ts";

const DNS_PORT = 53;
const MIN_PAYLOAD = 12;
const MAX_PAYLOAD = 65535;
const MAX_RETRIES = 100;
const RESOLV_CONF = "/etc/resolv.conf";

function keyword<N>(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => N,
  apply: (env: ResolversEnv["resolvers"], value: N) => void,
): KeywordEntry {
  const entry: KeywordEntry<N, ResolversEnv> = {
    kind: "keyword",
    name,
    manual: "5.3.2",
    doc,
    sections: ["resolvers"],
    parse(cursor) {
      const value = parse(cursor);
      cursor.end();
      return value;
    },
    build: (node, env) => apply(env.resolvers, node.value),
  };
  return entry as KeywordEntry;
}

interface NameserverNode {
  readonly name: string;
  readonly address: AddressNode;
}

function parseNameserver(cursor: Cursor): NameserverNode {
  if (cursor.peek(1) === undefined) cursor.fail("'nameserver' expects <name> and <addr>[:<port>] as arguments.");
  const at = cursor.at;
  const name = cursor.take("<name>");
  const { nodes } = cursor.context.section;
  if (nodes.some((n) => n.keyword === "nameserver" && (n.value as NameserverNode).name === name)) {
    cursor.fail(`'nameserver' : a name server of the name '${name}' is declared above.`, at);
  }
  const place = cursor.at;
  const address = cursor.address({ ports: "optional", transport: "dgram", transports: ["dgram", "stream"] });
  if (!["ipv4", "ipv6", "name"].includes(address.family)) {
    cursor.fail(`'nameserver ${name}' : this kind of address is not supported in '${address.text}'.`, place);
  }
  if (!cursor.done) {
    cursor.fail(`'nameserver ${name}' : '${cursor.peek()}' : options of servers are not supported yet.`);
  }
  return { name, address };
}

function nameserverOf({ name, address }: NameserverNode): Nameserver | null {
  const { family, host, port, transport } = address;
  if (family !== "ipv4" && family !== "ipv6") return null;
  return { name, address: { family, host, port: port || DNS_PORT }, stream: transport === "stream" };
}

/** The addresses of its `nameserver` lines. */
function parseResolvConf(cursor: Cursor): string[] {
  const file = cursor.context.file(RESOLV_CONF, false);
  if (typeof file === "string") cursor.fail(`'parse-resolv-conf' : failed to open ${RESOLV_CONF} : ${file}.`);
  const hosts: string[] = [];
  for (const line of bytesToLatin1(file.bytes!).split("\n")) {
    const host = /^nameserver[ \t]+(\S+)/.exec(line)?.[1];
    if (host === undefined) continue;
    if (parseIp(host) === null) cursor.warn(`'parse-resolv-conf' : '${host}' in ${RESOLV_CONF} is no address.`);
    else if (!hosts.includes(host)) hosts.push(host);
  }
  return hosts;
}

interface HoldNode {
  readonly status: Hold;
  readonly ms: number;
}

function parseHold(cursor: Cursor): HoldNode {
  if (cursor.peek(1) === undefined) cursor.fail("'hold' expects an <event> and a <time> as arguments.");
  const at = cursor.at;
  const status = HOLDS.find((known) => known === cursor.peek());
  if (status === undefined) {
    const known = HOLDS.map((hold) => `'${hold}'`).join(", ");
    cursor.fail(`'hold' unknown <event>: '${cursor.peek()}', expects one of ${known}.`, at);
  }
  cursor.position++;
  return { status, ms: cursor.time("<time>") };
}

interface TimeoutNode {
  readonly event: "resolve" | "retry";
  readonly ms: number;
}

function parseTimeout(cursor: Cursor): TimeoutNode {
  const event = cursor.peek();
  if (event === undefined) cursor.fail("'timeout' expects 'retry' or 'resolve' and <time> as arguments.");
  if (event !== "resolve" && event !== "retry") {
    cursor.fail(`'timeout' expects 'retry' or 'resolve' and <time> as arguments got '${event}'.`);
  }
  cursor.position++;
  if (cursor.done) cursor.fail(`'timeout ${event}' expects <time> as argument.`);
  const at = cursor.at;
  const ms = cursor.time("<time>");
  if (ms === 0) cursor.fail(`'timeout ${event}' expects a positive <time>.`, at);
  return { event, ms };
}

export const resolversKeywords: readonly KeywordEntry[] = [
  keyword("nameserver", "A name server that is asked.", parseNameserver, (resolvers, node) => {
    const nameserver = nameserverOf(node);
    if (nameserver !== null) resolvers.nameservers.push(nameserver);
  }),
  keyword("parse-resolv-conf", `Asks the name servers of ${RESOLV_CONF}, too.`, parseResolvConf, (resolvers, hosts) => {
    for (const host of hosts) {
      const family = host.includes(":") ? "ipv6" : "ipv4";
      resolvers.nameservers.push({ name: host, address: { family, host, port: DNS_PORT }, stream: false });
    }
  }),
  keyword("accepted_payload_size", "The longest answer that is accepted.", (cursor) => {
    return cursor.int("<nb>", MIN_PAYLOAD, MAX_PAYLOAD);
  }, (resolvers, size) => {
    resolvers.payloadSize = size;
  }),
  keyword("resolve_retries", "How often a question is asked.", (cursor) => cursor.int("<nb>", 1, MAX_RETRIES), (
    resolvers,
    retries,
  ) => {
    resolvers.retries = retries;
  }),
  keyword("hold", "How long a result counts.", parseHold, (resolvers, { status, ms }) => {
    resolvers.hold[status] = ms;
  }),
  keyword("timeout", "How long an answer may take; how often servers' names are resolved.", parseTimeout, (
    resolvers,
    { event, ms },
  ) => {
    if (event === "resolve") resolvers.resolveMs = ms;
    else resolvers.retryMs = ms;
  }),
];
