import { assert, assertEquals } from "@std/assert";
import {
  formatIp,
  formatNetwork,
  isMappedIpv4,
  maskIp,
  networkContains,
  parseIp,
  parseNetwork,
  prefixOfMask,
  readIpv4,
  readIpv6,
  toIpv6,
  unmapIp,
} from "./ip.ts";
import { Prng } from "./prng.ts";

function hex(text: string): string {
  const bytes = parseIp(text);
  assert(bytes !== null, `${text} is refused`);
  return bytes.toHex();
}

function network(text: string) {
  const result = parseNetwork(text);
  assert(typeof result !== "string", String(result));
  return result;
}

Deno.test("ip: IPv4 text is read strictly", () => {
  assertEquals(hex("127.0.0.1"), "7f000001");
  assertEquals(hex("255.255.255.255"), "ffffffff");
  assertEquals(hex("0.0.0.0"), "00000000");
  const bad = [
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1..2.3",
    "1.2.3.",
    "a.b.c.d",
  ];
  for (const text of [...bad, "1.2.3.1000", "1.2.3.-4", "0x1.2.3.4"]) assertEquals(parseIp(text), null, text);
});

Deno.test("ip: IPv6 text of RFC 4291 2.2", () => {
  assertEquals(hex("2001:DB8:0:0:8:800:200C:417A"), "20010db80000000000080800200c417a");
  assertEquals(hex("2001:db8::8:800:200c:417a"), "20010db80000000000080800200c417a");
  assertEquals(hex("ff01::101"), "ff010000000000000000000000000101");
  assertEquals(hex("::1"), "00000000000000000000000000000001");
  assertEquals(hex("::"), "00000000000000000000000000000000");
  assertEquals(hex("1::"), "00010000000000000000000000000000");
  assertEquals(hex("::13.1.68.3"), "0000000000000000000000000d014403");
  assertEquals(hex("::FFFF:129.144.52.38"), "00000000000000000000ffff81903426");
  assertEquals(hex("1:2:3:4:5:6:7.8.9.10"), "0001000200030004000500060708090a");
  assertEquals(hex("1:2:3:4:5:6:7::"), "00010002000300040005000600070000");
});

Deno.test("ip: IPv6 text that is none", () => {
  const bad = [
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1::2::3",
    "12345::",
  ];
  const more = [
    "g::",
    "1:",
    ":1",
    "1:2:3:4:5:6:7:",
    "::1.2.3",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "fe80::1%eth0",
    "[::1]",
    "::1/64",
  ];
  for (const text of [...bad, ...more]) assertEquals(parseIp(text), null, text);
});

Deno.test("ip: a refused text leaves what is behind its bytes alone", () => {
  const bytes = new Uint8Array(20).fill(7);
  readIpv6("1:2:3:4:5:6:7:8:9", bytes, 2);
  readIpv4("1.2.3.4.5", bytes, 2);
  assertEquals([bytes[1], bytes[18], bytes[19]], [7, 7, 7]);
});

Deno.test("ip: IPv6 is written as RFC 5952", () => {
  const canonical: [string, string][] = [
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8::A", "2001:db8::a"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["0:0:0:0:0:ffff:c0a8:1", "::ffff:192.168.0.1"],
    ["0:2:3:4:5:6:7:0", "0:2:3:4:5:6:7:0"],
  ];
  for (const [text, want] of canonical) assertEquals(formatIp(parseIp(text)!), want);
});

Deno.test("ip: what is written is read back", () => {
  const prng = new Prng(1);
  for (let i = 0; i < 3000; i++) {
    const bytes = new Uint8Array(prng.chance(0.2) ? 4 : 16);
    prng.fill(bytes);
    for (let j = 0; j < bytes.length; j += 2) if (prng.chance(0.6)) bytes[j] = bytes[j + 1] = 0;
    assertEquals(parseIp(formatIp(bytes)), bytes);
  }
});

Deno.test("ip: IPv4-mapped addresses", () => {
  const mapped = toIpv6(parseIp("10.1.2.3")!);
  assertEquals(formatIp(mapped), "::ffff:10.1.2.3");
  assertEquals(isMappedIpv4(mapped), true);
  assertEquals(formatIp(unmapIp(mapped)), "10.1.2.3");
  assertEquals(isMappedIpv4(parseIp("::10.1.2.3")!), false);
  assertEquals(formatIp(unmapIp(parseIp("::1")!)), "::1");
});

Deno.test("ip: networks by prefix and by mask", () => {
  assertEquals(formatNetwork(network("10.1.2.3/8")), "10.0.0.0/8");
  assertEquals(formatNetwork(network("10.1.2.3/255.255.240.0")), "10.1.0.0/20");
  assertEquals(formatNetwork(network("10.1.2.3")), "10.1.2.3/32");
  assertEquals(formatNetwork(network("0.0.0.0/0")), "0.0.0.0/0");
  assertEquals(formatNetwork(network("2001:db8:ffff::/33")), "2001:db8:8000::/33");
  assertEquals(formatNetwork(network("2001:db8::1/ffff:ffff::")), "2001:db8::/32");
  for (
    const bad of [
      "10.0.0.0/33",
      "10.0.0.0/",
      "10.0.0.0/-1",
      "10.0.0.0/255.0.255.0",
      "::/129",
      "::/255.0.0.0",
      "x/8",
      "1.2.3.4/08",
    ]
  ) {
    assertEquals(typeof parseNetwork(bad), "string", bad);
  }
});

Deno.test("ip: belonging to a network agrees with comparing bit by bit", () => {
  const prng = new Prng(2);
  for (let i = 0; i < 3000; i++) {
    const length = prng.chance(0.5) ? 4 : 16;
    const prefix = prng.below(length * 8 + 1);
    const base = new Uint8Array(length);
    prng.fill(base);
    const address = base.slice();
    const flipped = prng.below(length * 8);
    address[flipped >> 3] ^= 128 >> (flipped & 7);
    maskIp(base, prefix);
    assertEquals(networkContains({ bytes: base, prefix }, address), flipped >= prefix);
    const mask = new Uint8Array(length).fill(255);
    maskIp(mask, prefix);
    assertEquals(prefixOfMask(mask), prefix);
  }
});
