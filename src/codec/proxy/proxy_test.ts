// PROXY protocol headers, read and written, in every prefix; NetScaler headers.
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../../base/mod.ts";
import type { Address } from "../../sys/types.ts";
import {
  HEADER_INVALID,
  HEADER_OTHER,
  HEADER_PARTIAL,
  HEADER_TOO_LONG,
  HEADER_UNHANDLED,
  parseNetscalerHeader,
  parseProxyHeader,
  PP2_TYPE_ALPN,
  PP2_TYPE_AUTHORITY,
  PP2_TYPE_NETNS,
  PP2_TYPE_NOOP,
  PP2_TYPE_SSL,
  PP2_TYPE_UNIQUE_ID,
  ProxyHeader,
  proxyHeader,
  proxyLine,
} from "./mod.ts";

const ROOM = 16384;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Reads a header in the middle of other bytes. */
function read(header: Uint8Array | string, room = ROOM): { result: number; header: ProxyHeader } {
  const bytes = typeof header === "string" ? bytesOf(header) : header;
  const block = new Uint8Array(bytes.length + 7).fill(0xee);
  block.set(bytes, 3);
  const into = new ProxyHeader();
  return { result: parseProxyHeader(block, 3, 3 + bytes.length, room, into), header: into };
}

function ends({ source, destination }: ProxyHeader): string {
  const text = (a: Address | null) => a === null ? "-" : a.family === "unix" ? "unix" : `${a.host}:${a.port}`;
  return `${text(source)} ${text(destination)}`;
}

const V4 = { source: "1.2.3.4", destination: "5.6.7.8" };

function v2(command: number, kind: number, body: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
    command,
    kind,
    body.length >> 8,
    body.length & 0xff,
    ...body,
  ]);
}

const PAIR4 = [1, 2, 3, 4, 5, 6, 7, 8, 0x04, 0x57, 0x08, 0xae];

function tlv(type: number, value: readonly number[] | string): number[] {
  const bytes = typeof value === "string" ? [...bytesOf(value)] : value;
  return [type, bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

Deno.test("PP-01 version 1: TCP4, TCP6, UNKNOWN with whatever follows", () => {
  const four = "PROXY TCP4 9.9.9.9 8.8.8.8 1000 65535\r\n";
  assertEquals(read(four).result, four.length);
  assertEquals(ends(read(four + "GET / HTTP/1.0").header), "9.9.9.9:1000 8.8.8.8:65535");
  assertEquals(read(four + "GET").result, four.length);
  assertEquals(ends(read("PROXY TCP6 ::1 2001:db8::1 0 2\r\n").header), "::1:0 2001:db8::1:2");
  for (const more of ["", " ", " ffff:f...f:ffff ffff:f...f:ffff 65535 65535"]) {
    const { result, header } = read(`PROXY UNKNOWN${more}\r\nx`);
    assertEquals([result, ends(header)], [15 + more.length, "- -"]);
  }
});

Deno.test("PP-01 version 1: what is wrong, and what is something else", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["GET / HTTP/1.1\r\n", HEADER_OTHER],
    ["PROXZ", HEADER_OTHER],
    ["PROXY\r\n", HEADER_OTHER],
    ["PROXY \r\n", HEADER_INVALID],
    ["PROXY  TCP4 9.9.9.9 8.8.8.8 1 2\r\n", HEADER_INVALID],
    ["PROXY TCP4 9.9.9.9 8.8.8.8 1\r\n", HEADER_INVALID],
    ["PROXY TCP4 9.9.9.9 8.8.8.8 1 2 3\r\n", HEADER_INVALID],
    ["PROXY TCP4 9.9.9.9 8.8.8.8 1 2\n", HEADER_INVALID],
    ["PROXY TCP4 9.9.9.9 8.8.8.8 1 2\rX", HEADER_INVALID],
    ["PROXY TCP4 9.9.9.9 8.8.8.8 65536 2\r\n", HEADER_INVALID],
    ["PROXY TCP4 9.9.9.9 8.8.8.8 01 2\r\n", HEADER_INVALID],
    ["PROXY TCP4 9.9.9.9 8.8.8.8 -1 2\r\n", HEADER_INVALID],
    ["PROXY TCP4 9.9.9 8.8.8.8 1 2\r\n", HEADER_INVALID],
    ["PROXY TCP4 ::1 ::1 1 2\r\n", HEADER_INVALID],
    ["PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", HEADER_INVALID],
    ["PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", HEADER_UNHANDLED],
    ["PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", HEADER_UNHANDLED],
    [`PROXY TCP4 ${"9".repeat(95)}\r\n`, HEADER_TOO_LONG],
    [`PROXY TCP4 ${"9".repeat(500)}`, HEADER_TOO_LONG],
  ];
  for (const [text, want] of cases) assertEquals(read(text).result, want, text);
  // The longest that may be.
  const longest = `PROXY UNKNOWN ${"x".repeat(91)}\r\n`;
  assertEquals([longest.length, read(longest).result], [107, 107]);
});

