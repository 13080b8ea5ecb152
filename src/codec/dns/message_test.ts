import { assertEquals } from "@std/assert";
import { Prng } from "../../base/mod.ts";
import { DNS_A, DNS_AAAA, type DnsType, encodeQuery, isDnsName, readResponse } from "./message.ts";

const hex = (text: string) => Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g)!, (pair) => parseInt(pair, 16));
const toHex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

/** The header of a response: id, flags, one question, answers; the question www.example.com, type A, class IN. */
const QUESTION = "0377777707 6578616d706c6503636f6d00 0001 0001";
const head = (answers: number, flags = "8180", id = "1234") =>
  `${id} ${flags} 0001 ${answers.toString(16).padStart(4, "0")} 0000 0000`;
const read = (text: string, type: DnsType = DNS_A) => readResponse(hex(text), 0x1234, "www.example.com", type);
const A = (address: string, owner = "c00c") => `${owner} 0001 0001 0000003c 0004 ${address}`;

Deno.test("DNS-01 DNS-03 a query: one question, recursion, the payload size that is accepted", () => {
  assertEquals(
    toHex(encodeQuery(0x1234, "www.example.com.", DNS_A, 1232)),
    "1234010000010000000000010377777707" + "6578616d706c6503636f6d0000010001" + "0000" + "2904d0000000000000",
  );
  assertEquals(toHex(encodeQuery(1, "a", DNS_AAAA, 65535)).slice(24), "016100001c0001" + "0000" + "29ffff000000000000");
});

Deno.test("DNS-01 addresses of a response, aliases followed, others passed over", () => {
  assertEquals(read(`${head(2)} ${QUESTION} ${A("0a000001")} ${A("0a000002")}`)?.addresses, ["10.0.0.1", "10.0.0.2"]);
  assertEquals(read(`${head(2)} ${QUESTION} ${A("0a000001")} ${A("0a000001")}`)?.addresses, ["10.0.0.1"], "each once");
  const alias = "c00c 0005 0001 0000003c 0006 036c6231 c010";
  const other = "036c6231 c010";
  assertEquals(read(`${head(2)} ${QUESTION} ${alias} ${A("0a000003", other)}`)?.addresses, ["10.0.0.3"]);
  assertEquals(read(`${head(1)} ${QUESTION} ${A("0a000003", other)}`)?.addresses, [], "nobody asked for that name");
  assertEquals(read(`${head(1)} ${QUESTION} c00c 001c 0001 0000003c 0010 ${"00".repeat(16)}`)?.addresses, []);
  const aaaa = QUESTION.replace("0001 0001", "001c 0001");
  const data = "20010db8 00000000 00000000 00000007";
  assertEquals(read(`${head(1)} ${aaaa} c00c 001c 0001 0000003c 0010 ${data}`, DNS_AAAA)?.addresses, ["2001:db8::7"]);
});

Deno.test("DNS-01 codes of a response, and what is none", () => {
  assertEquals(read(`${head(0, "8183")} ${QUESTION}`), { rcode: 3, truncated: false, addresses: [] });
  assertEquals(read(`${head(0, "8385")} ${QUESTION}`), { rcode: 5, truncated: true, addresses: [] });
  assertEquals(read(`${head(0, "8180", "1235")} ${QUESTION}`), null, "another number");
  assertEquals(read(`${head(0, "0180")} ${QUESTION}`), null, "a query");
  assertEquals(read(`${head(0)} ${QUESTION.replace("777777", "777778")}`), null, "another name");
  assertEquals(read(`${head(0)} ${QUESTION}`, DNS_AAAA), null, "another type");
  assertEquals(read(`${head(0)} ${QUESTION.replace("0377777707", "0357575707")}`)?.rcode, 0, "the case does not count");
  for (let cut = 0; cut < 33; cut++) {
    assertEquals(readResponse(hex(`${head(1)} ${QUESTION}`).subarray(0, cut), 0x1234, "www.example.com", DNS_A), null);
  }
});

Deno.test("DNS-01 hostile names: pointers that go round, forwards or nowhere, labels and records without end", () => {
  const wrong = [
    `${head(1)} ${QUESTION} c021 0001 0001 0000003c 0004 0a000001`,
    `${head(1)} ${QUESTION} c0ff 0001 0001 0000003c 0004 0a000001`,
    `${head(1)} ${QUESTION} 40 0001 0001 0000003c 0004 0a000001`,
    `${head(1)} ${QUESTION} c00c 0001 0001 0000003c ffff 0a000001`,
    `${head(9)} ${QUESTION} ${A("0a000001").slice(0, -2)}`,
    `${head(1)} ${QUESTION} c00c 0005 0001 0000003c 0002 c02d`,
  ];
  for (const text of wrong) assertEquals(read(text)?.addresses, [], text);
  const loop = "c00c 0005 0001 0000003c 0002 c00c";
  assertEquals(read(`${head(40)} ${QUESTION} ${`${loop} `.repeat(40)}`)?.addresses, []);
  const label = "3f" + "61".repeat(63);
  assertEquals(read(`${head(0)} ${label.repeat(4)} 00 0001 0001`), null, "longer than a name can be");
});

Deno.test("DNS-01 no response makes the reader throw or run on", () => {
  const prng = new Prng(53);
  const good = hex(
    `${head(3)} ${QUESTION} ${A("0a000001")} c00c 0005 0001 0000003c 0006 036c6231 c010 ${A("0a000002")}`,
  );
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes = good.slice(0, prng.chance(0.3) ? Math.floor(prng.float() * good.length) : good.length);
    for (let i = Math.floor(prng.float() * 4); i > 0 && bytes.length > 0; i--) {
      bytes[Math.floor(prng.float() * bytes.length)] = prng.chance(0.3) ? 0xc0 : Math.floor(prng.float() * 256);
    }
    if (readResponse(bytes, 0x1234, "www.example.com", DNS_A) !== null) read++;
  }
  assertEquals(read > 5000 && read < 20_000, true, `${read}`);
});

Deno.test("DNS-01 names that can be asked for", () => {
  const names = ["a", "www.example.com", "www.example.com.", "_http._tcp.x", "a".repeat(63), `${"abc.".repeat(63)}a`];
  assertEquals(names.map(isDnsName), names.map(() => true));
  const wrong = ["", ".", "a..b", "a".repeat(64), `${"abc.".repeat(64)}`, "a b", "\xe9", ".a"];
  assertEquals(wrong.map(isDnsName), wrong.map(() => false));
});
