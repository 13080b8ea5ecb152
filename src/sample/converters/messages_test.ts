// Binary messages (MQTT, FIX, Protocol Buffers, gRPC) against what haproxy made of them (testdata/messages.txt), and what the
// manual says where the packaged version does otherwise.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { evaluate, TestTxn } from "../testing.ts";

function convert(message: string, converters: string): string {
  const txn = new TestTxn();
  txn.clientPayload.set(message);
  const result = evaluate(`req.payload(0,0),${converters}`, txn).replace(/^error: /, "! ");
  return result.startsWith("!") ? result : result.replace(/[^\x20-\x7e]/g, ".");
}

function fromHex(hex: string): string {
  return hex.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)));
}

const LINES = Deno.readTextFileSync(new URL("../testdata/messages.txt", import.meta.url)).split("\n");

function compare(names: RegExp, least: number): void {
  let cases = 0;
  for (const line of LINES) {
    const found = /^([0-9a-f]+) (\S+) => (.*)$/.exec(line);
    if (found === null || !names.test(found[2])) continue;
    assertEquals(convert(fromHex(found[1]), found[2]), found[3], line);
    cases++;
  }
  assertEquals(cases >= least, true, `${cases} cases`);
}

Deno.test("CONV-01 mqtt_is_valid and mqtt_field_value as haproxy", () => compare(/^mqtt_/, 250));
Deno.test("CONV-02 fix_is_valid and fix_tag_value as haproxy", () => compare(/^fix_/, 180));
Deno.test("CONV-17 protobuf and ungrpc as haproxy", () => compare(/^(?:protobuf|ungrpc)\(/, 100));

Deno.test("CONV-01 MQTT: user properties are no field, a property of another packet makes a packet invalid", () => {
  assertStringIncludes(convert("x", "mqtt_field_value(connect,38)"), "Unknown MQTT field name '38' for packet type");
  assertEquals(convert("\x20\x05\0\0\x02\x17\x01", "mqtt_is_valid"), "bool:0");
});

Deno.test("CONV-01 CONV-02 a message that arrives byte by byte is absent until it is whole", () => {
  const mqtt = "\x10\x13\0\x04MQTT\x04\x02\0\x3c\0\x07client1";
  for (let i = 0; i < mqtt.length; i++) assertEquals(convert(mqtt.slice(0, i), "mqtt_is_valid"), "absent");
  assertEquals(convert(mqtt, "mqtt_is_valid"), "bool:1");
  const fix = "8=FIX.4.2\x019=5\x0135=A\x0110=178\x01";
  for (let i = 0; i < fix.length; i++) assertEquals(convert(fix.slice(0, i), "fix_is_valid"), "absent");
  assertEquals(convert(fix, "fix_is_valid"), "bool:1");
});

Deno.test("CONV-02 FIX: a value may not be empty in a valid message, versions are in capitals", () => {
  assertEquals(convert("8=FIX.4.2\x019=9\x0135=A\x0149=\x0110=097\x01", "fix_is_valid"), "bool:0");
  assertEquals(convert("8=FIX.4.2\x019=9\x0135=A\x0149=\x0110=097\x01", "fix_tag_value(CheckSum)"), "bin:097");
  assertEquals(convert("8=Fix.4.2\x019=5\x0135=A\x0110=242\x01", "fix_is_valid"), "bool:0");
});

Deno.test("CONV-17 protobuf: paths and types that are none are refused, a varint without bytes is absent", () => {
  for (const path of ["a", "1.", ".1", "1..2", "-1"]) {
    assertStringIncludes(convert("x", `protobuf(${path})`), "as type 'Protocol buffers field number'");
  }
  assertStringIncludes(convert("x", "ungrpc(1,string)"), "Wrong protocol buffer type 'string'");
  assertEquals(convert("\x08", "protobuf(1,int64)"), "absent");
  assertEquals(convert("\x0d\0\0\xc0\x7f", "protobuf(1,float)"), "absent");
});

Deno.test("CONV-17 protobuf: integers that were extracted are integers for what follows", () => {
  assertEquals(convert("\x08\x05", "protobuf(1,int32),hex"), "str:0000000000000005");
});
