// The ClientHello at every split of its bytes, in every cut into records, and with every length wrong.
import { assertEquals } from "@std/assert";
import { bytesToLatin1, latin1ToBytes, Prng } from "../base/mod.ts";
import {
  ClientHello,
  EXT_ALPN,
  EXT_SESSION_TICKET,
  EXT_SIGNATURE_ALGORITHMS,
  EXT_SUPPORTED_GROUPS,
  ssl2Version,
} from "./client_hello.ts";
import { HANDSHAKE_MORE, HANDSHAKE_NONE, HandshakeReader } from "./tls_handshake.ts";

/** The body of the ClientHello that OpenSSL 3 sent for "www.Example.com" with h2 and http/1.1, without its padding. */
const OPENSSL = "0303" + "86ac18db3a7da26ff53f4cc8b03bc8ec88250d843c45eac15e24a55bdeb3db5f" +
  "20efa2f5d6367ae6d57f7ce1fbaf0fc05ecd799043db5ce3b9f4f149d09e7d3ca5" +
  "0024130213031301c02cc030c02bc02fcca9cca8c024c028c023c027009f009e006b006700ff" + "0100" + "00bf" +
  "00000014001200000f7777772e4578616d706c652e636f6d" + "000b000403000102" +
  "000a00160014001d0017001e0019001801000101010201030104" + "00230000" + "0010000e000c02683208687474702f312e31" +
  "00160000" + "00170000" +
  "000d002a0028040305030603080708080809080a080b080408050806040105010601030303010302040205020602" +
  "002b00050403040303" + "002d00020101" +
  "003300260024001d00202f44afbb1739c9f745d1b8cf075277184136c8ebae8fb4675618c629282e1c48";

function unhex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
}

function u16(n: number): string {
  return String.fromCharCode(n >> 8, n & 255);
}

function openssl(): Uint8Array<ArrayBuffer> {
  return latin1ToBytes(record(message(1, bytesToLatin1(unhex(OPENSSL)))));
}

function list16(content: string): string {
  return u16(content.length) + content;
}

function extension(type: number, content: string): string {
  return u16(type) + list16(content);
}

/** A handshake message of a type. */
function message(type: number, body: string): string {
  return String.fromCharCode(type, body.length >> 16, body.length >> 8 & 255, body.length & 255) + body;
}

/** A handshake record. */
function record(content: string, version = "\x03\x01"): string {
  return "\x16" + version + list16(content);
}

function body(extensions: string | null, ciphers = "\x13\x01\xc0\x2f", sessionId = ""): string {
  return "\x03\x03" + "r".repeat(32) + String.fromCharCode(sessionId.length) + sessionId + list16(ciphers) +
    "\x01\x00" +
    (extensions === null ? "" : list16(extensions));
}

const SNI = extension(0, list16("\x00" + list16("a.b")));
const ALL = SNI + extension(16, list16("\x02h2\x08http/1.1")) + extension(10, list16("\x00\x1d\x00\x17")) +
  extension(35, "ticket") + extension(13, list16("\x04\x03")) +
  extension(51, list16("\x00\x1d" + list16("key") + "\x11\xec" + list16("longer key")));
const HELLO = message(1, body(ALL, undefined, "s".repeat(32)));

function read(data: string | Uint8Array<ArrayBuffer>, hello = new ClientHello()): number {
  const bytes = typeof data === "string" ? latin1ToBytes(data) : data;
  return hello.read(bytes, 0, bytes.length);
}

/** Everything a hello says, as one text. */
function told(hello: ClientHello): string {
  const at = (found: boolean) => found ? bytesToLatin1(hello.bytes.subarray(hello.from, hello.to)) : "-";
  const groups = new Uint8Array(64);
  const shares = hello.keyShareGroups(groups);
  return [
    hello.version.toString(16),
    bytesToLatin1(hello.bytes.subarray(hello.ciphersFrom, hello.ciphersTo)),
    at(hello.findServerName()),
    at(hello.findProtocol()),
    at(hello.findList(EXT_SUPPORTED_GROUPS)),
    at(hello.findList(EXT_SIGNATURE_ALGORITHMS)),
    at(hello.find(EXT_SESSION_TICKET)),
    shares < 0 ? "-" : bytesToLatin1(groups.subarray(0, shares)),
  ].join("|");
}
const TOLD = "303|\x13\x01\xc0\x2f|a.b|h2|\x00\x1d\x00\x17|\x04\x03|ticket|\x00\x1d\x11\xec";

