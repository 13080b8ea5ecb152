// HTTP/1 messages as scripted peers read and write them: a second, plain implementation beside the one that is tested.
import type { Peer } from "../../src/sys/sim/mod.ts";

export interface Head {
  /** The first line. */
  readonly line: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads a head; null when the connection ended before all of it came. */
export async function readHead(peer: Peer): Promise<Head | null> {
  const text = await peer.until("\r\n\r\n");
  if (!text.endsWith("\r\n\r\n")) return null;
  const [line, ...lines] = text.slice(0, -4).split("\r\n");
  return {
    line,
    fields: new Map(lines.map((l) => [l.slice(0, l.indexOf(":")).toLowerCase(), l.slice(l.indexOf(":") + 1).trim()])),
  };
}

export interface Body {
  readonly text: string;
  /** All of it came, as far as its framing tells. */
  readonly complete: boolean;
  readonly trailers: string;
}

const NOTHING: Body = { text: "", complete: true, trailers: "" };

/** Reads a body as the head says; `untilClose`: what a head without a length means. */
export async function readBody(peer: Peer, head: Head, untilClose: boolean): Promise<Body> {
  if (head.fields.get("transfer-encoding") === "chunked") return await readChunks(peer);
  const length = head.fields.get("content-length");
  if (length !== undefined) {
    const text = await peer.exactly(Number(length));
    return { text, complete: text.length === Number(length), trailers: "" };
  }
  if (!untilClose) return NOTHING;
  const text = await peer.rest();
  return { text, complete: peer.finished, trailers: "" };
}

async function readChunks(peer: Peer): Promise<Body> {
  let text = "";
  for (;;) {
    const line = await peer.until("\r\n");
    if (!line.endsWith("\r\n")) return { text, complete: false, trailers: "" };
    const size = parseInt(line, 16);
    if (!(size >= 0)) throw new Error(`a chunk of ${JSON.stringify(line)}`);
    if (size === 0) break;
    const data = await peer.exactly(size + 2);
    text += data.slice(0, size);
    if (data.length < size + 2) return { text, complete: false, trailers: "" };
    if (!data.endsWith("\r\n")) throw new Error(`behind a chunk comes ${JSON.stringify(data.slice(size))}`);
  }
  let trailers = "";
  for (;;) {
    const line = await peer.until("\r\n");
    if (line === "\r\n") return { text, complete: true, trailers };
    if (!line.endsWith("\r\n")) return { text, complete: false, trailers };
    trailers += line;
  }
}

/** A body in chunks of random sizes. */
export function chunked(body: string, sizes: () => number, trailers = ""): string {
  const parts: string[] = [];
  for (let at = 0; at < body.length;) {
    const part = body.slice(at, at + sizes());
    parts.push(part.length.toString(16), "\r\n", part, "\r\n");
    at += part.length;
  }
  return `${parts.join("")}0\r\n${trailers}\r\n`;
}
