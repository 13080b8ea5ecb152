// The chunked coding: bodies in every split, hostile framing, and the writer against the decoder.
import { assert, assertEquals } from "@std/assert";
import { bytesToLatin1, latin1ToBytes, Prng } from "../../base/mod.ts";
import {
  CHUNK_DATA,
  CHUNK_END,
  CHUNK_HEADER_MAX,
  CHUNK_MORE,
  CHUNK_TRAILERS,
  ChunkDecoder,
  LAST_CHUNK,
  writeChunkHeader,
} from "./chunks.ts";
import { H1_BAD_CHUNK } from "./errors.ts";

/** What a decoder makes of an input that arrives up to each of `cuts`, then whole. */
function decode(input: string, cuts: readonly number[] = []): string {
  const d = new ChunkDecoder();
  const bytes = latin1ToBytes(input);
  let data = "";
  let at = 0;
  for (const cut of [...cuts, input.length]) {
    for (;;) {
      const event = d.next(bytes, at, cut);
      if (event === H1_BAD_CHUNK) return `bad at ${d.at}`;
      at = d.at;
      if (event === CHUNK_MORE) {
        assertEquals(at, cut);
        break;
      }
      if (event === CHUNK_DATA) data += bytesToLatin1(bytes, d.dataFrom, d.at);
      if (event === CHUNK_END) return `${data}<${input.slice(at)}`;
      if (event === CHUNK_TRAILERS) return `${data}^${input.slice(at)}`;
    }
  }
  return `${data}...`;
}

function everySplit(name: string, input: string, expected: string): void {
  Deno.test(name, () => {
    assertEquals(decode(input), expected);
    for (let cut = 0; cut < input.length; cut++) assertEquals(decode(input, [cut]), expected, `cut at ${cut}`);
    assertEquals(decode(input, Array.from({ length: input.length }, (_, i) => i)), expected, "byte by byte");
  });
}

const GOOD: readonly (readonly [string, string, string])[] = [
  ["a body", "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", "abcdefg<"],
  ["bytes behind it stay", "3\r\nabc\r\n0\r\n\r\nGET", "abc<GET"],
  ["an empty body", "0\r\n\r\n", "<"],
  ["digits of either case", "a\r\n0123456789\r\nB\r\n0123456789X\r\n0\r\n\r\n", "01234567890123456789X<"],
  ["zeros in front", "0003\r\nabc\r\n0000\r\n\r\n", "abc<"],
  ["extensions are skipped", '3;a=b;c="d;e"\r\nabc\r\n0;x\r\n\r\n', "abc<"],
  ["blanks behind the size", "3 \t;a\r\nabc\r\n0 \r\n\r\n", "abc<"],
  ["line ends in the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n<"],
  ["trailers", "1\r\na\r\n0\r\nx: y\r\n\r\n", "a^x: y\r\n\r\n"],
  ["not whole", "5\r\nabc", "abc..."],
];
for (const [name, input, expected] of GOOD) everySplit(`H1-03 ${name}`, input, expected);

const BAD: readonly (readonly [string, string, string])[] = [
  ["no size", "\r\nabc", "bad at 0"],
  ["a blank in front", " 3\r\nabc", "bad at 0"],
  ["a sign", "+3\r\nabc", "bad at 0"],
  ["0x", "0x3\r\nabc", "bad at 1"],
  ["a letter behind the size", "3g\r\nabc", "bad at 1"],
  ["an extension without size", ";a\r\nabc", "bad at 0"],
  ["17 digits", "00000000000000003\r\nabc", "bad at 16"],
  ["a size beyond 2^53", "20000000000000\r\n", "bad at 13"],
  ["a size that wraps 64 bits", "10000000000000003\r\nabc", "bad at 14"],
  ["LF for CR LF behind the size", "3\nabc\r\n", "bad at 1"],
  ["LF in an extension", "3;a\nabc\r\n", "bad at 3"],
  ["CR in an extension", "3;a\rb\r\nabc\r\n", "bad at 4"],
  ["NUL in an extension", "3;a\0b\r\nabc\r\n", "bad at 3"],
  ["LF for CR LF behind the data", "3\r\nabc\n0\r\n\r\n", "bad at 6"],
  ["more data than the size", "3\r\nabcd\r\n0\r\n\r\n", "bad at 6"],
  ["bare CR behind the data", "3\r\nabc\r0\r\n\r\n", "bad at 7"],
  ["LF for CR LF behind the last size", "0\n\r\n", "bad at 1"],
  ["bare CR as the end", "0\r\n\rX", "bad at 4"],
];
for (const [name, input, expected] of BAD) {
  Deno.test(`H1-06 chunks: ${name}`, () => {
    assertEquals(decode(input), expected);
    assertEquals(decode(input, Array.from({ length: input.length }, (_, i) => i)), expected, "byte by byte");
  });
}

Deno.test("H1-06 chunks: extensions are bounded", () => {
  assertEquals(decode("1;" + "a".repeat(4096) + "\r\nx\r\n0\r\n\r\n"), "x<");
  assertEquals(decode("1;" + "a".repeat(4097) + "\r\nx\r\n0\r\n\r\n"), "bad at 4098");
});

Deno.test("H1-03 chunks: the largest size", () => {
  const d = new ChunkDecoder();
  const bytes = latin1ToBytes("1fffffffffffff\r\nx");
  assertEquals(d.next(bytes, 0, bytes.length), CHUNK_DATA);
  assertEquals(d.left, Number.MAX_SAFE_INTEGER - 1);
});

Deno.test("H1-03 what the writer writes the decoder reads", () => {
  const random = new Prng(1);
  for (const size of [1, 9, 10, 15, 16, 255, 256, 4095, 4096, 65535, 2 ** 31, 2 ** 32 + 5, 2 ** 52]) {
    const header = new Uint8Array(CHUNK_HEADER_MAX);
    const end = writeChunkHeader(header, 0, size);
    assertEquals(bytesToLatin1(header, 0, end), size.toString(16).toUpperCase() + "\r\n");
  }
  for (let round = 0; round < 50; round++) {
    const body = new Uint8Array(random.between(0, 300));
    random.fill(body);
    const out = new Uint8Array(4096);
    let end = 0;
    for (let at = 0; at < body.length;) {
      const size = Math.min(random.between(1, 40), body.length - at);
      end = writeChunkHeader(out, end, size);
      out.set(body.subarray(at, at + size), end);
      end += size;
      out.set([13, 10], end);
      end += 2;
      at += size;
    }
    out.set(LAST_CHUNK, end);
    const text = bytesToLatin1(out, 0, end + LAST_CHUNK.length);
    const cuts = Array.from({ length: 5 }, () => random.below(text.length)).sort((a, b) => a - b);
    assert(decode(text, cuts) === bytesToLatin1(body) + "<", `round ${round}`);
  }
});

Deno.test("H1-03 a decoder is used again after reset()", () => {
  const d = new ChunkDecoder();
  const bytes = latin1ToBytes("5\r\nabc");
  assertEquals(d.next(bytes, 0, bytes.length), CHUNK_DATA);
  d.reset();
  assertEquals(d.next(LAST_CHUNK, 0, LAST_CHUNK.length), CHUNK_END);
});