Deno.test("FETCH-16 the ClientHello of OpenSSL: name, protocols, ciphers, groups, algorithms, key shares", () => {
  const hello = new ClientHello();
  assertEquals(read(openssl(), hello), 1);
  const parts = told(hello).split("|");
  assertEquals([parts[0], parts[2], parts[3], parts[6]], ["303", "www.Example.com", "h2", ""]);
  const hex = (text: string) => Array.from(text, (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  assertEquals(hex(parts[1]).slice(0, 16), "130213031301c02c");
  assertEquals(hex(parts[4]), "001d0017001e0019001801000101010201030104");
  assertEquals(hex(parts[5]).slice(0, 12), "040305030603");
  assertEquals(hex(parts[7]), "001d");
});

Deno.test("FETCH-16 at every split more bytes are asked for, until the last one", () => {
  for (const whole of [latin1ToBytes(record(HELLO)), openssl()]) {
    for (let n = 0; n < whole.length; n++) assertEquals(read(whole.slice(0, n)), HANDSHAKE_MORE, `${n} bytes`);
    assertEquals(read(whole), 1);
  }
});

Deno.test("FETCH-16 a hello cut into records of any size is the same hello, at every split of them", () => {
  for (let size = 1; size < HELLO.length + 2; size++) {
    let wire = "";
    for (let at = 0; at < HELLO.length; at += size) wire += record(HELLO.slice(at, at + size));
    const hello = new ClientHello();
    assertEquals(read(wire, hello), 1, `records of ${size}`);
    assertEquals(told(hello), TOLD, `records of ${size}`);
    const bytes = latin1ToBytes(wire);
    const step = size < 8 ? 1 : 7;
    for (let n = 0; n < bytes.length; n += step) assertEquals(read(bytes.slice(0, n), hello), HANDSHAKE_MORE);
  }
});

Deno.test("FETCH-16 what follows the hello is not looked at; where it begins does not matter", () => {
  const hello = new ClientHello();
  assertEquals(read(record(HELLO + message(2, "x")), hello), 1);
  assertEquals(told(hello), TOLD);
  assertEquals(read(record(HELLO) + "\x14\x03\x03\x00\x01\x01", hello), 1);
  assertEquals(told(hello), TOLD);
  const shifted = latin1ToBytes("junk" + record(HELLO) + "junk");
  assertEquals(hello.read(shifted, 4, shifted.length - 4), 1);
  assertEquals(told(hello), TOLD);
});

Deno.test("FETCH-16 extensions that are missing, empty or of other kinds", () => {
  const hello = new ClientHello();
  const none = "303|\x13\x01\xc0\x2f|-|-|-|-|-|-";
  assertEquals(read(record(message(1, body(null))), hello), 1);
  assertEquals(told(hello), none);
  assertEquals(read(record(message(1, body(""))), hello), 1);
  assertEquals(told(hello), none);
  const name = (list: string) => {
    assertEquals(read(record(message(1, body(extension(0, list)))), hello), 1);
    return hello.findServerName() ? bytesToLatin1(hello.bytes.subarray(hello.from, hello.to)) : "-";
  };
  assertEquals(name(list16("\x00" + list16(""))), "-");
  assertEquals(name(list16("\x01" + list16("x.y"))), "-");
  assertEquals(name(list16("\x01" + list16("abc") + "\x00" + list16("x.y"))), "x.y");
  assertEquals(name(list16("")), "-");
  assertEquals(name(""), "-");
  assertEquals(name("\x00\x20\x00\x00\x03abc"), "-");
  assertEquals(name("\x00\x06\x00\x00\x09abc"), "-");
  const protocols = (list: string) => {
    assertEquals(read(record(message(1, body(extension(EXT_ALPN, list)))), hello), 1);
    return hello.findProtocol();
  };
  assertEquals([list16(""), list16("\x00"), list16("\x05h2"), "\x00\x09\x02h2"].map(protocols), [
    false,
    false,
    false,
    false,
  ]);
  const shares = (list: string) => {
    assertEquals(read(record(message(1, body(extension(51, list)))), hello), 1);
    return hello.keyShareGroups(new Uint8Array(2));
  };
  assertEquals(
    [list16(""), list16("\x00\x1d\x00"), list16("\x00\x1d\x00\x05k"), list16("\x00\x1d\x00\x00".repeat(2))].map(shares),
    [
      0,
      -1,
      -1,
      -1,
    ],
  );
});

Deno.test("FETCH-16 what is no ClientHello is none, as soon as that shows", () => {
  const none = [
    "GET / HTTP/1.1\r\n",
    "\x15\x03\x01\x00\x02\x02\x28",
    "\x16\x02",
    "\x16\x03\x01\x00\x00",
    "\x16\x03\x01\x40\x01",
    record(HELLO.slice(0, 20)) + "\x17\x03\x03",
    record(message(2, "x".repeat(40))),
    record(message(1, "\x03\x03")),
    record(message(1, body(ALL, "\x13\x01\x02"))),
    record(message(1, body(ALL, ""))),
    record(message(1, body(ALL, undefined, "s".repeat(33)))),
    record(message(1, body(ALL) + "x")),
    record(message(1, body(ALL + "\x00\x01\x00"))),
    record(message(1, body(ALL + "\x00\x01\x00\x09x"))),
  ];
  for (const [i, wire] of none.entries()) assertEquals(read(wire), HANDSHAKE_NONE, `case ${i}`);
  assertEquals(read("\x16"), HANDSHAKE_MORE);
});

Deno.test("FETCH-16 any byte changed is read without harm: ranges stay within the message", () => {
  const prng = new Prng(7);
  const whole = latin1ToBytes(record(HELLO));
  const hello = new ClientHello();
  for (let i = 0; i < 4000; i++) {
    const bytes = whole.slice();
    for (let k = 0; k <= i % 3; k++) bytes[5 + prng.u32() % (bytes.length - 5)] = prng.u32();
    if (hello.read(bytes, 0, bytes.length) !== 1) continue;
    for (const found of [() => hello.findServerName(), () => hello.findProtocol(), () => hello.findList(10)]) {
      if (!found()) continue;
      assertEquals(hello.from <= hello.to && hello.to <= bytes.length, true);
    }
  }
});

Deno.test("FETCH-16 the reader finds messages of any type", () => {
  const reader = new HandshakeReader();
  const bytes = latin1ToBytes(record(message(2, "server"), "\x03\x03"));
  assertEquals(reader.read(bytes, 0, bytes.length), 1);
  assertEquals([reader.type, bytesToLatin1(reader.bytes.subarray(reader.from, reader.to))], [2, "server"]);
});

Deno.test("the version of an SSL 2.0 hello, at every split", () => {
  const hello = "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + "\0".repeat(37);
  const bytes = latin1ToBytes(hello);
  for (let n = 0; n < bytes.length; n++) assertEquals(ssl2Version(bytes, 0, n), 0, `${n} bytes`);
  assertEquals(ssl2Version(bytes, 0, bytes.length), 0x0301);
  const bad = (at: number, value: number) => {
    const other = bytes.slice();
    other[at] = value;
    return ssl2Version(other, 0, other.length);
  };
  assertEquals([bad(0, 0x16), bad(2, 2), bad(1, 0x2f), bad(6, 0x14), bad(6, 0), bad(10, 15)], [-1, -1, -1, -1, -1, -1]);
});
