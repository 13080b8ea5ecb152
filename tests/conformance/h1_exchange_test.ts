// The wire cases of HTTP/1 heads through the whole proxy, whole, in pieces and byte by byte: the status that the client gets,
// whether its connection goes on, and the bytes that the server saw; of responses, what the client gets of them.
import { assertEquals } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { play, type Scene } from "../sim/scenario.ts";
import { H1_UNEXPECTED_BODY, H1_UNSUPPORTED_CODING } from "../../src/codec/mod.ts";
import { type H1Case, REQUESTS, RESPONSES } from "./h1_cases.ts";
import { headLength } from "./h1_driver.ts";

/** Bytes sent at once: one, a few, all. */
const SIZES = [1, 7, 100_000];
const GAP_MS = 0.5;
/** What Sluice itself says of the connection stands behind all fields. */
const OWN_CONNECTION = /\r\nconnection: (?:keep-alive|close)\r\n\r\n/;

function config(relaxed: boolean): string {
  return `
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
    timeout http-request 5s
frontend web
    bind 10.0.0.1:80
${relaxed ? "    option accept-unsafe-violations-in-http-request" : ""}
    default_backend app
backend app
    http-reuse never
${relaxed ? "    option accept-unsafe-violations-in-http-response" : ""}
    server s 10.0.1.1:80
`;
}

async function sendIn(scene: Scene, peer: Peer, text: string, size: number): Promise<void> {
  for (let at = 0; at < text.length; at += size) {
    if (await peer.send(text.slice(at, at + size)) < 0) return;
    await scene.sleep(GAP_MS);
  }
}

/** What one case came to: status, "open" or "closed", and the server's bytes. */
interface Seen {
  readonly status: string;
  readonly end: string;
  readonly server: string;
}

function statusOf(c: H1Case): string {
  if (c.error === undefined) return "200";
  return c.error === H1_UNEXPECTED_BODY ? "413" : c.error === H1_UNSUPPORTED_CODING ? "422" : "400";
}

/** The client's connection goes on behind a good request: what RFC 9112 9.3 says, and 6.1 of odd framing. */
function goesOn(c: H1Case): boolean {
  const version = /HTTP\/(\S+)/.exec(c.sent!)?.[1] ?? "";
  const says = (c.says ?? "").split(" ");
  return version === "1.1" ? !says.includes("close") : says.includes("keep-alive");
}

for (const relaxed of [false, true]) {
  const cases = REQUESTS.filter((c) => (c.relaxed ?? false) === relaxed);
  Deno.test(`H1-06 H1-01 requests on the wire${relaxed ? ", relaxed" : ""}: status, end, and what the server saw`, async () => {
    let server = "";
    const wrong: string[] = [];
    await play({
      config: config(relaxed),
      server: () => async (peer) => {
        let answered = false;
        while (await peer.more()) {
          server += peer.take(peer.received.length);
          if (answered || !server.includes("\r\n\r\n")) continue;
          answered = true;
          await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
      },
    }, async (scene) => {
      for (const c of cases) {
        for (const size of SIZES) {
          server = "";
          const peer = await scene.connect();
          await sendIn(scene, peer, c.input, size);
          await scene.sleep(5);
          let text = "";
          const reading = peer.rest().then((all) => text = all);
          await scene.sleep(5);
          text ||= peer.received;
          const seen: Seen = {
            status: /^HTTP\/1.1 (\d+) /.exec(text)?.[1] ?? JSON.stringify(text),
            end: peer.ended === 0 ? "open" : "closed",
            server,
          };
          peer.close();
          await reading;
          await scene.sleep(5);
          const problem = judge(c, seen);
          if (problem !== "") wrong.push(`${c.name}, ${size} at once: ${problem}`);
        }
      }
    });
    assertEquals(wrong, []);
  });
}

function judge(c: H1Case, seen: Seen): string {
  if (c.error !== undefined) {
    const good = seen.status === statusOf(c) && seen.end === "closed" && seen.server === "";
    return good ? "" : JSON.stringify(seen);
  }
  const body = c.input.slice(headLength(c.input));
  const server = seen.server.replace(OWN_CONNECTION, "\r\n\r\n");
  if (!server.startsWith(c.sent!)) return `the server saw ${JSON.stringify(seen.server)}`;
  if (c.sent!.startsWith("CONNECT ")) return "";
  const forwarded = (c.body ?? "none") === "none" ? "" : body;
  if (server !== c.sent! + forwarded) return `the server saw ${JSON.stringify(seen.server)}`;
  if (seen.status !== "200") return `status ${seen.status}`;
  const whole = (c.body ?? "none") === "none" && body === "";
  return !whole || (seen.end === "open") === goesOn(c) ? "" : `the connection is ${seen.end}`;
}

/** What follows a head of this kind on the wire, and what the client gets of it. */
function bodyOf(c: H1Case): string {
  if (c.body === "chunked") return "1\r\nx\r\n0\r\n\r\n";
  if (c.body?.startsWith("length ")) return "x".repeat(Number(c.body.slice(7)));
  return c.body === "until-close" || c.body === "tunnel" ? "xyz" : "";
}

for (const relaxed of [false, true]) {
  const cases = RESPONSES.filter((c) => (c.relaxed ?? false) === relaxed);
  Deno.test(`H1-06 H1-01 H1-11 responses on the wire${relaxed ? ", relaxed" : ""}: what the client gets`, async () => {
    let current = cases[0];
    let size = 1;
    let ended = 0;
    const wrong: string[] = [];
    await play({
      config: config(relaxed),
      server: (scene) => async (peer) => {
        const head = await peer.until("\r\n\r\n");
        if (head === "") return;
        await sendIn(scene, peer, current.input + bodyOf(current), size);
        if (isInterim(current)) await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        if (current.body === "until-close" || current.body === "tunnel") peer.shutdown();
        await peer.rest();
        ended++;
      },
    }, async (scene) => {
      for (const c of cases) {
        for (size of SIZES) {
          current = c;
          const before = ended;
          const peer = await scene.connect();
          const upgrade = c.upgradeAsked ? "Connection: upgrade\r\nUpgrade: foo\r\n" : "";
          const target = c.method === "CONNECT" ? "CONNECT a:443" : `${c.method ?? "GET"} /`;
          await peer.send(`${target} HTTP/1.1\r\nHost: a${c.method === "CONNECT" ? ":443" : ""}\r\n${upgrade}\r\n`);
          let text = "";
          const reading = peer.rest().then((all) => text = all);
          await scene.sleep(c.input.length * GAP_MS / size + 20);
          text ||= peer.received;
          peer.close();
          await reading;
          await scene.sleep(20);
          const problem = judgeResponse(c, text) || (ended === before + 1 ? "" : "the server's connection goes on");
          if (problem !== "") wrong.push(`${c.name}, ${size} at once: ${problem}`);
        }
      }
    });
    assertEquals(wrong, []);
  });
}

function isInterim(c: H1Case): boolean {
  return /^HTTP\/1.1 10[03] /.test(c.sent ?? "");
}

function judgeResponse(c: H1Case, text: string): string {
  if (c.error !== undefined) return text.startsWith("HTTP/1.1 502 ") ? "" : JSON.stringify(text);
  const behind = isInterim(c) ? "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" : bodyOf(c);
  const got = text.replace(OWN_CONNECTION, "\r\n\r\n");
  return got === c.sent! + behind ? "" : JSON.stringify(text);
}
