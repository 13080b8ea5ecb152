// HTTP/1 heads and chunked bodies at random, against a second parser written for clarity: texts, lines, regular
// expressions. Both must accept the same and see the same in it, whatever the pieces it arrives in; what is written out
// must be read back as the same. Broken parsers (the canaries) must be told apart from the reference by the same run.
//
// FUZZ_SEED and FUZZ_ROUNDS override the seed and the number of rounds; a failure prints its seed.
import { assert, assertEquals } from "@std/assert";
import { bytesToLatin1, latin1ToBytes, Prng } from "../../src/base/mod.ts";
import {
  CHUNK_DATA,
  CHUNK_END,
  CHUNK_MORE,
  CHUNK_TRAILERS,
  ChunkDecoder,
  H1_BAD_CHUNK,
  H1Extra,
  H1Parser,
  writeRequestHead,
} from "../../src/codec/mod.ts";
import { Message } from "../../src/http/mod.ts";

const SEED = Number(Deno.env.get("FUZZ_SEED") ?? 20240611);
const ROUNDS = Number(Deno.env.get("FUZZ_ROUNDS") ?? 20000);

// ---- the reference ----------------------------------------------------------------------------------------------

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN})[ \\t]+([\\x21\\x22\\x24-\\x7e]+)[ \\t]+HTTP/(\\d)\\.(\\d)$`);
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*([^\\0\\r]*?)[ \\t]*$`);
const HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=%:[\]]*$/;

/** What a parser makes of a request: "refused", "more", or everything it says, as one text. */
type Parse = (input: string, random: Prng) => string;

function reference(input: string): string {
  const start = /^(?:\r?\n)*/.exec(input)![0].length;
  // The head ends with the first empty line behind the first line.
  const end = /\n\r?\n/.exec(input.slice(start));
  if (end === null) return "more";
  const length = start + end.index + end[0].length;
  const raw = input.slice(start, length).split("\n").slice(0, -2);
  const lines = raw.map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  const request = REQUEST_LINE.exec(lines[0]);
  if (request === null) return "refused";
  // Folds: CR and LF each become a space.
  const fields: [string, string][] = [];
  const joined: string[] = [];
  for (let i = 1; i < lines.length; i++) {
    if (/^[ \t]/.test(lines[i])) {
      if (joined.length === 0) return "refused";
      joined[joined.length - 1] += (raw[i - 1].endsWith("\r") ? "  " : " ") + lines[i];
    } else joined.push(lines[i]);
  }
  if (joined.length > 100) return "refused";
  for (const line of joined) {
    const m = FIELD.exec(line);
    if (m === null) return "refused";
    fields.push([m[1].toLowerCase(), m[2]]);
  }
  const version = Math.min(Number(request[3] + request[4]), 11);
  return framed(length, request[1], request[2], version, fields);
}

/** Parts of a list, in which commas in quotes end none. */
function parts(value: string): string[] {
  const marked = value.replace(/"(?:\\.|[^"\\])*(?:"|$)/g, (quoted) => quoted.replaceAll(",", "\n"));
  return marked.split(",").map((t) => t.replaceAll("\n", ",").replace(/^[ \t]+|[ \t]+$/g, ""));
}

