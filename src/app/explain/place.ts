// Which frontend a request reaches, and between which addresses: what the kernel would decide from the address that the
// client connects to.
import { didYouMean } from "../../config/mod.ts";
import type { BindConfig, ProxyConfig } from "../../proxy/mod.ts";
import type { Address } from "../../sys/types.ts";
import type { ExplainArguments } from "./arguments.ts";

/** Where a request arrives. */
export interface Place {
  readonly frontend: ProxyConfig;
  /** Which of its bind lines: the first one that fits. */
  readonly bind: BindConfig;
  readonly src: Address;
  readonly dst: Address;
  /** What to listen on: the address of the bind line where it fits, for "all addresses" those. */
  readonly listen: Address;
  readonly notices: readonly string[];
}

/** Addresses for documentation (RFC 5737, RFC 3849), and a port, where the operator names none. */
const SRC = { ipv4: "192.0.2.1", ipv6: "2001:db8::1" } as const;
const DST = { ipv4: "192.0.2.80", ipv6: "2001:db8::80" } as const;
const SRC_PORT = 50000;

type Asked = Pick<ExplainArguments, "frontend" | "scheme" | "host" | "port" | "src" | "dst">;

/** A string says why no frontend can be told. */
export function findPlace(configs: readonly ProxyConfig[], asked: Asked): Place | string {
  const notices: string[] = [];
  const frontend = asked.frontend === null
    ? frontendFor(configs, asked, notices)
    : frontendNamed(configs, asked.frontend, notices);
  if (typeof frontend === "string") return frontend;
  if (frontend.mode !== "http") {
    const { file, line } = frontend.at;
    return `${frontend.kind} '${frontend.name}' (${file}:${line}) is in mode ${frontend.mode}: there are no requests to ` +
      "explain, only connections. A frontend in mode http can be chosen with --frontend.";
  }
  const bind = bindOf(frontend, asked);
  if (bind === undefined) {
    return `${frontend.kind} '${frontend.name}' has no bind line, so that no request can come to it.`;
  }
  return addressesOf(frontend, bind, asked, notices);
}

function frontendNamed(configs: readonly ProxyConfig[], name: string, notices: string[]): ProxyConfig | string {
  const found = configs.find((c) => c.hasFrontend && c.name === name);
  if (found !== undefined) {
    if (found.disabled) {
      notices.push(`${found.kind} '${name}' is disabled: no request comes to it before it is enabled`);
    }
    return found;
  }
  if (configs.some((c) => c.name === name)) return `'${name}' is a backend: requests come to a frontend first.`;
  return `no frontend '${name}'${didYouMean(name, configs.filter((c) => c.hasFrontend).map((c) => c.name))}`;
}

/** The frontend that the addresses lead to. */
function frontendFor(configs: readonly ProxyConfig[], asked: Asked, notices: string[]): ProxyConfig | string {
  const all = configs.filter((c) => c.hasFrontend && !c.disabled && c.binds.length > 0);
  if (all.length === 0) return "no frontend listens: there is nothing that a request could come to.";
  const http = all.filter((c) => c.mode === "http");
  if (http.length === 0) return "no frontend is in mode http: there are no requests to explain, only connections.";
  const wanted = wantedPort(asked);
  const fitting = all.filter((c) => c.binds.some((bind) => fits(bind, wanted, asked)));
  if (fitting.length === 1) return fitting[0];
  if (wanted === 0 && http.length === 1) return http[0];
  if (fitting.length > 1) {
    return `${fitting.length} frontends listen there; choose one with --frontend: ${list(fitting)}.`;
  }
  if (http.length === 1) {
    notices.push(`no bind line has ${describe(wanted, asked)}; '${http[0].name}' is the only frontend in mode http`);
    return http[0];
  }
  return `no frontend listens on ${describe(wanted, asked)}; choose one with --frontend: ${list(http)}.`;
}

