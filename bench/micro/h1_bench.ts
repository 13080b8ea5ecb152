// Costs of HTTP/1 heads: `deno bench bench/micro/h1_bench.ts`. The head is one of a browser: 558 bytes, 9 fields.
import { latin1ToBytes } from "../../src/base/mod.ts";
import { headerIdOf, Message } from "../../src/http/mod.ts";
import {
  ChunkDecoder,
  H1Extra,
  H1Parser,
  writeChunkHeader,
  writeRequestHead,
  writeResponseHead,
} from "../../src/codec/mod.ts";

const REQUEST = latin1ToBytes(
  "GET /assets/css/main.4f9c1e.css?v=20240611 HTTP/1.1\r\n" +
    "Host: www.example.com\r\n" +
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0\r\n" +
    "Accept: text/css,*/*;q=0.1\r\n" +
    "Accept-Language: en-US,en;q=0.5\r\n" +
    "Accept-Encoding: gzip, deflate, br, zstd\r\n" +
    "Connection: keep-alive\r\n" +
    "Referer: https://www.example.com/products/catalogue/index.html\r\n" +
    "Cookie: session=6f1d2c3b4a5968778695a4b3c2d1e0f9; theme=dark; lang=en; _ga=GA1.2.1234567890.1718000000; consent=yes; cart=a1b2c3d4e\r\n" +
    "Cache-Control: no-cache, no-store, must-revalidate, private, max-age=0\r\n\r\n",
);
const RESPONSE = latin1ToBytes(
  "HTTP/1.1 200 OK\r\nServer: nginx/1.24.0\r\nDate: Tue, 11 Jun 2024 08:00:00 GMT\r\nContent-Type: text/css\r\n" +
    'Content-Length: 10240\r\nConnection: keep-alive\r\nETag: "6667f2a0-2800"\r\nCache-Control: max-age=3600\r\n\r\n',
);

const message = new Message();
message.attach(new Uint8Array(16384));
const out = new Uint8Array(16384);
const parser = new H1Parser();
const extra = new H1Extra();

Deno.bench(`parse a request head of ${REQUEST.length} bytes, 9 fields`, () => {
  message.reset();
  if (parser.parseRequest(REQUEST, 0, REQUEST.length, message) !== REQUEST.length) throw new Error("not parsed");
});

Deno.bench(`parse a response head of ${RESPONSE.length} bytes, 7 fields`, () => {
  message.reset();
  if (parser.parseResponse(RESPONSE, 0, RESPONSE.length, message, 2) !== RESPONSE.length) throw new Error("not parsed");
});

Deno.bench("parse and write a request head", () => {
  message.reset();
  parser.parseRequest(REQUEST, 0, REQUEST.length, message);
  if (writeRequestHead(message, out, 0, out.length, extra) < 0) throw new Error("not written");
});

Deno.bench("parse and write a response head", () => {
  message.reset();
  parser.parseResponse(RESPONSE, 0, RESPONSE.length, message, 2);
  if (writeResponseHead(message, out, 0, out.length, extra) < 0) throw new Error("not written");
});

const NAME = latin1ToBytes("accept-encoding");
Deno.bench("number of a header name", () => {
  if (headerIdOf(NAME, 0, NAME.length) === 0) throw new Error("unknown");
});

const BODY = new Uint8Array(8192);
let bodyEnd = 0;
for (const size of [1000, 2000, 4000]) bodyEnd = writeChunkHeader(BODY, bodyEnd, size) + size + 2;
for (let i = 0, at = 0; i < 3; i++) {
  at += [1000, 2000, 4000][i] + 5;
  BODY[at++] = 13;
  BODY[at++] = 10;
}
const decoder = new ChunkDecoder();
Deno.bench("decode three chunks of 7000 bytes", () => {
  decoder.reset();
  let at = 0;
  while (at < bodyEnd) {
    if (decoder.next(BODY, at, bodyEnd) < 0) throw new Error(`bad at ${decoder.at}`);
    at = decoder.at;
  }
});