function framed(length: number, method: string, target: string, version: number, all: [string, string][]): string {
  const values = (name: string) => all.filter((f) => f[0] === name).map((f) => f[1]);
  const list = (name: string) =>
    values(name).flatMap((v) => v.split(",").map((t) => t.replace(/^[ \t]+|[ \t]+$/g, "")));
  const hosts = values("host");
  if (!hosts.every((h) => HOST.test(h) && h.toLowerCase() === hosts[0].toLowerCase())) return "refused";
  if (!target.startsWith("/") && target !== "*") return "refused";
  if (method === "CONNECT") return "refused";
  let fields = all.filter((f) => f[0] !== "host" || f === all.find((g) => g[0] === "host"));
  const lengths = list("content-length");
  const numbers = new Set(lengths.map((l) => /^\d+$/.test(l) ? Number(l) : NaN));
  if (numbers.size > 1 || [...numbers].some((n) => Number.isNaN(n) || n > Number.MAX_SAFE_INTEGER)) return "refused";
  const codings = list("transfer-encoding").map((c) => c.toLowerCase());
  if (codings.length > 0 && (codings.length > 1 || codings[0] !== "chunked")) return "refused";
  const tokens = values("connection").flatMap(parts).map((t) => t.toLowerCase());
  const says = new Set<string>(tokens.filter((t) => t === "close" || t === "keep-alive" || t === "upgrade"));
  let body = "none";
  if (codings.length > 0) {
    body = "chunked";
    if (lengths.length > 0 || version < 11) says.add("close");
    fields = fields.filter((f) => f[0] !== "content-length");
  } else if (lengths.length > 0) {
    const first = fields.find((f) => f[0] === "content-length")!;
    fields = fields.filter((f) => f[0] !== "content-length" || f === first).map((f): [string, string] =>
      f === first ? [f[0], f[1].split(",")[0].replace(/[ \t]+$/, "")] : f
    );
    const n = [...numbers][0];
    if (n > 0) body = "length " + n;
  }
  if (body !== "none" && version < 11 && ["GET", "HEAD", "DELETE"].includes(method)) return "refused";
  fields = fields.flatMap((f): [string, string][] => {
    if (f[0] !== "connection") return [f];
    const named = parts(f[1]).filter((t) => t !== "");
    const others = named.filter((t) => !["close", "keep-alive"].includes(t.toLowerCase()));
    if (others.length === 0) return [];
    return others.length < named.length ? [[f[0], others.join(",")]] : [f];
  });
  const flags = ["close", "keep-alive", "upgrade"].filter((t) => says.has(t)).join(" ");
  const head = fields.map((f) => `${f[0]}: ${f[1]}\r\n`).join("");
  return `${length} ${method} ${target} ${version} ${body} [${flags}]\n${head}`;
}

// ---- the parser under test --------------------------------------------------------------------------------------

const parser = new H1Parser();
const message = new Message();
message.attach(new Uint8Array(16384));
const out = new Uint8Array(32768);
const BODIES = ["none", "length", "chunked", "until-close", "tunnel"];

function describe(length: number, m: Message): string {
  const says = ["close", "keep-alive", "upgrade"].filter((_, i) => (m.connection & (1 << i)) !== 0).join(" ");
  const end = writeRequestHead(m, out, 0, out.length, new H1Extra());
  const written = bytesToLatin1(out, 0, end);
  const body = BODIES[m.bodyKind] + (m.contentLength > 0 ? " " + m.contentLength : "");
  const lines = written.slice(written.indexOf("\r\n") + 2, -2);
  return `${length} ${m.methodText()} ${m.targetText()} ${m.version} ${body} [${says}]\n${lines}`;
}

/** Parses in random pieces, then checks that what is written is read as the same. */
function underTest(input: string, random: Prng): string {
  const bytes = latin1ToBytes(input);
  message.reset();
  parser.reset();
  let result = 0;
  for (let to = 0; result === 0 && to < bytes.length;) {
    to = random.chance(0.5) ? bytes.length : Math.min(bytes.length, to + 1 + random.below(20));
    result = parser.parseRequest(bytes, 0, to, message);
  }
  if (result === 0) return "more";
  if (result < 0) {
    assert(parser.errorAt >= 0 && parser.errorAt < bytes.length, "the position of the error");
    return "refused";
  }
  const seen = describe(result, message);
  const again = out.slice(0, writeRequestHead(message, out, 0, out.length, new H1Extra()));
  assert(!/[^\r]\n|\r[^\n]|\0/.test(bytesToLatin1(again)), "a bare line end or NUL was written");
  // What close and keep-alive said is not in the message any more, so the second reading differs in that alone.
  const says = message.connection;
  message.reset();
  assertEquals(parser.parseRequest(again, 0, again.length, message), again.length, "what is written is read back");
  message.connection = says;
  assertEquals(describe(result, message), seen, "what is written says the same");
  return seen;
}

// ---- random requests --------------------------------------------------------------------------------------------