Deno.test("PP-01 version 2: both families, LOCAL with anything, all else refused", () => {
  assertEquals(ends(read(v2(0x21, 0x11, PAIR4)).header), "1.2.3.4:1111 5.6.7.8:2222");
  const six = [...new Array(15).fill(0), 1, ...new Array(15).fill(0), 2, 0, 1, 0, 2];
  assertEquals(ends(read(v2(0x21, 0x21, six)).header), "::1:1 ::2:2");
  for (const header of [v2(0x20, 0, []), v2(0x20, 0x11, PAIR4), v2(0x20, 0x31, [...PAIR4, 1, 2, 3])]) {
    const { result, header: said } = read(header);
    assertEquals([result, said.local, ends(said)], [header.length, true, "- -"]);
  }
  const unix = v2(0x21, 0x31, new Array(216).fill(97));
  const wrong = [
    v2(0x21, 0x00, []),
    v2(0x21, 0x12, PAIR4),
    v2(0x21, 0x10, PAIR4),
    v2(0x21, 0x41, PAIR4),
    v2(0x22, 0x11, PAIR4),
    v2(0x21, 0x11, PAIR4.slice(1)),
    v2(0x21, 0x21, PAIR4),
    unix,
  ];
  for (const header of wrong) assertEquals(read(header).result, HEADER_INVALID, `${header}`);
  assertEquals(read(v2(0x11, 0x11, PAIR4)).result, HEADER_OTHER, "version 1 in the binary form");
  const long = v2(0x21, 0x11, [...PAIR4, ...tlv(PP2_TYPE_NOOP, new Array(2000).fill(0))]);
  assertEquals(read(long, 1000).result, HEADER_TOO_LONG);
  assertEquals(read(long.subarray(0, 16), 1000).result, HEADER_TOO_LONG, "as soon as its length is known");
  assertEquals(read(long).result, long.length);
});

Deno.test("PP-04 values: in order, repeated, within SSL; what is too long to keep", () => {
  const ssl = [1, 0, 0, 0, 0, ...tlv(0x21, "TLSv1.3"), ...tlv(0x22, "cn")];
  const values = [
    ...tlv(PP2_TYPE_AUTHORITY, "host.example"),
    ...tlv(PP2_TYPE_UNIQUE_ID, "id"),
    ...tlv(PP2_TYPE_AUTHORITY, "second"),
    ...tlv(PP2_TYPE_SSL, ssl),
    ...tlv(PP2_TYPE_ALPN, ""),
    ...tlv(PP2_TYPE_NETNS, "ns"),
    ...tlv(0xea, "vpce-1"),
    ...tlv(0xee, new Array(1024).fill(65)),
    ...tlv(0xef, new Array(1025).fill(66)),
  ];
  const { header, result } = read(v2(0x21, 0x11, [...PAIR4, ...values]));
  assert(result > 0);
  const all = (type: number) => {
    const found: string[] = [];
    header.each(type, (bytes, from, to) => {
      found.push(new TextDecoder().decode(bytes.subarray(from, to)));
      return false;
    });
    return found;
  };
  assertEquals(all(PP2_TYPE_AUTHORITY), ["host.example", "second"]);
  assertEquals(all(PP2_TYPE_UNIQUE_ID), ["id"]);
  assertEquals(all(PP2_TYPE_ALPN), [""]);
  assertEquals(all(PP2_TYPE_NETNS), ["ns"]);
  assertEquals([all(0x21), all(0x22), all(0xea)], [["TLSv1.3"], ["cn"], ["vpce-1"]]);
  assertEquals([all(0xee)[0].length, all(0xef).length, all(0x77).length], [1024, 0, 0]);
  assertEquals(header.each(PP2_TYPE_AUTHORITY, () => true), true);
});

Deno.test("PP-01 values that are wrong make the header wrong", () => {
  const wrong = [
    [...tlv(PP2_TYPE_AUTHORITY, "x"), 5],
    [...tlv(PP2_TYPE_AUTHORITY, "x"), 5, 0],
    [...tlv(PP2_TYPE_AUTHORITY, "x"), 5, 0, 9, 1],
    tlv(PP2_TYPE_AUTHORITY, "a".repeat(256)),
    tlv(PP2_TYPE_UNIQUE_ID, "a".repeat(129)),
    tlv(3, [0, 0, 0]),
    tlv(3, [0, 0, 0, 0]),
  ];
  for (const values of wrong) {
    assertEquals(read(v2(0x21, 0x11, [...PAIR4, ...values])).result, HEADER_INVALID, `${values}`);
  }
  assert(read(v2(0x21, 0x11, [...PAIR4, ...tlv(PP2_TYPE_AUTHORITY, "a".repeat(255))])).result > 0);
});

