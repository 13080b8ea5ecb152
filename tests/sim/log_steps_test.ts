// When lines are logged, and how each is made: log-steps, do-log, error-log-format, log profiles, %OG, %lc, %rt.
import { assertEquals } from "@std/assert";
import { answers, defaults, get, play, RAW, raw, type Scene, web } from "./scenario.ts";

const server = answers({ "/fail": (peer) => (peer.close(), Promise.resolve(false)) });

async function ask(scene: Scene, text: string, to?: typeof RAW): Promise<void> {
  const peer = await scene.connect(to);
  await peer.send(text);
  await scene.drain(peer);
  peer.close();
  await scene.sleep(10);
}

/** What is logged about these requests, one a connection. */
async function logged(config: string, ...requests: string[]): Promise<string[]> {
  const scene = await play({ config, server }, async (scene) => {
    for (const request of requests) await ask(scene, request);
  });
  return scene.log;
}

const WHEN = 'log-format "%OG %ST %s %Tc"';

Deno.test("LOG-09 log-steps: a line at each step that is named, times not final until the end", async () => {
  const requests = [get("/", "1.0"), get("/denied", "1.0")];
  const lines = (steps: string) =>
    logged(defaults() + web(`${WHEN}\n${steps}\nhttp-request deny if { path /denied }`), ...requests);
  assertEquals(await lines(""), ["txn_close 200 s 0", "txn_close 403 <NOSRV> -1"]);
  assertEquals(await lines("log-steps all"), [
    "txn_accept -1 <NOSRV> -1",
    "txn_request -1 <NOSRV> -1",
    "txn_connect -1 s 0",
    "txn_response 200 s 0",
    "txn_close 200 s 0",
    "txn_accept -1 <NOSRV> -1",
    "txn_request -1 <NOSRV> -1",
    "txn_close 403 <NOSRV> -1",
  ]);
  const two = ["txn_accept -1 <NOSRV> -1", "txn_close 200 s 0", "txn_accept -1 <NOSRV> -1", "txn_close 403 <NOSRV> -1"];
  assertEquals(await lines("log-steps accept,close"), two);
  assertEquals(await lines("log-steps accept close\noption logasap"), two, "logasap adds nothing to them");
  assertEquals(await lines("log-steps connect"), ["txn_connect -1 s 0"]);
  assertEquals(await logged(defaults() + web(`log-format "%B"\nlog-steps response,close`), requests[0]), ["+57", "59"]);
});

Deno.test("LOG-09 log-steps of a TCP proxy: accept, request, connect, close", async () => {
  const config = defaults() + raw(`${WHEN}\nlog-steps all`).replace("    option tcplog\n", "");
  const scene = await play({ config, server }, (scene) => ask(scene, get("/", "1.0"), RAW));
  assertEquals(scene.log, [
    "txn_accept -1 <NOSRV> -1",
    "txn_request -1 <NOSRV> -1",
    "txn_connect -1 s 0",
    "txn_close -1 s 0",
  ]);
});

Deno.test("LOG-09 option logasap says at which step its line is made", async () => {
  assertEquals(await logged(defaults() + web(`${WHEN}\noption logasap`), get("/", "1.0")), ["txn_response 200 s 0"]);
  const config = defaults() + raw(`${WHEN}\noption logasap`).replace("    option tcplog\n", "");
  const scene = await play({ config, server }, (scene) => ask(scene, get("/", "1.0"), RAW));
  assertEquals(scene.log, ["txn_connect -1 s 0"]);
});

Deno.test("LOG-04 do-log makes a line in every rule set and says which, beside the stream's own", async () => {
  const rules = ["tcp-request connection", "tcp-request session", "tcp-request content", "http-request"]
    .map((set) => `${set} do-log`).join("\n");
  const after = ["tcp-response content", "http-response", "http-after-response"].map((set) => `${set} do-log`).join(
    "\n",
  );
  const lines = await logged(
    defaults() + web(`log-format "%OG %lc %rt"\n${rules}`, after),
    get("/", "1.0"),
    get("/", "1.0"),
  );
  const once = [
    "tcp-req-conn",
    "tcp-req-sess",
    "tcp-req-cont",
    "http-req",
    "tcp-res-cont",
    "http-res",
    "http-after-res",
    "txn_close",
  ];
  const expected = [0, 1].flatMap((request) => once.map((origin, i) => `${origin} ${request * 8 + i}`));
  assertEquals(lines.map((line) => line.split(" ").slice(0, 2).join(" ")), expected);
  assertEquals(lines.filter((line) => line.startsWith("http-req")).map((line) => line.split(" ")[2]), ["0", "1"]);
});

