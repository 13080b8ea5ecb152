// Sending a response that Sluice made itself: denied, redirected, returned, refused, failed. It goes through the
// after-response rules and the client's mux like any other; whether the connection goes on is up to the unread request.
import { H1Parser } from "../codec/mod.ts";
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, hasNoBody, HeaderName, M_HEAD } from "../http/mod.ts";
import { type BodySource, type ProxyRules, type Reply, RULE_CONTINUE, RULE_STOP } from "../rules/mod.ts";
import { WAKE_KILL } from "../sys/types.ts";
import type { Stream } from "./stream.ts";

/** Bytes of a body that may be sent without letting others have their turn. */
const BUDGET = 65536;

const NO_BODY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Sends the error page of a status and marks why the stream ended. False: the connection must close. */
export function sendError(s: Stream, status: number, cause: string, phase: string): Promise<boolean> {
  s.ends(cause, phase);
  return sendReply(s, s.errorReply(status));
}

/** Sends a reply; true when the connection may serve another request. */
export async function sendReply(s: Stream, reply: Reply): Promise<boolean> {
  await s.dropBack();
  if (reply.tarpit) {
    s.cause = "P";
    s.phase = "T";
    s.watchClient(s.frontend.config.abortOnClose);
    await s.sleep(tarpitMs(s));
    s.unwatchClient();
    // The time in the tarpit is told as one in a queue (8.5, PT).
    s.times.queue = s.env.sys.clock.now();
    if (s.stopped !== 0) {
      s.cause = s.stopped === WAKE_KILL ? s.killCause : "C";
      return false;
    }
  }
  s.ends("L", s.responseReady ? "H" : "R");
  // The server's response is not what the client gets: no time is told of it.
  s.times.response = s.kept.service === "" ? -1 : s.env.sys.clock.now();
  if (reply.close || s.env.stopping.closes() || !s.front.complete) s.closeClient = true;
  const body = reply.raw === null ? fill(s, reply) : fillRaw(s, reply.raw);
  if (body === null) return unsendable(s);
  s.responseReady = true;
  if (s.backService !== null && s.backService !== s.frontService && !await passes(s, s.backRules)) return unsendable(s);
  return await passes(s, s.frontRules) ? await send(s, reply, body) : unsendable(s);
}

/** After-response rules of a proxy; false: one could not do its work. */
async function passes(s: Stream, { httpAfterResponse }: ProxyRules): Promise<boolean> {
  const verdict = await httpAfterResponse.run(s);
  return verdict === RULE_CONTINUE || verdict === RULE_STOP;
}

/** `timeout tarpit`, else `timeout connect` (4.2). */
function tarpitMs(s: Stream): number {
  const t = (s.backend ?? s.frontend).config.timeouts;
  return t.tarpit || t.connect;
}

async function send(s: Stream, reply: Reply, body: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const { source } = reply;
  if (hasNoBody(s.response.status)) s.response.bodyKind = BODY_NONE;
  const bodiless = (body.length === 0 && source === null) || s.response.bodyKind === BODY_NONE ||
    s.request.method === M_HEAD && s.requestReady;
  s.clientSide.begin();
  s.front.closeAfter = s.closeClient;
  let sent = s.front.writeHead(s.response, bodiless);
  // A rule after it may have set another status.
  const changed = s.response.status !== reply.status;
  s.responseStarted(reply.standsFor === 0 || changed ? s.response.status : reply.standsFor);
  if (typeof sent !== "number") sent = await sent;
  if (sent >= 0 && !bodiless) sent = source === null ? await pushWhole(s, body) : await pushSource(s, source);
  s.clientSide.done();
  if (sent < 0) return unsendable(s);
  s.front.take(s.front.tail - s.front.head);
  return !s.closeClient && s.front.reusable;
}

async function pushWhole(s: Stream, body: Uint8Array<ArrayBuffer>): Promise<number> {
  const sent = await s.front.push(body, 0, body.length, true);
  if (sent >= 0) s.bytesOut += body.length;
  return sent;
}

/** The client's pace is the source's: nothing is made before what was made last is sent. */
async function pushSource(s: Stream, source: BodySource): Promise<number> {
  let budget = BUDGET;
  for (;;) {
    if (s.stopped !== 0) return s.stopped;
    const part = source.next();
    if (part === null) return await s.front.finish(null);
    s.clientSide.begin();
    const sent = await s.front.push(part, 0, part.length, false);
    if (sent < 0) return sent;
    s.bytesOut += part.length;
    budget -= part.length;
    if (budget > 0) continue;
    budget = BUDGET;
    await s.env.sys.turn();
  }
}

function unsendable(s: Stream): boolean {
  s.closeClient = true;
  return false;
}

/** Makes the response message of a reply; its body, or null when it does not fit in a buffer. */
function fill(s: Stream, reply: Reply): Uint8Array<ArrayBuffer> | null {
  const m = s.response;
  const body = reply.body ?? NO_BODY;
  m.reset();
  let ok = m.setStatus(reply.status, reply.reason);
  const { headers } = reply;
  const hasLength = !hasNoBody(reply.status) && reply.source === null;
  if (reply.source !== null) {
    m.bodyKind = BODY_CHUNKED;
    m.framingEdited = true;
  }
  if (hasLength) {
    m.bodyKind = body.length === 0 ? BODY_NONE : BODY_LENGTH;
    m.contentLength = body.length;
  }
  for (let i = 0; i <= headers.length; i += 2) {
    if (hasLength && i === reply.lengthAt) ok = ok && m.add(new HeaderName("content-length"), String(body.length));
    if (i < headers.length) ok = ok && m.add(new HeaderName(headers[i]), headers[i + 1]);
  }
  return ok ? body : null;
}

/** As fill(), from the bytes of an error file: what is behind its head is the body, whatever the head says. */
function fillRaw(s: Stream, raw: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const m = s.response;
  m.reset();
  const head = new H1Parser().parseResponse(raw, 0, raw.length, m, s.request.method);
  if (head <= 0) return null;
  const body = raw.subarray(head);
  if (m.bodyKind !== BODY_LENGTH || m.contentLength !== body.length) {
    m.removeAll(new HeaderName("content-length"));
    if (!m.add(new HeaderName("content-length"), String(body.length))) return null;
    m.bodyKind = body.length === 0 ? BODY_NONE : BODY_LENGTH;
    m.contentLength = body.length;
  }
  return body;
}

/** Sends a 1xx head with these fields, in the place of the response's own head that is not there yet. */
export async function sendInterim(s: Stream, status: number, headers: readonly string[]): Promise<number> {
  if (s.request.version < 11) return 0;
  const m = s.response;
  m.reset();
  let ok = m.setStatus(status, status === 103 ? "Early Hints" : "Continue");
  for (let i = 0; i < headers.length; i += 2) ok = ok && m.add(new HeaderName(headers[i]), headers[i + 1]);
  if (!ok) return 0;
  s.clientSide.begin();
  const sent = await s.front.writeHead(m, true);
  s.clientSide.done();
  m.reset();
  return sent;
}
