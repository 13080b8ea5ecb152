// Scripted HTTP clients: a plan says what one sends and how it behaves, the outcome is judged against the plan.
import type { Prng } from "../../src/base/mod.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { bodyOf, notPrefix } from "./content.ts";
import { BAD_KINDS, GOOD_KINDS, type Kind, type ServerWorld, UNASKED, upwards } from "./http_server.ts";
import { chunked, readBody, readHead } from "./http_text.ts";

/** Rules of the configurations that answer by themselves, by the query that asks for them, with their status. */
export const RULES = { deny: 403, returned: 200, redirect: 302, tarpit: 429 } as const;
type Rule = keyof typeof RULES | "";

/** One request and what is to come of it. */
export interface Exchange {
  readonly tag: string;
  readonly method: "GET" | "POST" | "HEAD";
  readonly kind: Kind;
  /** What a rule of the proxy does with it; "" nothing. */
  readonly rule: Rule;
  /** Bytes of the response's body, of the request's. */
  readonly length: number;
  readonly bodyLength: number;
  /** The bytes of the request. */
  readonly wire: string;
}

/** How a client behaves; `abort`: what it does to its connection at `abortMs`. */
export interface ClientPlan {
  readonly name: string;
  readonly exchanges: readonly Exchange[];
  readonly startMs: number;
  /** Comes through the TCP frontend of the HTTP backend. */
  readonly mixed: boolean;
  /** Sends all requests before it reads. */
  readonly pipelined: boolean;
  readonly version: "1.0" | "1.1";
  /** Pauses up to this long between pieces of what it sends. */
  readonly sendPauseMs: number;
  /** Waits this long before it reads each response. */
  readonly readPauseMs: number;
  /** Sends FIN behind its last request. */
  readonly halfClose: boolean;
  /** Neither reads nor closes: the proxy has to end it. */
  readonly holds: boolean;
  readonly abort: "" | "close" | "reset" | "fin";
  readonly abortMs: number;
  /** Sent instead of the last request. */
  readonly broken: "" | "garbage" | "truncated" | "silent";
}

/** Whether the client does nothing that could spoil its own exchanges. */
export function isLegal(plan: ClientPlan): boolean {
  return plan.abort === "" && plan.broken === "" && !plan.holds;
}

export interface PlanOptions {
  /** Servers and clients do only what must succeed. */
  readonly legal: boolean;
  readonly kinds: readonly Kind[];
  /** The proxy takes a client's FIN for its end. */
  readonly abortonclose: boolean;
}

export function planClient(prng: Prng, number: number, { legal, kinds, abortonclose }: PlanOptions): ClientPlan {
  const version = prng.chance(0.15) ? "1.0" : "1.1";
  const count = version === "1.0" ? 1 : prng.between(1, 4);
  const exchanges = Array.from({ length: count }, (_, i) => planExchange(prng, `c${number}r${i}`, version, kinds));
  const bad = (probability: number) => !legal && prng.chance(probability);
  const abort = bad(0.25) ? prng.pick(["close", "reset", "fin"] as const) : "";
  const tunnels = version === "1.1" && prng.chance(0.12);
  if (tunnels) exchanges.push(planTunnel(prng, `c${number}u`));
  return {
    name: `c${number}`,
    exchanges,
    startMs: prng.float() * 400,
    mixed: prng.chance(0.15) && exchanges.every((e) => e.rule === ""),
    pipelined: !tunnels && prng.chance(0.3),
    version,
    sendPauseMs: prng.chance(0.3) ? prng.float() * 60 : 0,
    readPauseMs: prng.chance(0.2) ? prng.float() * 300 : 0,
    halfClose: !tunnels && prng.chance(0.15) && !(legal && abortonclose),
    holds: bad(0.06),
    abort,
    abortMs: prng.chance(0.5) ? prng.float() * 40 : prng.float() * 1500,
    broken: bad(0.12) ? prng.pick(["garbage", "truncated", "silent"] as const) : "",
  };
}

/** Kinds of a seed: those that are good, or all. */
export function kindsOf(legal: boolean): readonly Kind[] {
  return legal ? GOOD_KINDS : [...GOOD_KINDS, ...BAD_KINDS];
}

