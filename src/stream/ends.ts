// What the end of a stream leaves in its termination events (configuration.txt 7.3.2 "term_events"), from the letters of
// its termination state (8.5).
import {
  CLIENT_CONNECTION,
  CLIENT_ENDPOINT,
  EVENT_ABORTED,
  EVENT_INTERCEPTED,
  EVENT_INTERNAL,
  EVENT_KILLED,
  EVENT_SHUTW,
  EVENT_TIMEOUT,
  SERVER_CONNECTION,
  SERVER_ENDPOINT,
  STREAM,
} from "../sample/mod.ts";
import type { Stream } from "./stream.ts";

/** The cause of an end was just decided. */
export function noteEnd(s: Stream): void {
  const { events, cause, phase } = s;
  // In these phases the server had its say.
  const server = phase === "H" || phase === "D" || phase === "L";
  switch (cause) {
    case "C":
      events.add(CLIENT_CONNECTION, false, EVENT_ABORTED);
      return events.add(STREAM, false, EVENT_ABORTED);
    case "c":
      return events.add(STREAM, false, EVENT_TIMEOUT);
    case "S":
      // What kept the stream from its server is noted where it was met.
      if (!server) return;
      events.add(SERVER_CONNECTION, true, EVENT_ABORTED);
      return events.add(STREAM, true, EVENT_ABORTED);
    case "s":
      return events.add(STREAM, true, EVENT_TIMEOUT);
    case "I":
      return events.add(STREAM, server, EVENT_INTERNAL);
    case "D":
    case "U":
    case "K":
      return events.add(STREAM, true, EVENT_KILLED);
    default:
      return events.add(STREAM, server, EVENT_INTERCEPTED);
  }
}

/** The stream is over: what was open is shut. */
export function noteClose(s: Stream): void {
  const { events } = s;
  if (s.server !== null) events.add(STREAM, true, EVENT_SHUTW);
  events.add(STREAM, false, EVENT_SHUTW);
  if (s.backConn !== null) events.add(SERVER_ENDPOINT, true, EVENT_SHUTW);
  if (s.bytesOut > 0) events.add(CLIENT_ENDPOINT, false, EVENT_SHUTW);
}
