import { assertEquals } from "@std/assert";
import { type AddressOptions, parseAddress, parseAddresses } from "./address.ts";
import { TRANSPORTS } from "./model.ts";

const ANY: AddressOptions = {
  ports: "optional",
  range: true,
  offset: true,
  zero: true,
  transport: "stream",
  transports: TRANSPORTS,
  fd: true,
  rhttp: true,
};

function read(text: string, options: AddressOptions = ANY): string {
  const a = parseAddress(text, options);
  if (typeof a === "string") return a;
  const port = a.portKind === "none"
    ? ""
    : ` ${a.portKind} ${a.port === a.portEnd ? a.port : `${a.port}-${a.portEnd}`}`;
  const resolve = a.family === "name" ? `(${a.resolve})` : "";
  return `${a.family}${resolve} ${a.transport}${a.mptcp ? "+mptcp" : ""} ${a.host}${port}`;
}

Deno.test("CFG-20 every prefix selects family and transport", () => {
  const expected: Record<string, string> = {
    "ip@1.2.3.4:5": "ipv4 stream 1.2.3.4 fixed 5",
    "ip@::1": "ipv6 stream ::1",
    "ipv4@:5": "ipv4 stream 0.0.0.0 fixed 5",
    "ipv6@:5": "ipv6 stream :: fixed 5",
    "ipv4@name:5": "name(ipv4) stream name fixed 5",
    "ip@name:5": "name(any) stream name fixed 5",
    "unix@/x:5": "unix stream /x:5",
    "/x": "unix stream /x",
    "abns@x": "abns stream x",
    "abnsz@x": "abnsz stream x",
    "fd@5": "fd stream 5",
    "sockpair@5": "sockpair stream 5",
    "tcp@[::1]:5": "ipv6 stream ::1 fixed 5",
    "tcp4@*:5": "ipv4 stream 0.0.0.0 fixed 5",
    "tcp6@*:5": "ipv6 stream :: fixed 5",
    "udp@1.1.1.1:5": "ipv4 dgram 1.1.1.1 fixed 5",
    "udp4@:5": "ipv4 dgram 0.0.0.0 fixed 5",
    "udp6@:5": "ipv6 dgram :: fixed 5",
    "mptcp@1.1.1.1:5": "ipv4 stream+mptcp 1.1.1.1 fixed 5",
    "mptcp4@:5": "ipv4 stream+mptcp 0.0.0.0 fixed 5",
    "mptcp6@:5": "ipv6 stream+mptcp :: fixed 5",
    "quic4@:5": "ipv4 quic 0.0.0.0 fixed 5",
    "quic6@:5": "ipv6 quic :: fixed 5",
    "uxst@/x": "unix stream /x",
    "uxdg@/x": "unix dgram /x",
    "rhttp@be/srv": "rhttp stream be/srv",
    "stream+ipv4@:5": "ipv4 stream 0.0.0.0 fixed 5",
    "dgram+fd@5": "fd dgram 5",
    "dgram+unix@x": "unix dgram x",
    "quic+ipv6@:5": "ipv6 quic :: fixed 5",
    "stream+tcp4@:5": "ipv4 stream 0.0.0.0 fixed 5",
  };
  for (const [text, result] of Object.entries(expected)) assertEquals([text, read(text)], [text, result]);
});

Deno.test("CFG-20 ports: ranges, offsets, none; IPv6 with and without brackets", () => {
  const expected: Record<string, string> = {
    "1.2.3.4": "ipv4 stream 1.2.3.4",
    "1.2.3.4:": "ipv4 stream 1.2.3.4",
    "1.2.3.4:80-90": "ipv4 stream 1.2.3.4 fixed 80-90",
    ":+80": "ipv4 stream 0.0.0.0 offset 80",
    ":-80": "ipv4 stream 0.0.0.0 offset -80",
    ":-0": "ipv4 stream 0.0.0.0 offset 0",
    ":0": "ipv4 stream 0.0.0.0 fixed 0",
    "::": "ipv6 stream ::",
    ":::80": "ipv6 stream :: fixed 80",
    "[::]": "ipv6 stream ::",
    "[::1]:80": "ipv6 stream ::1 fixed 80",
    "2001:db8::1": "ipv6 stream 2001:db8::1",
    "1:2:3:4:5:6:7:8": "ipv6 stream 1:2:3:4:5:6:7:8",
    "::1:80": "ipv6 stream ::1 fixed 80",
    "::ffff:1.2.3.4": "ipv6 stream ::ffff:1.2.3.4",
  };
  for (const [text, result] of Object.entries(expected)) assertEquals([text, read(text)], [text, result]);
});