function planExchange(prng: Prng, tag: string, version: string, kinds: readonly Kind[]): Exchange {
  const kind = prng.pick(kinds);
  const method = prng.pick(["GET", "GET", "POST", "POST", "HEAD"] as const);
  const length = kind === "nobody" || prng.chance(0.1) ? 0 : prng.between(1, prng.chance(0.15) ? 40000 : 3000);
  const withBody = method === "POST" && prng.chance(0.9);
  const bodyLength = withBody ? prng.between(1, prng.chance(0.2) ? 40000 : 2000) : 0;
  const inChunks = version === "1.1" && prng.chance(0.5);
  const trailers = inChunks && prng.chance(0.3) ? `x-end: ${tag}\r\n` : "";
  const fields = [
    "Host: sim",
    `X-Tag: ${tag}`,
    `X-Length: ${bodyLength}`,
    ...(trailers === "" || bodyLength === 0 ? [] : [`X-End: ${tag}`]),
    ...(version === "1.0" && prng.chance(0.5) ? ["Connection: keep-alive"] : []),
    ...(bodyLength === 0 ? [] : [inChunks ? "Transfer-Encoding: chunked" : `Content-Length: ${bodyLength}`]),
    ...(bodyLength > 0 && prng.chance(0.2) ? ["Expect: 100-continue"] : []),
  ];
  const body = bodyOf(tag, bodyLength);
  const sizes = () => prng.between(1, prng.chance(0.2) ? 9000 : 700);
  const content = bodyLength === 0 ? "" : inChunks ? chunked(body, sizes, trailers) : body;
  const pieceMs = prng.between(1, 150);
  const rule = prng.chance(0.12) ? prng.pick(Object.keys(RULES) as (keyof typeof RULES)[]) : "";
  const query = rule === "" ? "" : `?${rule}`;
  const line = `${method} /${tag}/${kind}/${length}/${pieceMs}${query} HTTP/${version}`;
  return { tag, method, kind, rule, length, bodyLength, wire: `${line}\r\n${fields.join("\r\n")}\r\n\r\n${content}` };
}

/** Asks for another protocol, in which both sides then send at once. */
function planTunnel(prng: Prng, tag: string): Exchange {
  const length = prng.below(prng.chance(0.3) ? 40000 : 2000);
  const bodyLength = prng.below(prng.chance(0.3) ? 40000 : 2000);
  const wire = `GET /${tag}/tunnel/${length}/0 HTTP/1.1\r\nHost: sim\r\nX-Tag: ${tag}\r\nX-Length: ${bodyLength}\r\n` +
    "Connection: upgrade\r\nUpgrade: sim\r\n\r\n";
  return { tag, method: "GET", kind: "tunnel", rule: "", length, bodyLength, wire };
}

/** What came back for one request. */
export interface Answer {
  readonly status: number;
  /** "" when no server sent it. */
  readonly tag: string;
  readonly complete: boolean;
  readonly closes: boolean;
}

/** What a client saw. */
export interface Outcome {
  readonly plan: ClientPlan;
  readonly answers: readonly Answer[];
}

const ERROR_STATUSES = [400, 408, 500, 502, 503, 504];

/** Plays the plan on a connection; everything it sees is checked as it comes. */
export async function playClient(peer: Peer, plan: ClientPlan, prng: Prng, world: ServerWorld): Promise<Outcome> {
  const answers: Answer[] = [];
  const { exchanges } = plan;
  const sendAll = async () => {
    for (let i = 0; i < exchanges.length; i++) await send(peer, wireOf(plan, i, prng), plan, prng, world);
    if (plan.halfClose || plan.broken === "truncated") peer.shutdown();
  };
  const readOne = async (i: number) => {
    if (plan.readPauseMs > 0) await world.sleep(prng.float() * plan.readPauseMs);
    const answer = await readAnswer(peer, exchanges[i], world);
    if (answer !== null) answers.push(answer);
    return answer !== null && !answer.closes;
  };
  if (plan.pipelined || plan.holds) {
    const sending = sendAll();
    if (plan.holds) await world.released;
    else for (let i = 0; i < exchanges.length && await readOne(i); i++);
    // Whoever was told that the connection closes may be stopped in the middle of its sending.
    if (answers.length < exchanges.length) peer.close();
    await sending;
  } else {
    for (let i = 0; i < exchanges.length; i++) {
      const sending = send(peer, wireOf(plan, i, prng), plan, prng, world).then(() => {
        const last = i === exchanges.length - 1;
        if (last && (plan.halfClose || plan.broken === "truncated")) peer.shutdown();
      });
      const goesOn = await readOne(i);
      if (!goesOn) peer.close();
      await sending;
      if (!goesOn) break;
    }
  }
  if (peer.received !== "" && peer.ended === 0) {
    world.wrong(`${plan.name}: more came: ${JSON.stringify(peer.received)}`);
  }
  return { plan, answers };
}

function wireOf(plan: ClientPlan, i: number, prng: Prng): string {
  const { wire } = plan.exchanges[i];
  if (plan.broken === "" || i < plan.exchanges.length - 1) return wire;
  if (plan.broken === "silent") return "";
  if (plan.broken === "truncated") return wire.slice(0, prng.below(wire.length));
  return prng.pick([
    "\x16\x03\x01\x02\0\x01",
    "GET\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "\r\n\r\n\r\nx",
  ]);
}

