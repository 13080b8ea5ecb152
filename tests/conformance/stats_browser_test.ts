// The statistics page in a real browser: it shows what is there, takes nothing from elsewhere, and its form changes servers.
// Skipped where Chromium is absent.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../mod.ts";
import { freePort } from "./program.ts";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const chromium = PROGRAMS.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});
if (chromium === undefined) {
  console.warn("tests/conformance: Chromium is not installed, the statistics page is not opened");
}

/** The page as the browser has it after its scripts ran, and what it complained of. */
async function open(url: string): Promise<{ readonly dom: string; readonly complaints: string }> {
  const profile = Deno.makeTempDirSync({ prefix: "stats-browser-" });
  const args =
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --enable-logging=stderr --v=0 --dump-dom"
      .split(" ");
  try {
    const command = new Deno.Command(chromium!, { args: [...args, `--user-data-dir=${profile}`, url], stdin: "null" });
    const { stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    const complaints = decoder.decode(stderr).split("\n").filter((line) => line.includes("CONSOLE"));
    return { dom: decoder.decode(stdout), complaints: complaints.join("\n") };
  } finally {
    Deno.removeSync(profile, { recursive: true });
  }
}

Deno.test({
  name: "STATS-01 STATS-02 the statistics page in a browser: proxies, servers, modules, the form and its script",
  ignore: chromium === undefined,
  async fn() {
    const [port, other, dead] = [freePort(), freePort(), freePort()];
    const text = `
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:${other}
    description "the <shop> & more"
    default_backend farm
backend farm
    server s1 127.0.0.1:${dead}
    server s2 127.0.0.1:${dead} backup
listen stats
    bind 127.0.0.1:${port}
    stats enable
    stats uri /
    stats admin if TRUE
    stats show-legends
    stats show-modules
`;
    await using proxy = await run({ text }, { onMessage: () => {} });
    void proxy;
    const url = `http://127.0.0.1:${port}/`;
    const { dom, complaints } = await open(url);
    assertEquals(complaints, "", "nothing in the page is refused by its own rules");
    for (const name of ["web", "farm", "stats"]) assertStringIncludes(dom, `<section id="${name}">`);
    assertStringIncludes(dom, "<span>the &lt;shop&gt; &amp; more</span>");
    assertStringIncludes(dom, "Extra modules");
    assertStringIncludes(dom, '<input type="checkbox" name="s" value="s1"');
    assertEquals(dom.match(/<tr class="no-check" id="farm\/s[12]"/g)?.length, 2);
    assert(!/src=|https?:\/\//.test(dom.replaceAll("data:", "")), "it takes nothing from elsewhere");

    const body = new URLSearchParams([["s", "s1"], ["s", "s2"], ["action", "maint"], ["b", "farm"]]);
    const answer = await fetch(url, { method: "POST", body });
    assertEquals(new URL(answer.url).pathname, "/;st=DONE");
    assertStringIncludes(await answer.text(), "Action processed successfully.");
    const after = (await open(`${url};up`)).dom;
    assertStringIncludes(after, '<section id="farm">');
    assert(!after.includes('id="farm/s1"'), "servers in maintenance are hidden");
  },
});
