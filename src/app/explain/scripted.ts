// The peers of an explained request: a client that sends it, and servers at whatever address the proxy connects to, that
// write down what they get and answer as they were told.
import type { Peer, SimWorld } from "../../sys/sim/mod.ts";
import { type Address, IO_END, IO_RESET, type Net } from "../../sys/types.ts";
import type { ExplainArguments, ScriptedAnswer } from "./arguments.ts";
import { addressText } from "./place.ts";
import type { ClientEnd } from "./report.ts";

/** What a server got and said. */
export interface Exchange {
  readonly request: string;
  /** The first line of the answer. */
  readonly answer: string;
}

export class ScriptedServers {
  readonly exchanges: Exchange[] = [];
  readonly #world: SimWorld;
  readonly #answer: ScriptedAnswer;
  /** Where the connections to an address really go, by its text. */
  readonly #served = new Map<string, Address>();

  constructor(world: SimWorld, answer: ScriptedAnswer) {
    this.#world = world;
    this.#answer = answer;
  }

  /** The network with a server wherever somebody connects to. `taken`: addresses of the proxy itself. */
  net(net: Net, taken: readonly Address[]): Net {
    return {
      open: (spec) => net.open(spec),
      adopt: (token) => net.adopt(token),
      give: () => "there are no other processes here",
      optionsUsable: () => net.optionsUsable(),
      datagram: (family, local) => net.datagram(family, local),
      connect: (spec) => net.connect({ ...spec, remote: this.#server(spec.remote, taken) }),
    };
  }

  #server(remote: Address, taken: readonly Address[]): Address {
    const key = addressText(remote);
    const known = this.#served.get(key);
    if (known !== undefined) return known;
    // Who is its own server would explain another request: a server elsewhere takes its place.
    const own = taken.some((address) => addressText(address) === key);
    const address: Address = own ? { family: "unix", path: `\0server ${key}` } : remote;
    this.#world.serve(address, (peer) => this.#serve(peer));
    this.#served.set(key, address);
    return address;
  }

  async #serve(peer: Peer): Promise<void> {
    for (;;) {
      const head = await peer.until("\r\n\r\n");
      if (!head.endsWith("\r\n\r\n")) return;
      const body = await readBody(peer, head);
      const { first, bytes } = this.#respond(head, body.content);
      this.exchanges.push({ request: head + body.wire, answer: first });
      if (await peer.send(bytes) < 0) return;
    }
  }

  #respond(head: string, content: string): { first: string; bytes: string } {
    const { status, reason, headers } = this.#answer;
    const body = this.#answer.body ?? content;
    const first = `HTTP/1.1 ${status} ${reason}`;
    const bodiless = status === 204 || status === 304;
    const lines = [first, ...headers, ...(bodiless ? [] : [`content-length: ${body.length}`])];
    const sent = bodiless || head.startsWith("HEAD ") ? "" : body;
    return { first: first.trimEnd(), bytes: `${lines.join("\r\n")}\r\n\r\n${sent}` };
  }
}

/** The body behind a head: its bytes as they came, and what they carry. */
async function readBody(peer: Peer, head: string): Promise<{ wire: string; content: string }> {
  if (/^transfer-encoding:.*chunked/im.test(head)) {
    let wire = "";
    let content = "";
    for (;;) {
      const line = await peer.until("\r\n");
      const size = parseInt(line, 16);
      const data = await peer.exactly((size > 0 ? size : 0) + 2);
      wire += line + data;
      if (!(size > 0)) return { wire, content };
      content += data.slice(0, size);
    }
  }
  const length = /^content-length: *(\d+)/im.exec(head);
  const wire = await peer.exactly(length === null ? 0 : Number(length[1]));
  return { wire, content: wire };
}

/** A client with one request. */
export class ScriptedClient {
  received = "";
  end: ClientEnd = "open";
  /** From the request to the first byte of the response, ms; -1: none came. */
  firstByteMs = -1;
  readonly #world: SimWorld;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** Sends the request and reads until the connection ends. */
  async run(bytes: string, src: Address, dst: Address): Promise<void> {
    const { core } = this.#world;
    await this.#world.client(dst, async (peer) => {
      const sentAt = core.time;
      await peer.send(bytes);
      while (await peer.more()) {
        if (this.firstByteMs < 0) this.firstByteMs = core.time - sentAt;
        this.received += peer.take(peer.received.length);
      }
      if (peer.ended === IO_END) this.end = "closed";
      else if (peer.ended === IO_RESET) this.end = "reset";
    }, dst.family === "unix" ? undefined : src);
  }
}

/** The bytes of the request. `dst` names the host where the request does not. */
export function requestBytes(asked: ExplainArguments, dst: Address): string {
  const named = (name: string) => asked.headers.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const lines = [`${asked.method} ${asked.target} HTTP/${asked.version}`];
  if (!named("host") && asked.version === "1.1") lines.push(`Host: ${hostOf(asked, dst)}`);
  lines.push(...asked.headers);
  const framed = named("content-length") || named("transfer-encoding");
  if (asked.body !== "" && !framed) lines.push(`Content-Length: ${asked.body.length}`);
  return `${lines.join("\r\n")}\r\n\r\n${asked.body}`;
}

/** The host of the URL with its port, else the address that the client connects to. */
function hostOf({ host, port, method, target }: ExplainArguments, dst: Address): string {
  if (method === "CONNECT") return target;
  if (host !== "") return port === 0 ? host : `${host}:${port}`;
  if (dst.family === "unix") return "localhost";
  const text = dst.family === "ipv6" ? `[${dst.host}]` : dst.host;
  return dst.port === 80 || dst.port === 443 ? text : `${text}:${dst.port}`;
}
