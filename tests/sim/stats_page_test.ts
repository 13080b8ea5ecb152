// The statistics page (configuration.txt 4.2 "stats ..."): who sees it, what is on it, what an administrator changes.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { answers, defaults, get, play, type Scene, type SceneOptions, WEB, web } from "./scenario.ts";
import { ask, bodyOf, STATS, stats, STATS_PROXY, tableOf } from "./stats.ts";

const APP = `${defaults()}${web()}`;

/** A backend may lose its last server here. */
const EMPTY = / has no server available!$/;

/** A proxy at STATS with these statements. */
function page(statements: string, more = ""): string {
  return `${APP}\nlisten stats\n    bind 10.0.0.1:90\n${statements}\n${more}`;
}

/** Plays a scene without a server. */
function show(
  config: string,
  script: (scene: Scene) => Promise<void>,
  more: Partial<SceneOptions> = {},
): Promise<Scene> {
  return play({ config, alerts: EMPTY, ...more }, script);
}

function status(answer: string): string {
  return answer.split(" ")[1];
}

function form(body: string, fields = "", path = "/"): string {
  return `POST ${path} HTTP/1.0\r\nHost: sim\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

const login = (text: string) => `Authorization: Basic ${btoa(text)}\r\n`;

Deno.test("STATS-01 stats enable, uri: the page is at its prefix, of GET and HEAD; the rest goes on", async () => {
  await show(page("    stats enable"), async (scene) => {
    assertMatch(await ask(scene, "/haproxy?stats"), /^HTTP\/1.1 200 OK\r\n(.*\r\n)*content-type: text\/html/);
    assertMatch(await ask(scene, "/haproxy?stats;csv"), /\r\ncontent-type: text\/plain\r\n.*\n# pxname,svname,/s);
    assertMatch(await ask(scene, "/haproxy?stats;json"), /\r\ncontent-type: application\/json\r\n.*\n\[\[\{"objType"/s);
    assertMatch(
      await ask(scene, "/haproxy?stats;typed;desc"),
      /\nF\.1\.0\.0\.pxname\.1:KNS:str:web:"Name of the proxy"\n/,
    );
    assertMatch(await ask(scene, "/haproxy?stats;json-schema"), /\n\{"\$schema":"http:\/\/json-schema\.org/);
    assertEquals(status(await ask(scene, "/haproxy?stat")), "503", "a listen section without servers");
    assertEquals(status(await ask(scene, "", "PUT /haproxy?stats HTTP/1.0\r\n\r\n")), "503");
    const head = await ask(scene, "", "HEAD /haproxy?stats HTTP/1.0\r\n\r\n");
    assertEquals(bodyOf(head), "");
    assertMatch(head, /^HTTP\/1.1 200 OK\r\n/);
    assertEquals(
      status(await ask(scene, "", "GET http://sim/haproxy?stats HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n")),
      "200",
    );
  });
});

Deno.test("STATS-01 stats in a frontend and in a backend: after their http-request rules, before redirect and use_backend", async () => {
  const rules = (prefix: string) => `
    stats enable
    stats uri /${prefix}
    http-request deny if { path /${prefix}deny }
    http-response set-header x-response 1
    http-after-response set-header x-after 1
    redirect location /elsewhere if { path /${prefix}redir }
`;
  const config = defaults() + web(rules("f") + "    monitor-uri /f/monitor", rules("b"));
  const scene = await show(config, async (scene) => {
    const to = async (path: string) => {
      const peer = await scene.connect(WEB);
      await peer.send(get(path, "1.0"));
      const { text } = await scene.drain(peer);
      peer.close();
      return text;
    };
    for (const at of ["/f", "/b"]) {
      const seen = await to(at);
      assertEquals(status(seen), "200");
      assert(seen.includes("\r\nx-after: 1\r\n") && !seen.includes("x-response"), "after-response rules only");
      assertEquals([status(await to(`${at}deny`)), status(await to(`${at}redir`))], ["403", "200"]);
    }
    assertMatch(await to("/f/monitor"), /Service ready/);
  });
  const lines = scene.log.map((line) => / web (\S+) .* (\d+) \d+ - - (\S+) /.exec(line)!.slice(1).join(" "));
  assertEquals(lines, [
    "web/<STATS> 200 LR--",
    "web/<NOSRV> 403 PR--",
    "web/<STATS> 200 LR--",
    "app/<STATS> 200 LR--",
    "app/<NOSRV> 403 PR--",
    "app/<STATS> 200 LR--",
  ]);
});

Deno.test("STATS-01 stats auth, realm: accounts are asked for, and wrong ones are not let in", async () => {
  const config = page('    stats auth anna:se:cret\n    stats auth bob:pw\n    stats realm "Who are you"');
  await show(config, async (scene) => {
    const as = async (fields: string) => await ask(scene, "", get("/haproxy?stats", "1.0", fields));
    const asked = await as("");
    assertEquals(status(asked), "401");
    assertMatch(asked, /\r\nwww-authenticate: Basic realm="Who are you"\r\n/);
    const tries = ["anna:se:cret", "bob:pw", "bob:se:cret", "anna:", "carl:pw", "bob"];
    const got = [];
    for (const text of tries) got.push(status(await as(login(text))));
    assertEquals(got, ["200", "200", "401", "401", "401", "401"]);
  });
  await show(page("    stats auth a:b"), async (scene) => {
    assertMatch(await ask(scene, "/haproxy?stats"), /realm="HAProxy Statistics"/);
  });
});

Deno.test("STATS-01 stats http-request: the first rule that matches decides", async () => {
  const rules = `
    stats uri /s
    stats http-request deny if { url_sub deny }
    stats http-request auth realm Area if { url_sub ask }
    stats http-request allow if { url_sub let }
    stats http-request auth
`;
  await show(page(rules), async (scene) => {
    const got = [];
    for (const path of ["/s?deny", "/s?ask", "/s?let", "/s"]) got.push(status(await ask(scene, path)));
    assertEquals(got, ["403", "401", "200", "401"]);
    assertMatch(await ask(scene, "/s?ask"), /realm="Area"/);
    assertMatch(await ask(scene, "/s"), /realm="HAProxy Statistics"/);
    const { dreq } = (await tableOf(bodyOf(await ask(scene, "/s?let;csv")))).get("stats/FRONTEND")!;
    assertEquals(dreq, "1", "who is asked is not denied");
  });
});

Deno.test("STATS-01 stats scope, the scope of a page, ;up, ;no-maint", async () => {
  const farm = `
backend farm
    server up 10.0.1.1:80
    server off 10.0.1.2:80 disabled
    server down 10.0.1.3:80 check init-state down inter 60s
backend other
`;
  const names = async (scene: Scene, path: string) => [...tableOf(bodyOf(await ask(scene, path))).keys()].join(" ");
  await show(page("    stats uri /", farm), async (scene) => {
    assertEquals(
      await names(scene, "/;csv"),
      "web/FRONTEND app/s app/BACKEND stats/FRONTEND stats/BACKEND farm/up farm/off farm/down farm/BACKEND other/BACKEND",
    );
    assertEquals(await names(scene, "/?scope=far;csv"), "farm/up farm/off farm/down farm/BACKEND");
    assertEquals(await names(scene, "/?scope=far;csv;no-maint"), "farm/up farm/down farm/BACKEND");
    assertEquals(await names(scene, "/;csv;up;scope=far"), "farm/up farm/BACKEND");
  });
  await show(page("    stats uri /\n    stats scope .\n    stats scope other", farm), async (scene) => {
    assertEquals(await names(scene, "/;csv"), "stats/FRONTEND stats/BACKEND other/BACKEND");
    assertEquals(await names(scene, "/;csv;scope=farm"), "");
  });
});

Deno.test("STATS-01 stats refresh, hide-version, show-legends, show-node, show-desc", async () => {
  const global = 'global\n    node n-1\n    description the "<farm>"\n';
  const plain = await seen(page("    stats uri /"));
  assert(!/\r\nrefresh:/.test(plain) && plain.includes("Sluice version") && !plain.includes("10.0.1.1:80"), plain);
  assert(!plain.includes("n-1"));
  const all =
    "\n    stats refresh 2m\n    stats hide-version\n    stats show-legends\n    stats show-node\n    stats show-desc\n";
  const full = await seen(global + page(`    stats uri /${all}`));
  assertMatch(full, /\r\nrefresh: 120\r\n/);
  assert(!full.includes("Sluice version"));
  assert(full.includes("10.0.1.1:80") && full.includes("cap: backend, mode: http, id: 2"));
  assertMatch(full, /<h1>Statistics report for pid \d+ on n-1: the &#60;farm&#62;<\/h1>/);
  assert(!/\r\nrefresh:/.test(await seen(page(`    stats uri /${all}`), "/;norefresh")));
  const own = await seen(page("    stats uri /\n    stats show-node mine\n    stats show-desc its own"));
  assertMatch(own, /pid \d+ on mine: its own</);
  const csv = await seen(page("    stats uri /"), "/;csv");
  assertEquals([tableOf(bodyOf(csv)).get("app/s")!.addr, tableOf(bodyOf(csv)).get("app/BACKEND")!.algo], ["", ""]);
});

async function seen(config: string, path = "/"): Promise<string> {
  let text = "";
  await show(config, async (scene) => {
    text = await ask(scene, path);
  });
  return text;
}

Deno.test("STATS-01 stats show-node is the host without a node", async () => {
  await show(page("    stats uri /\n    stats show-node\n    stats show-desc"), async (scene) => {
    const text = await ask(scene, "/");
    assert(text.includes(` on ${scene.world.main.proc.hostname}</h1>`), text.slice(0, 600));
  });
});

Deno.test("STATS-01 a connection goes on after a page and after a form, also one that waits to be asked for its body", async () => {
  await show(page("    stats uri /\n    stats admin if TRUE", FARM), async (scene) => {
    const peer = await scene.connect(STATS);
    const body = "s=s2&action=maint&b=farm";
    const expect = `POST / HTTP/1.1\r\nHost: sim\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`;
    for (let i = 0; i < 2; i++) {
      await peer.send(get("/;csv"));
      assertMatch(await peer.until("\r\n0\r\n\r\n"), /^HTTP\/1.1 200 OK\r\n.*farm\/?/s);
      await peer.send(expect);
      assertEquals(await peer.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
      await peer.send(body);
      assertMatch(await peer.until("\r\n\r\n"), /^HTTP\/1.1 303 .*;st=DONE\r\n/s);
    }
    peer.close();
    const late = await scene.connect(STATS);
    await late.send(expect.replace(/Expect.*\r\n/, "") + "s=s2");
    assertMatch((await scene.drain(late)).text, /^HTTP\/1.1 408 /, "a form that does not come");
    late.close();
  });
});

Deno.test("STATS-02 stats show-modules: a column for each module", async () => {
  assert(!(await seen(page("    stats uri /"))).includes("Extra modules"));
  const shown = await seen(page("    stats uri /\n    stats show-modules"));
  assert(shown.includes("Extra modules") && shown.includes("HTTP/1 connections open now"));
  const csv = bodyOf(await seen(page("    stats uri /"), "/;csv"));
  const names = csv.split("\n")[0].split(",");
  assertEquals(names.slice(names.indexOf("-") + 1, -1).every((name) => name.startsWith("h1_")), true);
  const row = tableOf(csv).get("stats/FRONTEND")!;
  assertEquals([row.h1_open_connections, row.h1_open_streams, row.h1_total_connections], ["1", "1", "1"]);
});

Deno.test("STATS-01 a proxy's own stats statements replace those of its defaults section", async () => {
  const sections = `
defaults
    mode http
    timeout client 1s
    timeout server 1s
    timeout connect 1s
    stats uri /a
    stats auth u:p
listen l1
    bind 10.0.0.1:91
listen l2
    bind 10.0.0.1:92
    stats uri /b
listen l3
    bind 10.0.0.1:93
    stats refresh 5s
`;
  await show(`${APP}${sections}`, async (scene) => {
    const found = [];
    for (const port of [91, 92, 93]) {
      for (const path of ["/a", "/b", "/haproxy?stats"]) {
        const peer = await scene.connect({ ...STATS, port } as typeof STATS);
        await peer.send(get(path, "1.0"));
        found.push(status((await scene.drain(peer)).text));
        peer.close();
      }
    }
    assertEquals(found.join(" "), "401 503 503 503 200 503 503 503 200");
  });
});

Deno.test("STATS-01 names, descriptions and what checks say are escaped", async () => {
  const config = `${defaults()}
frontend web
    bind 10.0.0.1:80
    description <script>alert(1)</script> & "more"
    default_backend a.b
backend a.b
    option httpchk
    http-check expect string <i>
    server s 10.0.1.1:80 check inter 100ms fall 1
listen stats
    bind 10.0.0.1:90
    stats uri /
    stats show-desc <b>
`;
  const server: SceneOptions["server"] = () => async (peer) => {
    await peer.until("\r\n\r\n");
    await peer.send('HTTP/1.0 500 <img src=x onerror="y">\r\n\r\n');
  };
  await show(config, async (scene) => {
    await scene.sleep(500);
    const text = await ask(scene, "/;st=%3Cu%3E&scope=%22%3E%3Cx%3E");
    assert(text.includes("&#60;b&#62;") && !text.includes("<b>:"), text);
    assert(!text.includes("<x>") && text.includes('value="&#34;&#62;&#60;x&#62;"'));
    const page = await ask(scene, "/");
    assert(page.includes("&#60;script&#62;alert(1)&#60;/script&#62; &#38; ") && !page.includes("<script>"));
    assert(!page.includes("<img"));
  }, { server });
});

Deno.test("STATS-01 a page for a thousand servers comes whole, however slowly it is read", async () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `    server s${i} 10.0.1.1:80`).join("\n");
  const config = page("    stats uri /", `backend farm\n${lines}\n`).replaceAll(
    "timeout client 4s",
    "timeout client 60s",
  );
  await show(config, async (scene) => {
    const peer = await scene.connect(STATS);
    await peer.send(get("/", "1.1", "Connection: close\r\n"));
    let text = "";
    for (let i = 0; i < 20; i++) {
      text += await peer.exactly(1000);
      await scene.sleep(50);
    }
    text += (await scene.drain(peer)).text;
    peer.close();
    assertMatch(text, /\r\ntransfer-encoding: chunked\r\n/);
    assert(text.endsWith("\r\n0\r\n\r\n"));
    for (const i of [0, 500, 999]) assert(text.includes(`id="farm/s${i}"`), `s${i}`);
    const csv = bodyOf(await ask(scene, "/;csv"));
    assertEquals(csv.trimEnd().split("\n").length, 1 + 3 + 2 + 1001);
    const json = JSON.parse(bodyOf(await ask(scene, "/;json"))) as unknown[];
    assertEquals(json.length, 3 + 2 + 1001);
  });
});

Deno.test("STATS-01 a client that goes away in the middle of the page takes nothing with it", async () => {
  const lines = Array.from({ length: 500 }, (_, i) => `    server s${i} 10.0.1.1:80`).join("\n");
  await show(page("    stats uri /", `backend farm\n${lines}\n`), async (scene) => {
    for (const end of ["close", "reset", "wait"] as const) {
      const peer = await scene.connect(STATS);
      await peer.send(get("/"));
      await peer.exactly(2000);
      if (end === "close") peer.close();
      else if (end === "reset") peer.reset();
      else {
        await scene.sleep(6000);
        peer.close();
      }
    }
    assertEquals(status(await ask(scene, "/")), "200");
  });
});

const FARM = `
backend farm
    id 77
    server s1 10.0.1.1:80 check inter 60s
    server s2 10.0.1.1:80
`;

Deno.test("STATS-01 stats admin: a form changes servers and leads to a page that says so", async () => {
  await show(page("    stats uri /p\n    stats admin if TRUE", FARM), async (scene) => {
    await scene.sleep(100);
    const post = async (body: string, path = "/p", fields = "") => {
      const answer = await ask(scene, "", form(body, fields, path));
      assertMatch(answer, /^HTTP\/1.1 303 See Other\r\n/);
      assertEquals(bodyOf(answer), "");
      return /\r\nlocation: (\S+)\r\n/.exec(answer)![1];
    };
    const states = async () => {
      const table = tableOf(bodyOf(await ask(scene, "/p;csv")));
      return ["s1", "s2"].map((name) => table.get(`farm/${name}`)!.status).join(", ");
    };
    assertEquals(await states(), "UP, no check");
    assertEquals(await post("s=s1&s=s2&action=maint&b=%2377"), "/p;st=DONE");
    assertEquals(await states(), "MAINT, MAINT");
    assertEquals(await post("s=s2&action=drain&b=farm", "/p;up;norefresh"), "/p;st=DONE;up;norefresh");
    assertEquals(await states(), "MAINT, DRAIN");
    assertEquals(await post("s=s1&s=s2&s=s3&action=ready&b=farm"), "/p;st=PART");
    await scene.sleep(100);
    assertEquals(await states(), "UP, no check");
    assertEquals(await post("s=s1&action=hdown&b=farm"), "/p;st=DONE");
    assertEquals(await states(), "DOWN, no check");
    assertEquals(await post("s=s1&action=hnolb&b=farm"), "/p;st=DONE");
    assertEquals(await states(), "NOLB, no check");
    assertEquals(await post("s=s1&action=hrunn&b=farm"), "/p;st=DONE");
    assertEquals(await states(), "UP, no check");
    assertEquals(await post("s=s2&action=hdown&b=farm"), "/p;st=NONE", "it is not checked");
    assertEquals(await post("s=s1&s=s2&action=dhlth&b=farm"), "/p;st=DONE");
    assertEquals(await states(), "no check, no check");
    assertEquals(await post("s=s1&action=dhlth&b=farm"), "/p;st=NONE");
    assertEquals(await post("s=s1&action=ehlth&b=farm"), "/p;st=DONE");
    assertEquals(await states(), "UP, no check");
    for (const body of ["", "s=s1&b=farm", "action=maint&b=farm"]) assertEquals(await post(body), "/p;st=NONE");
    for (
      const body of ["s=s9&action=maint&b=farm", "s=s1&action=maint&b=f", "s=s1&action=x&b=farm", "s=s1&action=maint"]
    ) {
      assertEquals(await post(body), "/p;st=ERRP", body);
    }
    assertEquals(await post("s=toString&action=toString&b=farm"), "/p;st=ERRP");
    assertEquals(await post(`s=s1&action=maint&b=farm&x=${"y".repeat(20000)}`), "/p;st=EXCD");
    assertEquals(await states(), "UP, no check");
    assertMatch(await ask(scene, "/p;st=DONE"), /<div class="say good">Action processed successfully\./);
    assertMatch(await ask(scene, "/p"), /<input type="checkbox" name="s" value="s1"/);
  }, { server: answers({}) });
});

Deno.test("STATS-01 stats admin: not for everybody, not without a right, not for forms of other sites", async () => {
  const config = page("    stats uri /\n    stats admin if { req.hdr(x-admin) yes }", FARM);
  await show(config, async (scene) => {
    const post = async (fields: string) => {
      const answer = await ask(scene, "", form("s=s2&action=maint&b=farm", fields));
      return /;st=(\w+)/.exec(answer)![1];
    };
    const yes = "X-Admin: yes\r\n";
    assertEquals(await post(""), "DENY");
    assertEquals(await post(`${yes}Origin: http://evil.example\r\n`), "DENY");
    assertEquals(await post(`${yes}Origin: null\r\n`), "DENY");
    assertEquals(await post(`${yes}Sec-Fetch-Site: cross-site\r\nOrigin: http://sim\r\n`), "DENY");
    assertEquals((await stats(scene)).get("farm/s2")!.status, "no check");
    assertEquals(await post(`${yes}Origin: http://sim\r\n`), "DONE");
    assertEquals(await post(`${yes}Sec-Fetch-Site: same-origin\r\nOrigin: https://other\r\n`), "DONE");
    const page = await ask(scene, "", get("/", "1.0", yes));
    assert(page.includes('name="s"') && !(await ask(scene, "/")).includes('name="s"'), "the form is for those who may");
  });
});

