// Keywords of proxies about the sockets of their connections: keep-alive of TCP and where connections to servers come from
// (configuration.txt 4.2 "option tcpka", "source").
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import { isTokenText } from "../../http/mod.ts";
import type { Address } from "../../sys/types.ts";
import type { KeepAlive, ProxyConfig, ProxyEnv, SourceConfig } from "../config.ts";
import { targetAddress } from "../target.ts";
import { ANY_PROXY, BACKEND, flag, FRONTEND, setting } from "./kinds.ts";

type Side = "clientKeepAlive" | "serverKeepAlive";

function keepAliveFigures(prefix: string, sections: typeof FRONTEND, side: Side): KeywordEntry[] {
  const figure = <K extends keyof KeepAlive>(name: string, doc: string, field: K, parse: (c: Cursor) => KeepAlive[K]) =>
    setting(`${prefix}-${name}`, sections, doc, parse, (proxy, value) => {
      proxy[side][field] = value;
    });
  const who = side === "clientKeepAlive" ? "client" : "server";
  const seconds = (c: Cursor) => c.time("<timeout>", "s", "s");
  return [
    figure("cnt", `Keep-alive probes before a silent ${who} is given up.`, "count", (c) => c.int("<count>")),
    figure("idle", `Silence of a ${who} before keep-alive probes.`, "idleS", seconds),
    figure("intvl", `Time between keep-alive probes to a ${who}.`, "intervalS", seconds),
  ];
}

/** `option tcpka` is of both sides: of the one that the section has. */
const tcpka: KeywordEntry<null, ProxyEnv> = {
  kind: "keyword",
  name: "option tcpka",
  manual: "4.2",
  doc: "Keep-alive of TCP with clients and servers.",
  sections: ANY_PROXY,
  inherit: true,
  negatable: true,
  parse: () => null,
  build(node, { proxy }) {
    proxy.clientKeepAlive.on = !node.negated;
    proxy.serverKeepAlive.on = !node.negated;
  },
};

/** `source <addr>[:<port>[-<port>]] [usesrc …] [interface <name>]`; `ranges`: of ports, for servers. */
export function parseSource(cursor: Cursor, ranges: boolean): SourceConfig {
  const at = cursor.at;
  const node = cursor.address({ ports: "optional", range: ranges, zero: true, transport: "stream" });
  const address = targetAddress(node);
  if (address === null || address.family === "unix") {
    cursor.fail(`'source' : '${node.text}' is not an IP address.`, at);
  }
  let useSource: SourceConfig["useSource"] = null;
  let name = "";
  for (;;) {
    if (cursor.accept("usesrc")) useSource = parseUseSource(cursor);
    else if (cursor.accept("interface")) name = cursor.take("a name after 'interface'");
    else break;
  }
  const any = (address.host === "0.0.0.0" || address.host === "::") && address.port === 0;
  return { address: any ? null : address, portEnd: node.portEnd, interface: name, useSource };
}

function parseUseSource(cursor: Cursor): SourceConfig["useSource"] {
  const at = cursor.at;
  const next = cursor.peek();
  if (next === "client" || next === "clientip") {
    cursor.take("'client'");
    return { kind: next };
  }
  const header = next === undefined ? null : /^hdr_ip\(([^,()]+)(?:,(-?[0-9]{1,3}))?\)$/.exec(next);
  if (header !== null) {
    cursor.take("'hdr_ip'");
    if (!isTokenText(header[1])) cursor.fail(`'usesrc' : '${header[1]}' is not a header name.`, at);
    const occurrence = header[2] === undefined ? -1 : Number(header[2]);
    return occurrence === 0 ? null : { kind: "header", name: header[1].toLowerCase(), occurrence };
  }
  const node = cursor.address({ ports: "optional", zero: true, transport: "stream" });
  const address: Address | null = targetAddress(node);
  if (address === null || address.family === "unix") {
    cursor.fail("'usesrc' expects <addr>[:<port>], 'client', 'clientip', or 'hdr_ip(name,#)' as argument.", at);
  }
  return { kind: "address", address };
}

const source: KeywordEntry = setting(
  "source",
  BACKEND,
  "Where connections to servers come from.",
  (cursor) => parseSource(cursor, false),
  (proxy: ProxyConfig, value) => {
    proxy.source = value;
  },
);

export const socketKeywords: readonly KeywordEntry[] = [
  tcpka as KeywordEntry,
  flag("clitcpka", FRONTEND, "Keep-alive of TCP with clients.", (proxy, on) => {
    proxy.clientKeepAlive.on = on;
  }),
  flag("srvtcpka", BACKEND, "Keep-alive of TCP with servers.", (proxy, on) => {
    proxy.serverKeepAlive.on = on;
  }),
  ...keepAliveFigures("clitcpka", FRONTEND, "clientKeepAlive"),
  ...keepAliveFigures("srvtcpka", BACKEND, "serverKeepAlive"),
  source,
];