const address = (host: string, port: number): Address => ({ family: host.includes(":") ? "ipv6" : "ipv4", host, port });

Deno.test("PP-02 version 1 is written for both families, mapped when they differ, UNKNOWN for all else", () => {
  const text = (a: Address, b: Address) => new TextDecoder().decode(proxyLine(a, b));
  const four = address(V4.source, 1111);
  assertEquals(text(four, address(V4.destination, 2222)), "PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n");
  assertEquals(text(address("2001:db8::1", 1), address("::2", 2)), "PROXY TCP6 2001:db8::1 ::2 1 2\r\n");
  assertEquals(text(address("2001:db8::1", 1), four), "PROXY TCP6 2001:db8::1 ::ffff:1.2.3.4 1 1111\r\n");
  assertEquals(text(four, { family: "unix", path: "/x" }), "PROXY UNKNOWN\r\n");
});

Deno.test("PP-02 version 2 is written as haproxy 2.6 writes it", () => {
  const hex = (bytes: Uint8Array) => bytes.toHex();
  const source = address("127.0.0.1", 0xd2ec);
  const destination = address("127.0.0.1", 0x6e7a);
  const id = { type: PP2_TYPE_UNIQUE_ID, bytes: bytesOf("-7F000001") };
  // Bytes of the packaged haproxy, with crc32c and unique-id.
  assertEquals(
    hex(proxyHeader({ source, destination, local: false, values: [id], crc32c: true })),
    "0d0a0d0a000d0a515549540a2111001f7f0000017f000001d2ec6e7a03000428207fc60500092d3746303030303031",
  );
  const v6 = { source: address("2001:db8::1", 0xd6a0), destination: address("127.0.0.1", 0x6e7b) };
  const id6 = { type: PP2_TYPE_UNIQUE_ID, bytes: bytesOf("-20010DB8000000000000000000000001") };
  assertEquals(
    hex(proxyHeader({ ...v6, local: false, values: [id6], crc32c: true })),
    "0d0a0d0a000d0a515549540a2121004f20010db800000000000000000000000100000000000000000000ffff7f000001d6a06e7b" +
      "030004766fdaa90500212d3230303130444238303030303030303030303030303030303030303030303031",
  );
  // A health check; a unix socket.
  const local = "0d0a0d0a000d0a515549540a20000000";
  assertEquals(hex(proxyHeader({ source, destination, local: true, values: [], crc32c: false })), local);
  const unix: Address = { family: "unix", path: "" };
  const named = { source: unix, destination: unix, local: false, values: [{ type: 5, bytes: bytesOf("-") }] };
  assertEquals(hex(proxyHeader({ ...named, crc32c: true })), "0d0a0d0a000d0a515549540a2000000b030004d77594690500012d");
});

Deno.test("PP-02 PP-03 what does not fit in a header is left out", () => {
  const parts = { source: address("1.2.3.4", 1), destination: address("5.6.7.8", 2), local: false, crc32c: true };
  const values = [{ type: 0xe0, bytes: new Uint8Array(60000) }, { type: 0xe1, bytes: new Uint8Array(60000) }, {
    type: 0xe2,
    bytes: bytesOf("small"),
  }];
  const bytes = proxyHeader({ ...parts, values });
  const { result, header } = read(bytes, 1 << 17);
  assertEquals(result, bytes.length);
  assertEquals([header.each(0xe1, () => true), header.each(0xe2, () => true)], [false, true]);
});

function ipv4(options: { protocol?: number; words?: number } = {}): number[] {
  const { protocol = 6, words = 5 } = options;
  return [
    0x40 | words,
    0,
    ...[0, 40, 0, 0, 0, 0, 64, protocol, 0, 0],
    ...[1, 2, 3, 4, 5, 6, 7, 8],
    ...new Array(4 * (words - 5)).fill(0),
  ];
}
const PORTS = [0x04, 0x57, 0x08, 0xae, ...new Array(16).fill(0)];
const MAGIC = 0xfedcba98;
const MAGIC_BYTES = [0xfe, 0xdc, 0xba, 0x98];
const oldForm = (ip: number[]) => [...MAGIC_BYTES, 0, 0, 0, ip.length, ...ip];
const newForm = (ip: number[]) => [...MAGIC_BYTES, 0, 0, 0, ip.length + 12, 0, 1, 0, ip.length, ...ip];

