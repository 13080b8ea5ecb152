import { assertEquals } from "@std/assert";
import {
  CLIENT_ENDPOINT,
  decodeTermEvents,
  EVENT_ABORTED,
  EVENT_CONN_ERR,
  EVENT_KILLED,
  EVENT_SHUTW,
  EVENT_TIMEOUT,
  SERVER_CONNECTION,
  STREAM,
  TermEvents,
} from "./term_events.ts";
import { evaluate, TestTxn } from "./testing.ts";

Deno.test("FETCH-18 events of each layer in order, four at most", () => {
  const events = new TermEvents();
  assertEquals(events.text(), "{,,,,,,}");
  events.add(SERVER_CONNECTION, true, EVENT_CONN_ERR);
  events.add(STREAM, true, EVENT_SHUTW);
  events.add(STREAM, false, EVENT_SHUTW);
  events.add(CLIENT_ENDPOINT, false, EVENT_SHUTW);
  assertEquals(events.text(), "{,,e1,S1s1,,,F7}");
  events.add(STREAM, false, EVENT_KILLED);
  events.add(STREAM, true, EVENT_TIMEOUT);
  events.add(STREAM, true, EVENT_ABORTED);
  assertEquals(events.text(), "{,,e1,S1s1saS5,,,F7}");
  events.clear();
  assertEquals(events.text(), "{,,,,,,}");
});

Deno.test("LOG-08 the tuple in words", () => {
  assertEquals(decodeTermEvents("{,,e1,S1s1,,,F7}"), [
    "### e1 : se:shutw",
    "### S1s1 : STRM:shutw > strm:shutw",
    "### F7 : FD:conn_err",
  ]);
  assertEquals(decodeTermEvents(" {f6,M2,,s5S8,,,}\n"), [
    "### f6 : fd:aborted",
    "### M2 : MUXC:2",
    "### s5S8 : strm:tout > STRM:intercepted",
  ]);
  assertEquals(decodeTermEvents("{,,,,,,}"), []);
  assertEquals(decodeTermEvents("{,,}"), "'{,,}' is no tuple of 7 elements in braces");
  assertEquals(decodeTermEvents("e1"), "'e1' is no tuple of 7 elements in braces");
  assertEquals(decodeTermEvents("{,,e1x,,,,}"), "'e1x' is no row of events");
});

Deno.test("FETCH-18 the fetch gives the stream's events", () => {
  const txn = new TestTxn();
  assertEquals(evaluate("term_events", txn), "str:{,,,,,,}");
  txn.termEvents = "{,,e1,S1s1,,,F7}";
  assertEquals(evaluate("term_events", txn), "str:{,,e1,S1s1,,,F7}");
  assertEquals(evaluate("term_events(1)"), "error: fetch method 'term_events' : expected ')' before '1)'");
});
