// Framing fields of a head that rules have touched (RFC 9112 6.3): Content-Length, Transfer-Encoding and Connection say
// what is really sent, whatever was set, added or removed. Otherwise a rule could make the peer read a body as a head.
//
// Heads nobody touched (Message.framingEdited false) are right as they were parsed and never come here.
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  CONN_CLOSE,
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_TRANSFER_ENCODING,
  M_HEAD,
  type Message,
} from "../../http/mod.ts";
import type { H1Extra } from "./serialize.ts";

/**
 * Makes the fields fit the body of `m`; what is missing goes to `extra`.
 *
 * @param method of the request that a response answers.
 * @param chunks whether the peer reads chunks (HTTP/1.1).
 * @returns how the body is to be sent, one of BODY_*.
 */
export function reframe(m: Message, extra: H1Extra, method: number, chunks: boolean): number {
  // What a response without a body says of one is for the client to know (RFC 9110 8.6): no harm in it.
  if (m.status === 304 || (m.status > 0 && method === M_HEAD)) return BODY_NONE;
  let kind = m.bodyKind;
  if (kind === BODY_LENGTH && m.find(H_CONTENT_LENGTH) < 0) kind = chunks ? BODY_CHUNKED : BODY_UNTIL_CLOSE;
  keepOnly(m, H_TRANSFER_ENCODING, kind === BODY_CHUNKED ? "chunked" : null);
  if (kind === BODY_CHUNKED) extra.chunked = m.find(H_TRANSFER_ENCODING) < 0;
  const final = m.status >= 200 && m.status !== 204;
  if (kind === BODY_LENGTH) keepOnly(m, H_CONTENT_LENGTH, String(m.contentLength));
  else keepOnly(m, H_CONTENT_LENGTH, kind === BODY_NONE || m.status === 101 ? "0" : null);
  const needed = kind === BODY_LENGTH || (kind === BODY_NONE && final);
  if (needed && m.find(H_CONTENT_LENGTH) < 0) extra.contentLength = m.contentLength;
  return kind;
}

/** Takes Connection fields of rules that speak of closing or not out of the head: CONN_CLOSE when one asks for it. */
export function takeConnection(m: Message): number {
  let asked = 0;
  for (let row = m.find(H_CONNECTION); row >= 0; row = m.find(H_CONNECTION, row + 1)) {
    const said = /(?:^|[,\s])(close|keep-alive)(?:$|[,\s])/i.exec(m.valueText(row));
    if (said === null) continue;
    if (said[1].toLowerCase() === "close") asked = CONN_CLOSE;
    m.remove(row);
  }
  return asked;
}

/** Removes all rows of a name but the first that has this value. */
function keepOnly(m: Message, id: number, value: string | null): void {
  let kept = false;
  for (let row = m.find(id); row >= 0; row = m.find(id, row + 1)) {
    if (!kept && value !== null && m.valueText(row).toLowerCase() === value) kept = true;
    else m.remove(row);
  }
}
