// Enough of HTTP/1 for a scripted server to know when a whole request is there. Knows nothing of errors: what is no
// request never ends.

/** The index after the message that begins at `from`, or -1 while it is incomplete. */
export function endOfMessage(text: string, from: number): number {
  const headEnd = text.indexOf("\r\n\r\n", from);
  if (headEnd < 0) return -1;
  const head = text.slice(from, headEnd).toLowerCase();
  const body = headEnd + 4;
  if (/\r\ntransfer-encoding:[^\r]*chunked/.test(head)) return endOfChunks(text, body);
  const length = /\r\ncontent-length: *(\d+)/.exec(head);
  const end = body + (length === null ? 0 : Number(length[1]));
  return end <= text.length ? end : -1;
}

/** The data of chunks that begin at `from` as one chunk: proxies may divide a body as they like (RFC 9112 7.1). */
export function withOneChunk(text: string): string {
  const headEnd = text.search(/\r\n\r\n/);
  if (headEnd < 0 || !/\r\ntransfer-encoding: chunked\r\n/i.test(text.slice(0, headEnd + 2))) return text;
  let data = "";
  let at = headEnd + 4;
  for (;;) {
    const line = text.indexOf("\r\n", at);
    const size = line < 0 ? NaN : parseInt(text.slice(at, line), 16);
    if (!(size > 0) || line + 4 + size > text.length) break;
    data += text.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
  return `${text.slice(0, headEnd + 4)}<${data.length} bytes in chunks: ${data}>${text.slice(at)}`;
}

function endOfChunks(text: string, from: number): number {
  for (let at = from;;) {
    const line = text.indexOf("\r\n", at);
    if (line < 0) return -1;
    const size = parseInt(text.slice(at, line), 16);
    if (size > 0) {
      at = line + 2 + size + 2;
      if (at > text.length) return -1;
      continue;
    }
    for (let field = line + 2;;) {
      const end = text.indexOf("\r\n", field);
      if (end < 0) return -1;
      if (end === field) return end + 2;
      field = end + 2;
    }
  }
}
