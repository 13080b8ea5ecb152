// Scripted HTTP servers. What one does with a request stands in the request's path: /tag/kind/length/pieceMs, so that the
// client that asks knows what to expect.
import { Prng } from "../../src/base/mod.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { bodyOf, notPrefix } from "./content.ts";
import { chunked, type Head, readBody, readHead } from "./http_text.ts";

/** What servers do that a proxy must carry through whole. */
export const GOOD_KINDS = [
  "length",
  "chunked",
  "trailers",
  "untilclose",
  "nobody",
  "interim",
  "slow",
  "announced",
  "pieces",
  "early",
] as const;

/** What they do beyond that: the client may see an error, or a message that is cut. */
export const BAD_KINDS = [
  "late",
  "hole",
  "reset",
  "resetmid",
  "fin",
  "cut",
  "cutchunk",
  "garbage",
  "earlyclose",
  "earlyreset",
  "noread",
  "idleclose",
  "extra",
] as const;
/** A tunnel is the last that a client asks for on its connection. */
export type Kind = (typeof GOOD_KINDS)[number] | (typeof BAD_KINDS)[number] | "tunnel";

/** Kinds that end a connection to the server in a way that may hit the next request of somebody else. */
export const HITS_OTHERS: readonly Kind[] = ["idleclose", "extra"];

/** Tag of a response that nobody asked for. */
export const UNASKED = "unasked";

/** What a server is given by its world. */
export interface ServerWorld {
  sleep(ms: number): Promise<void>;
  /** Nothing but what peers do goes wrong in this world, and no timeout is short: an end in order is the end of all. */
  readonly lossless: boolean;
  /** Notes what should not have come. */
  wrong(text: string): void;
  /** Settles when those who hold connections open are to let go. */
  readonly released: Promise<void>;
}

/** Longer than any server timeout of the configurations. */
const LATE_MS = 9000;

/** `maxconn`: how many requests the proxy may have here at once, 0 any number. */
export function httpServer(world: ServerWorld, seed: number, maxconn: number): (peer: Peer) => Promise<void> {
  const prng = new Prng(seed);
  const gate = new Gate(world, maxconn);
  return async (peer) => {
    for (;;) {
      const head = await readHead(peer);
      if (head === null) return;
      if (!await answer(world, prng, peer, head, gate)) return;
    }
  };
}

/** Counts what is served at once. */
export class Gate {
  readonly #world: ServerWorld;
  readonly #limit: number;
  #inside = 0;

  constructor(world: ServerWorld, limit: number) {
    this.#world = world;
    this.#limit = limit;
  }

  enter(): void {
    this.#inside++;
    // Where peers break off, the proxy is done with what they still work on.
    if (this.#world.lossless && this.#limit > 0 && this.#inside > this.#limit) {
      this.#world.wrong(`server: ${this.#inside} at once, ${this.#limit} allowed`);
    }
  }

  leave(): void {
    this.#inside--;
  }
}

