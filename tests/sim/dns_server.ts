// A scripted name server in a simulated world: what it says of each name, that it loses, delays, lies or cuts, over
// datagrams and connections.
import { latin1ToBytes, parseIp } from "../../src/base/mod.ts";
import type { Peer, SimWorld } from "../../src/sys/sim/mod.ts";
import type { Address } from "../../src/sys/types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface Answer {
  /** Of either family; the ones of the question's type are given. */
  readonly addresses?: readonly string[];
  readonly rcode?: number;
  readonly truncated?: boolean;
  readonly delayMs?: number;
  /** Nothing is said. */
  readonly silent?: boolean;
  /** As if it came from elsewhere; or with another number, or for another name. */
  readonly from?: Address;
  readonly wrong?: "number" | "name";
}

export interface Asked {
  readonly name: string;
  readonly type: "A" | "AAAA";
  readonly at: number;
  readonly payloadSize: number;
}

export class DnsServer {
  readonly asked: Asked[] = [];
  /** By name; a name that is not there does not exist. A function is asked for each question. */
  readonly answers: Record<string, Answer | ((asked: Asked) => Answer)>;
  readonly #world: SimWorld;

  constructor(world: SimWorld, answers: DnsServer["answers"]) {
    this.#world = world;
    this.answers = answers;
  }

  /** Answers datagrams at an address. */
  listen(address: Address): void {
    const socket = this.#world.peers.net.datagram("ipv4", address);
    if (typeof socket === "string") throw new Error(socket);
    const loop = async () => {
      const into = new Uint8Array(2048);
      for (;;) {
        const got = await socket.recv(into);
        if (typeof got === "number") return;
        const { reply, answer } = this.#answer(into.slice(0, got.length));
        const from = got.from;
        if (reply === null) continue;
        this.#world.core.after(this.#world.core.nobody, answer.delayMs ?? 0, () => {
          if (answer.from === undefined) return void socket.send(reply, 0, reply.length, from);
          const other = this.#world.peers.net.datagram("ipv4", answer.from);
          if (typeof other === "string") throw new Error(other);
          other.send(reply, 0, reply.length, from);
          other.close();
        });
      }
    };
    loop();
  }

  /** Answers over connections. */
  serve(address: Address): void {
    this.#world.serve(address, async (peer: Peer) => {
      for (;;) {
        const head = await this.#exactly(peer, 2);
        if (head === null) return;
        const question = await this.#exactly(peer, head[0] << 8 | head[1]);
        if (question === null) return;
        const { reply } = this.#answer(question);
        if (reply === null) continue;
        const framed = new Uint8Array(reply.length + 2);
        framed.set([reply.length >> 8, reply.length & 255]);
        framed.set(reply, 2);
        await peer.send(framed);
      }
    });
  }

  async #exactly(peer: Peer, length: number): Promise<Bytes | null> {
    const text = await peer.exactly(length);
    return text.length < length ? null : latin1ToBytes(text);
  }

  #answer(question: Bytes): { reply: Bytes | null; answer: Answer } {
    const { name, type, end, payloadSize } = read(question);
    const asked: Asked = { name, type: type === 1 ? "A" : "AAAA", at: this.#world.core.time, payloadSize };
    this.asked.push(asked);
    const scripted = this.answers[name] ?? { rcode: 3 };
    const answer = typeof scripted === "function" ? scripted(asked) : scripted;
    if (answer.silent) return { reply: null, answer };
    const length = type === 1 ? 4 : 16;
    const found = (answer.addresses ?? []).map((text) => parseIp(text)!).filter((ip) => ip.length === length);
    const reply = new Uint8Array(end + found.length * (12 + length));
    reply.set(question.subarray(0, end));
    const view = new DataView(reply.buffer);
    if (answer.wrong === "number") view.setUint16(0, view.getUint16(0) ^ 1);
    if (answer.wrong === "name") reply[13] ^= 1;
    view.setUint16(2, 0x8180 | (answer.truncated ? 0x0200 : 0) | (answer.rcode ?? 0));
    view.setUint16(6, found.length);
    view.setUint16(10, 0);
    found.forEach((ip, i) => {
      const at = end + i * (12 + length);
      reply.set([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, length], at);
      reply.set(ip, at + 12);
    });
    return { reply, answer };
  }
}

function read(bytes: Bytes): { name: string; type: number; end: number; payloadSize: number } {
  const labels: string[] = [];
  let at = 12;
  for (; bytes[at] !== 0; at += bytes[at] + 1) {
    labels.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + bytes[at])));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { name: labels.join("."), type: view.getUint16(at + 1), end: at + 5, payloadSize: view.getUint16(at + 8) };
}