const LINES = [
  "Host: a",
  "Host: a.example:80",
  "host: b",
  "X: 1",
  "X-Long-Name: " + "v".repeat(40),
  "Accept: */*",
  "Cookie: a=1; b=2",
  "Content-Length: 5",
  "Content-Length: 5, 5",
  "content-length: 6",
  "Content-Length: 05",
  "Content-Length: +5",
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: Chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: identity",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: keep-alive, x , Upgrade",
  "Connection: ,a,,close,",
  'Connection: "a, close", close',
  "Expect: 100-continue",
  "Empty:",
  "Blanks: \t ",
  "X : 1",
  "X\t: 1",
  ": 1",
  "nocolon",
  " folded",
  "\tfolded: x",
  "  ",
  "Trailing: x \t",
  "Bytes: \x01\x7f\x80\xff",
  "N\xe9: 1",
  "A(b): 1",
  "User-Agent: Mozilla/5.0",
] as const;
const STARTS = [
  "GET / HTTP/1.1",
  "POST /x?y=z HTTP/1.1",
  "GET / HTTP/1.0",
  "DELETE /a HTTP/1.0",
  "HEAD / HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "PUT /%20 HTTP/1.7",
  "X-Y / HTTP/3.0",
  "GET  /  HTTP/1.1",
  "GET\t/ HTTP/1.1",
  "GET /a#b HTTP/1.1",
  "GET /",
  "GET / HTTP/1.1 ",
  "GET x HTTP/1.1",
  "GET / HTTP/1.11",
  'get /"<>\\ HTTP/1.1',
  "GET / http/1.1",
] as const;
const BYTES = '\0\t\n\r !"#,:;/0aAzZ~\x7f\x80\xff';

function randomRequest(random: Prng): string {
  const ends = random.chance(0.8) ? ["\r\n"] : ["\r\n", "\n", "\r\n", "\r\r\n", "\r"];
  let text = random.chance(0.1) ? "\r\n".repeat(random.below(3)) : "";
  text += (random.chance(0.7) ? STARTS[random.below(2)] : random.pick(STARTS)) + random.pick(ends);
  for (let n = random.below(8); n > 0; n--) {
    text += (random.chance(0.6) ? LINES[random.below(8)] : random.pick(LINES)) + random.pick(ends);
  }
  if (random.chance(0.03)) text += "Long: " + "v".repeat(random.below(4000)) + random.pick(ends);
  text += random.chance(0.95) ? random.pick(ends) : "";
  if (random.chance(0.3)) text += "body\r\n\r\n";
  for (let n = random.chance(0.4) ? random.below(3) : 0; n > 0; n--) text = mutate(text, random);
  return text;
}

function mutate(text: string, random: Prng): string {
  const at = random.below(text.length + 1);
  const byte = random.chance(0.8) ? random.pick([...BYTES]) : String.fromCharCode(random.below(256));
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at) + byte + text.slice(at);
    case 1:
      return text.slice(0, at) + byte + text.slice(at + 1);
    default:
      return text.slice(0, at) + text.slice(at + 1 + random.below(3));
  }
}

/** The first input for which the two do not agree, or null. An incomplete head may be refused early. */
function hunt(candidate: Parse, seed: number, rounds: number): string | null {
  const random = new Prng(seed);
  for (let i = 0; i < rounds; i++) {
    const input = randomRequest(random);
    const expected = reference(input);
    const got = candidate(input, random);
    if (got === expected || (expected === "more" && got === "refused")) continue;
    return `round ${i} of seed ${seed}\ninput ${JSON.stringify(input)}\nwants ${JSON.stringify(expected)}\ngot   ${
      JSON.stringify(got)
    }`;
  }
  return null;
}