Deno.test("CFG-20 what is wrong is refused with the reason", () => {
  const expected: Record<string, string> = {
    "": "'' resolves to an empty address (environment variable missing?)",
    "foo@:80": "invalid address: 'foo@' in 'foo@:80'",
    "constructor@:80": "invalid address: 'constructor@' in 'constructor@:80'",
    "stream+:80": "'stream+' must be followed by an address family such as 'ipv4@' in 'stream+:80'",
    "stream+foo@:80": "'stream+' must be followed by an address family such as 'ipv4@' in 'stream+foo@:80'",
    "stream+udp@:80": "'stream+' contradicts the prefix in 'stream+udp@:80'",
    "1.2.3:80": "invalid address: '1.2.3' in '1.2.3:80'",
    "a b:80": "invalid address: 'a b' in 'a b:80'",
    "[1.2.3.4]:80": "invalid address: '[1.2.3.4]' in '[1.2.3.4]:80'",
    "[name]:80": "invalid address: '[name]' in '[name]:80'",
    "[]:80": "invalid address: '[]' in '[]:80'",
    "ipv6@1.2.3.4:80": "invalid address: '1.2.3.4' in 'ipv6@1.2.3.4:80'",
    ":80x": "invalid character 'x' in port number '80x' in ':80x'",
    ":http": "invalid character 'h' in port number 'http' in ':http'",
    ":65536": "invalid port '65536'",
    ":80-": "invalid port ''",
    ":0-80": "invalid port '0'",
    "fd@": "file descriptor '' is not a valid integer in 'fd@'",
    "unix@": "missing path in 'unix@'",
    [`/${"x".repeat(107)}`]: `socket path '/${"x".repeat(107)}' too long (max 107)`,
  };
  for (const [text, result] of Object.entries(expected)) assertEquals([text, read(text)], [text, result]);
});

Deno.test("CFG-20 a statement refuses what it does not take", () => {
  const bare: AddressOptions = { ports: "none", transport: "dgram" };
  assertEquals(read("1.2.3.4", bare), "ipv4 dgram 1.2.3.4");
  assertEquals(read("1.2.3.4:5", bare), "port specification not permitted here in '1.2.3.4:5'");
  assertEquals(read("tcp@1.2.3.4", bare), "stream-type address not acceptable in 'tcp@1.2.3.4'");
  assertEquals(read("fd@5", bare), "a file descriptor is not acceptable here in 'fd@5'");
  assertEquals(
    read("rhttp@x", { ...bare, transport: "stream" }),
    "reverse HTTP address not acceptable here in 'rhttp@x'",
  );
  const strict: AddressOptions = { ports: "required", transport: "stream" };
  assertEquals(read("1.2.3.4", strict), "missing port specification in '1.2.3.4'");
  assertEquals(read(":0", strict), "invalid port '0'");
  assertEquals(read(":+5", strict), "port offset not permitted here in ':+5'");
  assertEquals(read(":1-5", strict), "port range not permitted here in ':1-5'");
});

Deno.test("CFG-20 lists are cut at commas; a comma at the end is not an address", () => {
  const hosts = (text: string) => {
    const list = parseAddresses(text, ANY);
    return typeof list === "string" ? list : list.map((a) => `${a.host}:${a.port}`);
  };
  assertEquals(hosts(":80,1.2.3.4:81"), ["0.0.0.0:80", "1.2.3.4:81"]);
  assertEquals(hosts(":80,"), ["0.0.0.0:80"]);
  assertEquals(hosts(",:80"), "'' resolves to an empty address (environment variable missing?)");
  assertEquals(hosts(""), "'' resolves to an empty address (environment variable missing?)");
});