async function send(peer: Peer, wire: string, plan: ClientPlan, prng: Prng, world: ServerWorld): Promise<void> {
  let pauses = 0;
  // Who expects to be asked for the body waits a while before it sends that all the same (RFC 9110 10.1.1).
  const head = wire.includes("\r\nExpect: ") ? wire.indexOf("\r\n\r\n") + 4 : 0;
  if (head > 0) {
    if (await peer.send(wire.slice(0, head)) < 0) return;
    await world.sleep(prng.float() * 300);
  }
  for (let at = head; at < wire.length;) {
    const n = plan.sendPauseMs === 0 || pauses++ > 10 ? wire.length : prng.between(1, Math.ceil(wire.length / 3));
    if (await peer.send(wire.slice(at, at + n)) < 0) return;
    at += n;
    if (plan.sendPauseMs > 0) await world.sleep(prng.float() * plan.sendPauseMs);
  }
}

/** Reads the answer to a request and checks that it is that; null when none came. */
async function readAnswer(peer: Peer, exchange: Exchange, world: ServerWorld): Promise<Answer | null> {
  for (;;) {
    const head = await readHead(peer);
    if (head === null) return null;
    const match = /^HTTP\/1\.[01] (\d\d\d) /.exec(head.line);
    if (match === null) {
      world.wrong(`${exchange.tag}: the response begins with ${JSON.stringify(head.line)}`);
      return null;
    }
    const status = Number(match[1]);
    if (status === 101) return await throughTunnel(peer, exchange, head.fields.get("x-tag") ?? "", world);
    if (status >= 100 && status < 200) {
      const link = head.fields.get("link");
      if (link !== undefined && link !== `<${exchange.tag}>`) world.wrong(`${exchange.tag}: got the 103 of ${link}`);
      continue;
    }
    const tag = head.fields.get("x-tag") ?? "";
    if (tag === UNASKED) return { status, tag, complete: true, closes: head.fields.get("connection") === "close" };
    if (tag !== "" && tag !== exchange.tag) world.wrong(`${exchange.tag}: got the response of ${tag}`);
    const byRule = exchange.rule !== "" && status === RULES[exchange.rule];
    if (tag === "" && !byRule && !ERROR_STATUSES.includes(status)) {
      world.wrong(`${exchange.tag}: status ${status} of nobody`);
    }
    const bodiless = exchange.method === "HEAD" && status !== 408 && status !== 400 || status === 204;
    const body = bodiless ? { text: "", complete: true, trailers: "" } : await readBody(peer, head, true);
    const framed = head.fields.has("content-length") || head.fields.has("transfer-encoding") || bodiless;
    if (tag !== "") {
      const length = exchange.method === "HEAD" ? 0 : exchange.length;
      const wrong = notPrefix(body.text, tag, length);
      if (wrong !== "") world.wrong(`client: ${wrong}`);
      if (body.complete && framed && body.text.length !== length) {
        world.wrong(`client: ${tag}: ${body.text.length} bytes are said to be all of ${length}`);
      }
    }
    const closes = !framed || head.fields.get("connection") === "close" ||
      head.line.startsWith("HTTP/1.0") && head.fields.get("connection") !== "keep-alive";
    return { status, tag, complete: body.complete, closes };
  }
}

async function throughTunnel(peer: Peer, exchange: Exchange, tag: string, world: ServerWorld): Promise<Answer> {
  if (exchange.kind !== "tunnel" || tag !== exchange.tag) world.wrong(`${exchange.tag}: got the tunnel of ${tag}`);
  const sending = peer.send(bodyOf(upwards(exchange.tag), exchange.bodyLength)).then(() => peer.shutdown());
  const text = await peer.rest();
  const wrong = notPrefix(text, exchange.tag, exchange.length);
  if (wrong !== "") world.wrong(`client: tunnel: ${wrong}`);
  await sending;
  return { status: 101, tag, complete: peer.finished && text.length === exchange.length, closes: true };
}

/** What is missing in the outcome of a legal plan in a world that loses nothing: one line each. */
export function missing({ plan, answers }: Outcome): string[] {
  const out: string[] = [];
  for (let i = 0; i < plan.exchanges.length; i++) {
    const { tag, kind, rule } = plan.exchanges[i];
    const answer = answers[i];
    const expected = rule !== "" ? RULES[rule] : kind === "nobody" ? 204 : kind === "tunnel" ? 101 : 200;
    if (answer === undefined) return [...out, `${tag} (${kind}): no answer`];
    if (answer.status !== expected || answer.tag !== (rule === "" ? tag : "") || !answer.complete) {
      out.push(`${tag} (${kind} ${rule}): ${JSON.stringify(answer)}`);
    }
    if (answer.closes) break;
  }
  return out;
}
