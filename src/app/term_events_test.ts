import { assertEquals } from "@std/assert";
import { runTermEvents } from "./term_events.ts";

Deno.test("LOG-08 tuples given as words, or found in log lines", () => {
  const none = () => "";
  assertEquals(runTermEvents(["{,,e1,S1s1,,,F7}"], none), {
    text: "### e1 : se:shutw\n### S1s1 : STRM:shutw > strm:shutw\n### F7 : FD:conn_err\n",
    status: 0,
  });
  assertEquals(runTermEvents(["{,,e1,,,,}", "{}"], none), {
    text: "### e1 : se:shutw\n'{}' is no tuple of 7 elements in braces\n",
    status: 1,
  });
  const lines = 'web app/s 200 "GET / HTTP/1.1" {,,e1,,,,}\nweb app/s 503 {f6,,,,,,}\n';
  assertEquals(runTermEvents([], () => lines), { text: "### e1 : se:shutw\n### f6 : fd:aborted\n", status: 0 });
});
