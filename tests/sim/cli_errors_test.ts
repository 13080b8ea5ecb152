// "show errors" on virtual time: the last message of each proxy and side that broke the rules (management.txt 9.3 and 12).
import { assert, assertEquals, assertMatch } from "@std/assert";
import { CLI, cli } from "./cli.ts";
import { get, play, type Scene, WEB } from "./scenario.ts";

const CONFIG = `
${CLI}
defaults
    mode http
    timeout connect 3s
    timeout client 5s
    timeout server 4s
frontend fe
    bind 10.0.0.1:80
    use_backend rel if { path /rel }
    default_backend be
frontend relaxed
    option accept-unsafe-violations-in-http-request
    bind 10.0.0.1:82
    default_backend rel
backend be
    server s1 10.0.1.1:80
backend rel
    option accept-unsafe-violations-in-http-response
    server s1 10.0.1.1:80
`;

const ANSWERS: Readonly<Record<string, string>> = {
  "/bad": `HTTP/1.1 200 OK\r\nheader/bizarre:blah\r\nLocation: blah\r\nLong-line: ${"x".repeat(150)}\r\n\r\n`,
  "/chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
  "/rel": "HTTP/1.1 200 OK\r\nhe/der: x\r\nContent-Length: 0\r\n\r\n",
};

async function exchange(scene: Scene, text: string, port = 80): Promise<string> {
  const peer = await scene.connect({ ...WEB, port } as typeof WEB);
  await peer.send(text);
  const answer = await peer.until("\r\n\r\n");
  peer.close();
  return answer.slice(9, 12);
}

function run(script: (scene: Scene) => Promise<void>): Promise<Scene> {
  return play({
    config: CONFIG,
    threads: 2,
    server: () => async (peer) => {
      const head = await peer.until("\r\n\r\n");
      await peer.send(ANSWERS[head.split(" ")[1]] ?? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    },
  }, script);
}

/** Without dates and ports of clients. */
async function errors(scene: Scene, words = ""): Promise<string> {
  const text = await cli(scene.world, `show errors ${words}`);
  return text.replace(/\[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}\]/g, "[DATE]").replace(
    /src [\d.]+:\d+/g,
    "src CLIENT",
  );
}

Deno.test("API-22 H1-06 show errors: a refused request with the place of its fault", async () => {
  await run(async (scene) => {
    assertEquals(await errors(scene), "Total events captured on [DATE] : 0\n\n");
    assertEquals(await exchange(scene, "GET /invalid request HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
    assertEquals(
      await errors(scene),
      `Total events captured on [DATE] : 1
 
[DATE] frontend fe (#1): invalid request
  backend <NONE> (#-1), server <NONE> (#-1), event #0, src CLIENT
  buffer starts at 0 (including 0 out), 16342 free,
  len 42, wraps at 16384, error at position 13
  H1 connection flags 0x00000000, H1 stream flags 0x00000000
  H1 msg state MSG_RQVER(6), H1 msg flags 0x00000000
  H1 chunk len 0 bytes, H1 body len 0 bytes :
  
  00000  GET /invalid request HTTP/1.1\\r\\n
  00031  Host: a\\r\\n
  00040  \\r\\n

`,
    );
    assertEquals(await exchange(scene, "GET / HTTP/1.1\r\nHost: a\r\nbad/name: a\tb\x01\\\x1b\x80\r\n\r\n"), "400");
    const second = await errors(scene, "fe");
    assertMatch(second, / : 2\n/);
    assertMatch(second, /event #1, .*\n.*\n {2}len 46, wraps at 16384, error at position 28\n/);
    assertMatch(second, /\n {2}00025 {2}bad\/name: a\\tb\\x01\\\\\\e\\x80\\r\\n\n/);
    assert(!second.includes("invalid request HTTP"), "only the last one of a side is kept");
  });
});

Deno.test("API-22 H1-06 show errors: refused responses, long lines are broken; filters", async () => {
  await run(async (scene) => {
    assertEquals(await exchange(scene, get("/bad")), "502");
    assertEquals(
      await errors(scene, "be response"),
      `Total events captured on [DATE] : 1
 
[DATE] backend be (#3): invalid response
  frontend fe (#1), server s1 (#1), event #0, src CLIENT
  buffer starts at 0 (including 0 out), 16165 free,
  len 219, wraps at 16384, error at position 23
  H1 connection flags 0x00000000, H1 stream flags 0x00000000
  H1 msg state MSG_HDR_NAME(17), H1 msg flags 0x00000000
  H1 chunk len 0 bytes, H1 body len 0 bytes :
  
  00000  HTTP/1.1 200 OK\\r\\n
  00017  header/bizarre:blah\\r\\n
  00038  Location: blah\\r\\n
  00054  Long-line: ${"x".repeat(59)}
  00124+ ${"x".repeat(70)}
  00194+ ${"x".repeat(21)}\\r\\n
  00217  \\r\\n

`,
    );
    assertEquals(
      await exchange(scene, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
      "400",
    );
    const titles = async (words: string) =>
      (await errors(scene, words)).match(/\] (?:frontend|backend) \w+|^No such proxy\.$/gm) ?? [];
    assertEquals(await titles(""), ["] frontend fe", "] backend be"]);
    assertEquals(await titles("-1 request"), ["] frontend fe"]);
    assertEquals(await titles("fe"), ["] frontend fe", "] backend be"], "the response went to the frontend");
    assertEquals(await titles("be"), ["] backend be"]);
    assertEquals(await titles("3"), ["] backend be"]);
    assertEquals(await titles("relaxed"), []);
    assertEquals(await titles("nobody"), ["No such proxy."]);
    assertMatch(await errors(scene, "fe request"), /MSG_CHUNK_SIZE\(26\)/);
    assertEquals(await exchange(scene, get("/chunk")), "502");
    assertMatch(await errors(scene, "be response"), /MSG_CHUNK_SIZE\(26\)/);
  });
});

Deno.test("API-22 H1-08 show errors: what relaxed parsing lets through is told too", async () => {
  await run(async (scene) => {
    assertEquals(await exchange(scene, "GET /rel HTTP/1.1\r\nHost: a\r\nbad/name: x\r\n\r\n", 82), "200");
    const text = await errors(scene, "relaxed");
    assertMatch(
      text,
      /frontend relaxed \(#2\): invalid request\n.*\n.*\n {2}len 43, wraps at 16384, error at position 31\n/,
    );
    assertMatch(
      text,
      /backend rel \(#4\): invalid response\n {2}frontend relaxed .*\n.*\n {2}len 49, .*error at position 19\n/,
    );
    assertMatch(text, /MSG_DONE\(30\)/);
  });
});