/** Answers one request; false when the connection is over. */
async function answer(world: ServerWorld, prng: Prng, peer: Peer, head: Head, gate: Gate): Promise<boolean> {
  const [method, path] = head.line.split(" ");
  const [, tag, name, lengthText, pieceText] = path.split("?")[0].split("/");
  const kind = name as Kind;
  const length = Number(lengthText);
  if (head.fields.get("x-tag") !== tag) world.wrong(`server: ${path} with x-tag ${head.fields.get("x-tag")}`);
  if (kind === "noread") {
    await world.released;
    return false;
  }
  gate.enter();
  if (kind === "tunnel") {
    await tunnel(world, peer, tag, length, Number(head.fields.get("x-length")));
    gate.leave();
    return false;
  }
  const early = kind === "early" || kind === "earlyclose" || kind === "earlyreset";
  if (!early && !await takeBody(world, peer, head, tag)) return false;
  if (kind === "slow") await world.sleep(Number(pieceText));
  // From the first byte of the response on the proxy may be faster in ending the exchange than this script.
  gate.leave();
  const field = `x-tag: ${tag}\r\n`;
  const body = method === "HEAD" ? "" : bodyOf(tag, length);
  const whole = `HTTP/1.1 200 OK\r\n${field}Content-Length: ${length}\r\n\r\n${body}`;
  const sizes = () => prng.between(1, prng.chance(0.2) ? 9000 : 500);
  switch (kind) {
    case "length":
    case "slow":
      await peer.send(whole);
      return true;
    case "pieces":
      await inPieces(world, prng, peer, whole, Number(pieceText));
      return true;
    case "chunked":
    case "trailers": {
      const trailers = kind === "trailers" ? `X-End: ${tag}\r\n` : "";
      const content = method === "HEAD" ? "" : chunked(body, sizes, trailers);
      await peer.send(`HTTP/1.1 200 OK\r\n${field}Transfer-Encoding: chunked\r\n\r\n${content}`);
      return true;
    }
    case "untilclose":
      // The head of a response to HEAD does not tell that the connection ends.
      await peer.send(`HTTP/1.1 200 OK\r\n${field}${method === "HEAD" ? "Connection: close\r\n" : ""}\r\n${body}`);
      peer.shutdown();
      await peer.rest();
      return false;
    case "announced":
      await peer.send(`HTTP/1.1 200 OK\r\nConnection: close\r\n${field}Content-Length: ${length}\r\n\r\n${body}`);
      return false;
    case "nobody":
      await peer.send(`HTTP/1.1 204 No Content\r\n${field}\r\n`);
      return true;
    case "interim":
      await peer.send("HTTP/1.1 100 Continue\r\n\r\n");
      if (prng.chance(0.5)) await peer.send(`HTTP/1.1 103 Early Hints\r\nLink: <${tag}>\r\n\r\n`);
      if (prng.chance(0.5)) await world.sleep(20);
      await peer.send(whole);
      return true;
    case "late":
      await Promise.race([world.sleep(LATE_MS), peer.rest()]);
      return false;
    case "hole":
      await world.released;
      return false;
    case "reset":
      if (prng.chance(0.5)) await world.sleep(5);
      peer.reset();
      return false;
    case "fin":
      return false;
    case "resetmid":
    case "cut":
      await peer.send(whole.slice(0, whole.length - 1 - prng.below(length + 1)));
      if (kind === "resetmid") peer.reset();
      return false;
    case "cutchunk": {
      const wire = `HTTP/1.1 200 OK\r\n${field}Transfer-Encoding: chunked\r\n\r\n${chunked(body, sizes)}`;
      await peer.send(wire.slice(0, wire.length - 1 - prng.below(length)));
      return false;
    }
    case "garbage":
      await peer.send(prng.pick([`HTTP/1.1 2x0 what\r\n\r\n`, "\0\0\0\0", `HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n`]));
      await peer.rest();
      return false;
    case "early":
      await peer.send(whole);
      return await takeBody(world, peer, head, tag);
    case "earlyclose":
      await peer.send(whole);
      return false;
    case "earlyreset":
      await peer.send(whole);
      await world.sleep(30);
      peer.reset();
      return false;
    case "idleclose":
      await peer.send(whole);
      if (prng.chance(0.5)) await world.sleep(prng.float() * 10);
      return false;
    case "extra":
      // What arrives behind the next request looks like its answer: no proxy can tell. That must be all of it.
      await peer.send(`${whole}HTTP/1.1 408 Unasked\r\nx-tag: ${UNASKED}\r\nContent-Length: 0\r\n\r\n`);
      return false;
  }
}

/** Name of the bytes that a client sends up a tunnel. */
export function upwards(tag: string): string {
  return `${tag}^`;
}

/** Switches protocols, sends down and reads up at once, up to the client's FIN. */
async function tunnel(world: ServerWorld, peer: Peer, tag: string, down: number, up: number): Promise<void> {
  await peer.send(`HTTP/1.1 101 Switching Protocols\r\nx-tag: ${tag}\r\nConnection: upgrade\r\nUpgrade: sim\r\n\r\n`);
  const sending = peer.send(bodyOf(tag, down));
  const text = await peer.rest();
  const wrong = notPrefix(text, upwards(tag), up);
  if (wrong !== "") world.wrong(`server: tunnel: ${wrong}`);
  if (world.lossless && text.length !== up) world.wrong(`server: tunnel: ${tag}: ${text.length} of ${up} bytes`);
  await sending;
}

/** Reads the request's body and checks it; false when it did not come whole. */
async function takeBody(world: ServerWorld, peer: Peer, head: Head, tag: string): Promise<boolean> {
  const expected = Number(head.fields.get("x-length") ?? 0);
  const body = await readBody(peer, head, false);
  const wrong = notPrefix(body.text, tag, expected);
  if (wrong !== "") world.wrong(`server: ${wrong}`);
  if (body.complete && body.text.length !== expected) {
    world.wrong(`server: a body of ${body.text.length} bytes is whole, ${expected} were sent`);
  }
  const end = head.fields.get("x-end");
  if (body.complete && end !== undefined && !body.trailers.toLowerCase().includes(`x-end: ${end}`)) {
    world.wrong(`server: the trailers of ${tag} are ${JSON.stringify(body.trailers)}`);
  }
  return body.complete;
}

/** Sends with pauses, sometimes a long piece, sometimes a few bytes. */
async function inPieces(world: ServerWorld, prng: Prng, peer: Peer, text: string, pauseMs: number): Promise<void> {
  let pauses = 0;
  for (let at = 0; at < text.length;) {
    const n = pauses > 8 ? text.length : prng.between(1, 2000);
    if (await peer.send(text.slice(at, at + n)) < 0) return;
    at += n;
    pauses++;
    await world.sleep(prng.float() * pauseMs);
  }
}
