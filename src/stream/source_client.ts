// The client of a stream as "usesrc" sees it: its address, and addresses in headers of its request.
import { HeaderName, nthValue, ValueCursor } from "../http/mod.ts";
import type { Client } from "../proxy/mod.ts";
import type { Stream } from "./stream.ts";

export function sourceClient(s: Stream): Client {
  return {
    src: s.session.src,
    headerValue(name, occurrence) {
      if (!s.requestReady) return null;
      const cursor = new ValueCursor();
      if (!nthValue(s.request, new HeaderName(name), occurrence, cursor)) return null;
      return s.request.text(cursor.from, cursor.to);
    },
  };
}
