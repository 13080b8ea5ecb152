// Warnings of configurations that are valid, but in which something can have no effect (-c).
import { assertEquals } from "@std/assert";
import { createSimWorld } from "../sys/sim/mod.ts";
import { load } from "./load.ts";
import { programRegistry } from "./manifest.ts";

/** The messages about a configuration, "LEVEL line:column text"; those about timeouts and listeners are left out. */
function messages(text: string): string[] {
  const sys = createSimWorld().main;
  const files = [{ name: "t.cfg", text }];
  const { diagnostics } = load({ files, env: {}, localPeer: "sim" }, programRegistry(), sys);
  return diagnostics.filter(({ text }) => !text.startsWith("missing timeouts") && !text.includes("no 'bind'"))
    .map(({ level, at, text }) => `${level} ${at?.line}:${at?.column} ${text}`);
}

Deno.test("CFG-24 options and formats that need HTTP, in TCP proxies; formats of proxies that log nowhere", () => {
  const text = `frontend f
 mode tcp
 log stdout local0
 option forwardfor
 option originalto
 option http-buffer-request
 option http-ignore-probes
 monitor-uri /x
 log-format %HM
 error-log-format %ci%HV
 unique-id-format %HU
backend b
 mode tcp
 option forwarded
frontend switched
 mode tcp
 tcp-request content switch-mode http if HTTP
 option forwardfor
 http-request deny
 log-format %HM
frontend quiet
 log-format %ci
listen other
 log global
 no log
 option tcplog
`;
  assertEquals(messages(text), [
    "ALERT 9:2 failed to parse log-format : format alias 'HM' is reserved for HTTP mode.",
    "ALERT 10:2 failed to parse error-log-format : format alias 'HV' is reserved for HTTP mode.",
    "ALERT 11:2 failed to parse unique-id-format : format alias 'HU' is reserved for HTTP mode.",
    "WARNING 4:2 'option forwardfor' ignored for frontend 'f' as it requires HTTP mode.",
    "WARNING 5:2 'option originalto' ignored for frontend 'f' as it requires HTTP mode.",
    "WARNING 6:2 'option http-buffer-request' ignored for frontend 'f' as it requires HTTP mode.",
    "WARNING 7:2 'option http-ignore-probes' ignored for frontend 'f' as it requires HTTP mode.",
    "WARNING 8:2 monitor-uri will be ignored for frontend 'f' (needs 'mode http').",
    "WARNING 14:2 'option forwarded' ignored for backend 'b' as it requires HTTP mode.",
    "WARNING 20:2 log format ignored for frontend 'switched' since it has no log address.",
    "WARNING 22:2 log format ignored for frontend 'quiet' since it has no log address.",
    "WARNING 26:2 log format ignored for proxy 'other' since it has no log address.",
  ]);
});