Deno.test("STATS-01 Kill Sessions ends the streams of a server in all threads", async () => {
  const config = page("    stats uri /\n    stats admin if TRUE");
  const scene = await show(config, async (scene) => {
    const clients = [await scene.connect(WEB), await scene.connect(WEB), await scene.connect(WEB)];
    for (const peer of clients) await peer.send(get("/hang"));
    await scene.sleep(50);
    assertEquals((await stats(scene)).get("app/s")!.scur, "3");
    assertMatch(await ask(scene, "", form("s=s&action=shutdown&b=app")), /;st=DONE/);
    for (const peer of clients) assertMatch((await scene.drain(peer)).text, /^HTTP\/1.1 503 /);
    for (const peer of clients) peer.close();
    assertEquals((await stats(scene)).get("app/s")!.scur, "0");
  }, { threads: 2, server: answers({ "/hang": (_, scene) => scene.sleep(3000) }) });
  assertEquals(scene.log.filter((line) => line.includes(" KH-- ")).length, 3);
});

Deno.test("STATS-04 colours: a server, and a backend, that is down but going up is orange", async () => {
  let alive = false;
  const shades = async (scene: Scene) => {
    const text = await ask(scene, "/");
    const row = (name: string) => new RegExp(`<tr class="([a-z-]+)" id="farm/${name}"`).exec(text)![1];
    const backend = /<tr class="back" id="farm\/Backend".*?<td class="text ?([a-z-]*)">\S+ (DOWN, going UP|UP|DOWN)</
      .exec(text)!;
    return `${row("s1")} ${row("s2")} ${row("s3")} ${row("s4")}, ${backend[1]} ${backend[2]}`;
  };
  const down = `${APP}${STATS_PROXY}
backend farm
    option tcp-check
    tcp-check expect string ok
    server s1 10.0.1.1:80 check inter 1s rise 3 fall 2
    server s2 10.0.1.9:80 backup check inter 1s fall 1
    server s3 10.0.1.1:80 disabled
    server s4 10.0.1.1:80 weight 0
`;
  const speaks: SceneOptions["server"] = () => async (peer) => {
    await peer.send(alive ? "ok" : "no");
    await peer.rest();
  };
  await play({ config: down, server: speaks, alerts: EMPTY }, async (scene) => {
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) {
      const now = await shades(scene);
      if (now !== seen.at(-1)) seen.push(now);
      if (i === 9) alive = true;
      await scene.sleep(500);
    }
    assertEquals(seen, [
      "active-going-down backup-up maint no-check,  UP",
      "active-going-down active-down maint no-check,  UP",
      "active-down active-down maint no-check, active-down DOWN",
      "active-going-up active-down maint no-check, active-going-up DOWN, going UP",
      "active-up active-down maint no-check,  UP",
    ]);
  });
});