Deno.test("LOG-04 error-log-format is for errors, retries and 5xx, not for other answers of the proxy itself", async () => {
  const config = defaults() +
    web(`${WHEN}\nerror-log-format "ERR %ST %ts"\nhttp-request return status 404 if { path /none }`);
  assertEquals(await logged(config, get("/", "1.0"), get("/none", "1.0"), get("/fail", "1.0"), "bad\r\n\r\n"), [
    "txn_close 200 s 0",
    "txn_close 404 <NOSRV> -1",
    "ERR 502 SH",
    "ERR 400 PR",
  ]);
});

const PROFILES = `
log-profile p
    log-tag custom
    on error format "%ci: error"
    on connect drop
    on any sd "[any@1]"
    on http-req format "rule %OG" sd "[rule@1]"

log-profile q
    on close format "closed"
    on any drop
`;

Deno.test("LOG-09 LOG-01 log profiles: their tag, formats and drops hold for their targets only", async () => {
  const targets = (format: string) =>
    [`log stdout format ${format} local0`, `log stdout format ${format} profile p local0`]
      .concat(`log stdout format ${format} profile q local0`).map((line) =>
        `    no log\n`.slice(0, 0) + `    ${line}\n`
      )
      .join("");
  const front =
    `    no log\n${targets("rfc5424")}    log-tag normal\n    log-format "%OG"\n    log-format-sd "[own@1]"\n` +
    "    log-steps connect,close\n    http-request do-log if { path /logged }\n";
  const lines = await logged(PROFILES + defaults() + web(front), get("/logged", "1.0"), get("/fail", "1.0"));
  const shown = lines.map((line) => line.replace(/^<134>1 \S+ - (\S+) \d+ - /, "$1 "));
  assertEquals(shown, [
    "normal [own@1] http-req",
    "custom [rule@1] rule http-req",
    "normal [own@1] txn_connect",
    "normal [own@1] txn_close",
    "custom [any@1] txn_close",
    "normal [own@1] closed",
    "normal [own@1] txn_connect",
    "normal [own@1] txn_close",
    "custom [own@1] 127.0.0.1: error",
    "normal [own@1] closed",
  ]);
});

Deno.test("LOG-09 a step's own format counts for its errors, unless the proxy has a format for errors", async () => {
  const front = (more: string) => `    no log\n    log stdout format raw profile q local0\n    ${WHEN}\n${more}`;
  const ask = (more: string) => logged(PROFILES + defaults() + web(front(more)), get("/fail", "1.0"));
  assertEquals(await ask(""), ["closed"]);
  assertEquals(await ask('    error-log-format "%ST"'), [], "its 'any' drops it");
});

Deno.test("LOG-03 option httpslog is httplog with the fields of TLS, which a connection without it does not have", async () => {
  const line = (more: string) => logged(defaults().replace("option httplog", more) + web(), get("/", "1.0"));
  const [plain] = await line("option httplog");
  const [https] = await line("option httpslog");
  const undated = (text: string) => text.replace(/^\S+ \S+ /, "");
  assertEquals(undated(https), `${undated(plain)} 0/-/-/-/0 -/-/-`);
});

Deno.test("LOG-04 HTTP-28 %ST of an error file is the status it stands for, whatever the file says", async () => {
  const page = "HTTP/1.0 503 Nope\r\nContent-Type: text/plain\r\n\r\nnope";
  const config = defaults() + web(`log-format "%ST"
    errorfile 403 /error
    errorloc 500 /elsewhere
    http-request deny if { path / }
    http-request deny status 500 if { path /loc }
    http-after-response set-status 418 if { status 503 } { capture.req.uri /set }
    http-request return status 404 errorfile /error`);
  const scene = await play({ config, files: { "/error": page } }, async (scene) => {
    for (const path of ["/", "/loc", "/file", "/set"]) await ask(scene, get(path, "1.0"));
  });
  assertEquals(scene.log, ["403", "500", "404", "418"]);
});
