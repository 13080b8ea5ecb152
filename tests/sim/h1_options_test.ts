// Options of HTTP/1 that change what is let through and what is written: each case sends one request and one response and
// looks at what either peer got.
import { assert } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { defaults, play, web } from "./scenario.ts";

interface Case {
  /** Lines of the sections. */
  readonly global?: string;
  readonly front?: string;
  readonly back?: string;
  readonly request: string;
  readonly response?: string;
  readonly before?: Parameters<typeof play>[0]["before"];
}

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Sends the request, answers with the response, and ends both connections: all that the server and the client got. */
async function cross(c: Case): Promise<{ server: string; client: string }> {
  let server = "";
  let client = "";
  const serve = () => async (peer: Peer) => {
    server += await peer.until("END");
    await peer.send(c.response ?? OK);
    server += await peer.rest();
    peer.close();
  };
  const config = `${c.global ?? ""}\n${defaults()}${web(c.front, c.back)}`;
  await play({ config, server: serve, before: c.before }, async (s) => {
    const peer = await s.connect();
    await peer.send(c.request);
    client = await peer.rest();
    peer.close();
  });
  return { server, client };
}

const CHUNKS = "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Last: END\r\n\r\n";

Deno.test("H1-12 trailers are dropped on the way to whom the option is about, and cross without it", async () => {
  const request = `POST / HTTP/1.1\r\nHost: h\r\nX-Mark: END${CHUNKS}`;
  const response = `HTTP/1.1 200 OK${CHUNKS}`;
  for (const drops of ["", "request", "response"]) {
    const option = `option http-drop-${drops}-trailers`;
    const { server, client } = await cross({
      front: drops === "response" ? option : "",
      back: drops === "request" ? option : "",
      request,
      response,
    });
    const [bare, full] = ["2\r\nhi\r\n0\r\n\r\n", "2\r\nhi\r\n0\r\nx-last: END\r\n\r\n"];
    assert(server.endsWith(drops === "request" ? bare : full), server);
    assert(client.endsWith(drops === "response" ? bare : full), client);
  }
});