/** The port that the request goes to; 0 when it does not say. */
function wantedPort({ dst, port, scheme }: Asked): number {
  if (dst !== null) return dst.port;
  return port !== 0 ? port : scheme === "https" ? 443 : scheme === "http" ? 80 : 0;
}

function fits({ address }: BindConfig, port: number, { dst }: Asked): boolean {
  if (address.family !== "ipv4" && address.family !== "ipv6") return port === 0 && dst === null;
  if (port !== 0 && address.port !== port) return false;
  if (dst === null || address.host === dst.host) return true;
  return address.host === "::" || address.host === "0.0.0.0" && dst.family === "ipv4";
}

function bindOf(frontend: ProxyConfig, asked: Asked): BindConfig | undefined {
  const wanted = wantedPort(asked);
  const inet = frontend.binds.filter(({ address }) => address.family === "ipv4" || address.family === "ipv6");
  const fitting = frontend.binds.filter((bind) => fits(bind, wanted, asked));
  const sameFamily = fitting.find((bind) => asked.src !== null && bind.address.family === asked.src.family);
  return sameFamily ?? fitting[0] ?? inet[0] ?? frontend.binds[0];
}

function addressesOf(frontend: ProxyConfig, bind: BindConfig, asked: Asked, notices: string[]): Place | string {
  const { address } = bind;
  if (address.family !== "ipv4" && address.family !== "ipv6") {
    const listen: Address = { family: "unix", path: `${address.family === "unix" ? "" : "\0"}${address.host}` };
    if (asked.src !== null || asked.dst !== null) {
      return `'${frontend.name}' listens on ${address.text}, where clients have no address: no --src and --dst.`;
    }
    return { frontend, bind, src: listen, dst: listen, listen, notices };
  }
  const anywhere = address.host === "0.0.0.0" || address.host === "::";
  const own: Address = { family: address.family, host: address.host, port: address.port };
  if (asked.dst !== null) {
    if (!fits(bind, wantedPort(asked), asked)) {
      notices.push(`'${frontend.name}' has no bind line for ${addressText(asked.dst)}`);
      return withSource(frontend, bind, asked.dst, asked.dst, asked, notices);
    }
    return withSource(frontend, bind, asked.dst, anywhere ? own : asked.dst, asked, notices);
  }
  // Behind "::" are both families, unless the client's address tells.
  const family = address.family === "ipv6" && asked.src?.family !== "ipv4" ? "ipv6" : "ipv4";
  const dst: Address = anywhere ? { family, host: DST[family], port: address.port } : own;
  return withSource(frontend, bind, dst, own, asked, notices);
}

function withSource(
  frontend: ProxyConfig,
  bind: BindConfig,
  dst: Address,
  listen: Address,
  { src }: Asked,
  notices: string[],
): Place | string {
  const family = dst.family === "ipv6" ? "ipv6" : "ipv4";
  if (src === null) {
    return { frontend, bind, src: { family, host: SRC[family], port: SRC_PORT }, dst, listen, notices };
  }
  if (src.family !== family) {
    return `a client at ${src.host} does not reach ${addressText(dst)}: --src and --dst are of two families.`;
  }
  const from = src.port === 0 ? { ...src, port: SRC_PORT } : src;
  return { frontend, bind, src: from, dst, listen, notices };
}

function describe(port: number, { dst }: Asked): string {
  if (dst !== null) return addressText(dst);
  return port === 0 ? "an address" : `port ${port}`;
}

function list(frontends: readonly ProxyConfig[]): string {
  return frontends.map((c) => `${c.name} (${c.binds[0].address.text}, ${c.at.file}:${c.at.line})`).join(", ");
}

/** An address as people write it. */
export function addressText(address: Address): string {
  if (address.family === "unix") return address.path.startsWith("\0") ? `abns@${address.path.slice(1)}` : address.path;
  return address.family === "ipv6" ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
