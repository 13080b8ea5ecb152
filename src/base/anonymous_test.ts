import { assertEquals, assertNotEquals } from "@std/assert";
import { anonymous, anonymousAddress } from "./anonymous.ts";

Deno.test("PROC-14 a name is hidden in the same way under the same key only", () => {
  assertEquals(anonymous(1, "web"), anonymous(1, "web"));
  assertEquals(anonymous(1, "web").length, 6);
  assertNotEquals(anonymous(1, "web"), anonymous(2, "web"));
  assertNotEquals(anonymous(1, "web"), anonymous(1, "wec"));
});

Deno.test("PROC-14 of an address the host is hidden", () => {
  const hidden = (host: string) => anonymous(7, host);
  const cases: [string, string][] = [
    ["10.0.0.1:80", `${hidden("10.0.0.1")}:80`],
    ["ipv4@10.0.0.1:80-90", `ipv4@${hidden("10.0.0.1")}:80-90`],
    ["[::1]:80", `${hidden("[::1]")}:80`],
    ["*:80", "*:80"],
    [":80", ":80"],
    ["/run/x.sock", hidden("/run/x.sock")],
    ["app.example", hidden("app.example")],
  ];
  for (const [address, want] of cases) assertEquals(anonymousAddress(7, address), want, address);
});
