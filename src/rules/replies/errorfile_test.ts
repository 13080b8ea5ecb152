import { assertEquals } from "@std/assert";
import { bytesToLatin1, latin1ToBytes } from "../../base/mod.ts";
import { parseErrorFile } from "./errorfile.ts";

function read(text: string): unknown {
  const reply = parseErrorFile(latin1ToBytes(text));
  return typeof reply === "string" ? reply : { ...reply, body: bytesToLatin1(reply.body) };
}

Deno.test("HTTP-28 an error file is read as a response, with either line end", () => {
  const text =
    "HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\nConnection: close\r\nX: a\r\n  b\r\n\r\nbody\n";
  const reply = {
    status: 503,
    reason: "Service Unavailable",
    headers: ["cache-control", "no-cache", "x", "a b"],
    body: "body\n",
    close: true,
    silent: false,
  };
  assertEquals(read(text), reply);
  assertEquals(read(text.replaceAll("\r", "")), reply);
  assertEquals(read("HTTP/1.1 404\nContent-Length: 2\n\nab"), {
    status: 404,
    reason: "",
    headers: [],
    body: "ab",
    close: false,
    silent: false,
  });
});

Deno.test("HTTP-28 an empty error file ends the connection without a response", () => {
  assertEquals((read("") as { silent: boolean }).silent, true);
});

Deno.test("HTTP-28 a file that is no response is refused with the reason", () => {
  assertEquals(read("garbage"), "unable to parse headers (the empty line behind them is missing)");
  assertEquals(read("garbage\n\n"), "unable to parse headers ('garbage' is no status line)");
  assertEquals(read("HTTP/1.1 099 x\n\n"), "unable to parse headers ('HTTP/1.1 099 x' is no status line)");
  assertEquals(read("HTTP/1.1 404 x\nbad header\n\n"), "unable to parse headers ('bad header' is no header)");
  assertEquals(read("HTTP/1.1 404 x\nA: b\0\n\n"), "unable to parse headers ('A: b\0' is no header)");
  assertEquals(
    read("HTTP/1.1 404 x\nContent-Length: 50\n\nbody"),
    "payload size does not match the announced content-length (4 != 50)",
  );
  assertEquals(
    read("HTTP/1.1 404 x\nTransfer-Encoding: chunked\n\n0\n\n"),
    "a payload with a transfer coding is not supported",
  );
  assertEquals(read("HTTP/1.1 204 x\n\nbody"), "message payload not expected");
});