function netscaler(bytes: readonly number[], room = ROOM): { result: number; header: ProxyHeader } {
  const header = new ProxyHeader();
  const block = new Uint8Array([9, 9, ...bytes]);
  return { result: parseNetscalerHeader(block, 2, block.length, room, MAGIC, header), header };
}

Deno.test("PP-01 NetScaler headers of both forms, for IPv4 with options and IPv6; what is wrong", () => {
  for (const form of [oldForm, newForm]) {
    for (const words of [5, 6, 15]) {
      const bytes = form([...ipv4({ words }), ...PORTS]);
      const { result, header } = netscaler([...bytes, 71, 69, 84]);
      assertEquals([result, ends(header)], [bytes.length, "1.2.3.4:1111 5.6.7.8:2222"]);
      for (let to = 0; to < bytes.length; to++) assertEquals(netscaler(bytes.slice(0, to)).result, HEADER_PARTIAL);
    }
    const ipv6 = [0x60, 0, 0, 0, 0, 20, 6, 64, ...new Array(15).fill(0), 1, ...new Array(15).fill(0), 2, ...PORTS];
    assertEquals(ends(netscaler(form(ipv6)).header), "::1:1111 ::2:2222");
    assertEquals(netscaler(form([...ipv4({ protocol: 17 }), ...PORTS])).result, HEADER_UNHANDLED);
    assertEquals(netscaler(form([...ipv4({ words: 15 }).slice(0, 22), ...PORTS.slice(0, 4)])).result, HEADER_UNHANDLED);
    assertEquals(netscaler(form(ipv4())).result, HEADER_UNHANDLED, "no ports");
  }
  assertEquals(netscaler(oldForm([0x75, ...ipv4().slice(1), ...PORTS])).result, HEADER_UNHANDLED);
  assertEquals(netscaler([...MAGIC_BYTES.slice(0, 3), 0, 1]).result, HEADER_OTHER);
  assertEquals(netscaler([...MAGIC_BYTES, 0, 1, 0, 0, 0x45], 1000).result, HEADER_TOO_LONG);
});

Deno.test("PP-01 every prefix of a header is one that is not whole yet", () => {
  const source = address("1.2.3.4", 1);
  const values = [{ type: 2, bytes: bytesOf("host") }, { type: 5, bytes: bytesOf("id") }];
  const headers = [
    bytesOf("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
    bytesOf("PROXY UNKNOWN\r\n"),
    proxyHeader({ source, destination: source, local: false, values, crc32c: true }),
    proxyHeader({ source, destination: source, local: true, values: [], crc32c: false }),
  ];
  for (const header of headers) {
    for (let to = 0; to < header.length; to++) {
      const { result, header: said } = read(header.subarray(0, to));
      assertEquals(result, HEADER_PARTIAL, `${to} of ${header.length}`);
      assertEquals([said.source, said.local], [null, false]);
    }
    assertEquals(read(header).result, header.length);
  }
});

Deno.test("PP-01 any bytes: a result, and never more than there is", () => {
  const prng = new Prng(20);
  const values = [{ type: 2, bytes: bytesOf("host") }, { type: 32, bytes: new Uint8Array(20) }];
  const destination = address("2001:db8::1", 9);
  const good = [
    bytesOf("PROXY TCP6 2001:db8::1 ::1 1 65535\r\nGET / HTTP/1.1\r\n"),
    proxyHeader({ source: destination, destination, local: false, values, crc32c: true }),
    new Uint8Array(newForm([...ipv4(), ...PORTS])),
    new Uint8Array(oldForm([...ipv4(), ...PORTS])),
  ];
  let accepted = 0;
  for (let round = 0; round < 20000; round++) {
    const bytes = prng.pick(good).slice();
    for (let i = prng.below(4); i > 0; i--) bytes[prng.below(bytes.length)] = prng.below(256);
    const to = prng.below(bytes.length + 1);
    const header = new ProxyHeader();
    for (
      const result of [
        parseProxyHeader(bytes, 0, to, ROOM, header),
        parseNetscalerHeader(bytes, 0, to, ROOM, MAGIC, header),
      ]
    ) {
      assert(result >= HEADER_TOO_LONG && result <= to, `${result}`);
      if (result > 0) accepted++;
    }
    header.each(prng.below(256), (_, from, end) => {
      assert(from <= end && end <= header.values.length);
      return false;
    });
  }
  assert(accepted > 50, `${accepted} accepted`);
});