Deno.test("H1-01 fuzz: random requests are of every kind", () => {
  const random = new Prng(SEED);
  const kinds = new Map<string, number>();
  for (let i = 0; i < 10000; i++) {
    const seen = reference(randomRequest(random)).split("\n")[0].replace(/^\d+ \S+ \S+ \d+ /, "");
    const kind = seen.replace(/ \d+/, "").replace(/ \[.*/, "");
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  for (const kind of ["more", "refused", "none", "length", "chunked"]) {
    assert((kinds.get(kind) ?? 0) >= 100, `${kind}: ${kinds.get(kind)}`);
  }
});

Deno.test("H1-01 H1-06 fuzz: requests are read as the reference reads them", () => {
  const found = hunt(underTest, SEED, ROUNDS);
  assert(found === null, found ?? "");
});

/** Parsers with one mistake each that attackers look for. */
const CANARIES: Record<string, Parse> = {
  "space before the colon": (t, r) => underTest(t.replace(/[ \t]+:/g, ":"), r),
  "the first of two lengths": (t, r) =>
    underTest(t.replace(/(content-length: *\d+)[^\n]*((?:\n[^\n]+)*?)\ncontent-length:[^\n]*/i, "$1\r$2"), r),
  "LF LF missed as the end": (t, r) => underTest(t.replace(/\n\n/, "\n \n"), r),
  "CR taken as a line end": (t, r) => underTest(t.replace(/\r(?!\n)/g, "\r\n"), r),
  "NUL dropped": (t, r) => underTest(t.replaceAll("\0", ""), r),
  "folds cut off": (t, r) => underTest(t.replace(/\r?\n[ \t][^\n]*/g, ""), r),
  "coding ignored beside a length": (t, r) =>
    /content-length/i.test(t) ? underTest(t.replace(/transfer-encoding:[^\n]*\n/i, ""), r) : underTest(t, r),
  "close forgotten": (t, r) => underTest(t, r).replace("[close]", "[]"),
};

Deno.test("H1-06 fuzz: every canary is found", () => {
  for (const [name, canary] of Object.entries(CANARIES)) {
    assert(hunt(canary, SEED, ROUNDS) !== null, `not found: ${name}`);
  }
});

// ---- chunked bodies ---------------------------------------------------------------------------------------------

type Decode = (input: string, random: Prng) => string;

function referenceChunks(input: string): string {
  let data = "";
  let rest = input;
  for (;;) {
    const m = /^([0-9a-fA-F]{1,16})(?:[ \t;][^\0\r\n]{0,4096})?\r\n/.exec(rest);
    if (m === null) return "refused or more";
    const size = Number("0x" + m[1]);
    if (size > Number.MAX_SAFE_INTEGER) return "refused or more";
    rest = rest.slice(m[0].length);
    if (size === 0) {
      if (rest.startsWith("\r\n")) return `${data} end ${rest.slice(2)}`;
      return rest === "" || rest.startsWith("\r") ? "refused or more" : `${data} trailers ${rest}`;
    }
    if (!rest.startsWith("\r\n", size)) return "refused or more";
    data += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
}

const decoder = new ChunkDecoder();

function decode(input: string, random: Prng): string {
  const bytes = latin1ToBytes(input);
  decoder.reset();
  let data = "";
  let at = 0;
  for (let to = 0; to < bytes.length;) {
    to = random.chance(0.3) ? bytes.length : Math.min(bytes.length, to + 1 + random.below(6));
    for (;;) {
      const event = decoder.next(bytes, at, to);
      at = decoder.at;
      if (event === H1_BAD_CHUNK) return "refused or more";
      if (event === CHUNK_MORE) break;
      if (event === CHUNK_DATA) data += bytesToLatin1(bytes, decoder.dataFrom, at);
      if (event === CHUNK_END) return `${data} end ${input.slice(at)}`;
      if (event === CHUNK_TRAILERS) return `${data} trailers ${input.slice(at)}`;
    }
  }
  return "refused or more";
}

function randomChunks(random: Prng): string {
  let text = "";
  for (let n = random.below(4); n > 0; n--) {
    const size = 1 + random.below(20);
    text += (random.chance(0.2) ? "00" : "") + size.toString(16) + random.pick(["", "", "", ";a=b", " ", "\t;x"]) +
      "\r\n" +
      "x".repeat(size) + "\r\n";
  }
  text += "0\r\n" + (random.chance(0.2) ? "a: b\r\n" : "") + "\r\n" + (random.chance(0.3) ? "GET" : "");
  for (let n = random.chance(0.5) ? 1 + random.below(2) : 0; n > 0; n--) text = mutate(text, random);
  return text;
}

function huntChunks(candidate: Decode, seed: number, rounds: number): string | null {
  const random = new Prng(seed);
  for (let i = 0; i < rounds; i++) {
    const input = randomChunks(random);
    const expected = referenceChunks(input);
    const got = candidate(input, random);
    if (got !== expected) {
      return `round ${i} of seed ${seed}\ninput ${JSON.stringify(input)}\nwants ${JSON.stringify(expected)}\ngot   ${
        JSON.stringify(got)
      }`;
    }
  }
  return null;
}

Deno.test("H1-03 H1-06 fuzz: chunks are read as the reference reads them", () => {
  const found = huntChunks(decode, SEED, ROUNDS);
  assert(found === null, found ?? "");
});

Deno.test("H1-06 fuzz: every canary among the decoders is found", () => {
  const canaries: Record<string, Decode> = {
    "LF as a line end": (t, r) => decode(t.replace(/\r?\n/g, "\r\n"), r),
    "a blank before the size": (t, r) => decode(t.replace(/^ +/, ""), r),
    "bytes behind the data dropped": (t, r) => decode(t.replace(/^3\r\n(...)[^\r]\r\n/, "3\r\n$1\r\n"), r),
    "CR in an extension": (t, r) => decode(t.replace(/;([^\r\n]*)\r(?!\n)/, ";$1"), r),
  };
  for (const [name, canary] of Object.entries(canaries)) {
    assert(huntChunks(canary, SEED, ROUNDS) !== null, `not found: ${name}`);
  }
});
