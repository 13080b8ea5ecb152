// Defaults of TLS without TLS: read, kept, told to who asks, and never a reason not to start.
import { assertEquals } from "@std/assert";
import { load } from "./load.ts";
import { programRegistry } from "./manifest.ts";

function loaded(text: string) {
  const fs = { readFile: () => "none", readDir: () => "none", kind: () => "absent" as const };
  return load({ files: [{ name: "t.cfg", text }], env: {} }, programRegistry(), { fs, proc: { hostname: "h" } });
}

const LISTS = [
  "ssl-default-bind-ciphers A:B",
  "ssl-default-bind-ciphersuites A:B",
  "ssl-default-bind-curves A:B",
  "ssl-default-bind-sigalgs A:B",
  "ssl-default-bind-client-sigalgs A:B",
  "ssl-default-server-ciphers A:B",
  "ssl-default-server-ciphersuites A:B",
  "ssl-default-server-curves A:B",
  "ssl-default-server-sigalgs A:B",
  "ssl-default-server-client-sigalgs A:B",
];

Deno.test("PROC-11 defaults of TLS in the global section are valid, and without effect", () => {
  const lines = [
    "ca-base /etc/ssl/certs",
    "crt-base /etc/ssl/private",
    "key-base /etc/ssl/private",
    ...LISTS,
    "ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets prefer-client-ciphers",
    "ssl-default-server-options ssl-max-ver TLSv1.3 force-tlsv12",
  ];
  const { model, diagnostics } = loaded(`global\n${lines.map((line) => `  ${line}\n`).join("")}`);
  assertEquals(diagnostics.map(({ level }) => level), lines.map(() => "NOTICE"));
  const nodes = model!.sections[0].nodes;
  assertEquals(nodes.map((node) => node.keyword), lines.map((line) => line.split(" ")[0]));
  assertEquals(nodes[nodes.length - 2].value, ["ssl-min-ver", "TLSv1.2", "no-tls-tickets", "prefer-client-ciphers"]);
});

Deno.test("PROC-11 defaults of TLS are checked, and ssl itself stays refused", () => {
  const alerts = (text: string) => loaded(text).diagnostics.filter((d) => d.level === "ALERT").length;
  for (
    const line of [
      "ca-base",
      "ca-base /a /b",
      "ssl-default-bind-ciphers",
      "ssl-default-bind-options",
      "ssl-default-bind-options nothing-known",
      "ssl-default-bind-options ssl-min-ver TLSv9",
      "ssl-default-server-options prefer-client-ciphers",
    ]
  ) assertEquals(alerts(`global\n  ${line}\n`), 1, line);
  assertEquals(alerts("global\n  crt-base /c\nfrontend f\n  bind :443 ssl crt a.pem\n"), 1);
});
