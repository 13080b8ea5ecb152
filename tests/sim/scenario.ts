// Scenes for tests of single rows: a proxy without faults on virtual time, where every moment is exact.
import type { Faults, Peer, SimWorld } from "../../src/sys/sim/mod.ts";
import type { Address } from "../../src/sys/types.ts";
import { type ProxyWorld, startProxy } from "./proxy_world.ts";

type Script = (peer: Peer) => Promise<unknown>;

/** Where the scenes' proxies listen: HTTP, TCP; and their server. */
export const WEB: Address = { family: "ipv4", host: "10.0.0.1", port: 80 };
export const RAW: Address = { family: "ipv4", host: "10.0.0.1", port: 81 };
export const SERVER: Address = { family: "ipv4", host: "10.0.1.1", port: 80 };

export class Scene {
  constructor(readonly proxy: ProxyWorld) {}

  get world(): SimWorld {
    return this.proxy.world;
  }

  get now(): number {
    return this.world.core.time;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => void this.world.core.after(this.world.core.nobody, ms, wake));
  }

  /** Log lines so far. */
  get log(): string[] {
    return this.world.process.stdout.split("\n").slice(0, -1);
  }

  /** Opens a connection. */
  async connect(to: Address = WEB): Promise<Peer> {
    const peer = await this.world.connect(to);
    if (typeof peer === "number") throw new Error(`connect: code ${peer}`);
    return peer;
  }

  /** What is received up to the end, and when the end came. */
  async drain(peer: Peer): Promise<{ text: string; at: number; code: number }> {
    const text = await peer.rest();
    return { text, at: this.now, code: peer.ended };
  }
}

export interface SceneOptions {
  readonly config: string;
  /** What the server at SERVER does with each connection; none: nobody listens. */
  readonly server?: (scene: Scene) => Script;
  readonly before?: (world: SimWorld) => void;
  /** Files that the configuration names, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly threads?: number;
  /** Alerts that the test expects. */
  readonly alerts?: RegExp;
  readonly faults?: Faults;
}

/** Plays a scene to its end, stops the proxy, and checks that nothing is left. */
export async function play(options: SceneOptions, script: (scene: Scene) => Promise<void>): Promise<Scene> {
  let scene: Scene | null = null;
  const proxy = await startProxy({
    config: `global\n    log stdout format raw local0\n${options.config}`,
    threads: options.threads ?? 1,
    faults: options.faults,
    files: options.files,
    alerts: options.alerts,
    before: (world) => {
      options.before?.(world);
      const { server } = options;
      if (server !== undefined) world.serve(SERVER, async (peer) => void await server(scene!)(peer));
    },
  });
  scene = new Scene(proxy);
  await proxy.world.wait(script(scene));
  await proxy.world.advance(5000);
  await proxy.stop();
  return scene;
}

/** Timeouts that differ from one another, in a defaults section; a later line wins over an earlier one. */
export function defaults(more = ""): string {
  return `
defaults
    log global
    mode http
    option httplog
    timeout connect 300ms
    timeout client 4s
    timeout server 2s
    timeout http-request 1s
    timeout http-keep-alive 700ms
    timeout queue 400ms
    timeout tarpit 250ms
    retries 0
${more}
`;
}

/** An HTTP frontend at WEB and its backend with the server at SERVER. */
export function web(front = "", back = "", server = ""): string {
  return `
frontend web
    bind 10.0.0.1:80
${front}
    default_backend app

backend app
${back}
    server s 10.0.1.1:80 ${server}
`;
}

/** As web(), in TCP mode at RAW. */
export function raw(front = "", back = "", server = ""): string {
  return `
frontend raw
    mode tcp
    option tcplog
    bind 10.0.0.1:81
${front}
    default_backend rawapp

backend rawapp
    mode tcp
${back}
    server s 10.0.1.1:80 ${server}
`;
}

/** The termination state of a log line, two letters. */
export function termination(line: string): string {
  const match = / ([-A-Za-z]{2})(?:--)? \d+\/\d+\/\d+\/\d+\/\+?\d+ /.exec(line);
  if (match === null) throw new Error(`no termination state in ${JSON.stringify(line)}`);
  return match[1];
}

/** A server that answers each request by its path; a request without an answer there gets 200 "ok". */
export function answers(
  table: Readonly<Record<string, (peer: Peer, scene: Scene) => Promise<unknown>>>,
): (scene: Scene) => Script {
  return (scene) => async (peer) => {
    for (;;) {
      const head = await peer.until("\r\n\r\n");
      if (!head.endsWith("\r\n\r\n")) return;
      const path = head.split(" ")[1];
      const answer = table[path];
      if (answer === undefined) await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      else if (await answer(peer, scene) === false) return;
    }
  };
}

export function get(path: string, version = "1.1", fields = ""): string {
  return `GET ${path} HTTP/${version}\r\nHost: sim\r\n${fields}\r\n`;
}

/** A request with a body of `length` bytes of which `body` is sent. */
export function post(path: string, length: number, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: sim\r\nContent-Length: ${length}\r\n\r\n${body}`;
}
