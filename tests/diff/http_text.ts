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
