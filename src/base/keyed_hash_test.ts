import { assert, assertEquals } from "@std/assert";
import { LOWER } from "./bytes.ts";
import { keyedHash, keyedHashOfWords } from "./keyed_hash.ts";

const SAME = Uint8Array.from({ length: 256 }, (_, i) => i);

Deno.test("keyed hash: its key, every byte and the length count; a table folds", () => {
  const key = { k0: 0x03020100, k1: 0x07060504 };
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 7);
  const seen = new Set<number>();
  for (let n = 0; n <= 64; n++) seen.add(keyedHash(bytes, 0, n, SAME, key));
  for (let i = 0; i < 64; i++) {
    const other = bytes.slice();
    other[i] ^= 1;
    seen.add(keyedHash(other, 0, 64, SAME, key));
  }
  assertEquals(seen.size, 65 + 64);
  assert(keyedHash(bytes, 0, 64, SAME, { k0: 1, k1: 2 }) !== keyedHash(bytes, 0, 64, SAME, key));
  const [a, b] = ["Abc-XYZ", "aBC-xyz"].map((text) => new TextEncoder().encode(text));
  assertEquals(keyedHash(a, 0, 7, LOWER, key), keyedHash(b, 0, 7, LOWER, key));
  assert(keyedHash(a, 0, 7, SAME, key) !== keyedHash(b, 0, 7, SAME, key));
});

Deno.test("keyed hash: all four-bit parts of it are even over counted keys", () => {
  const key = { k0: 123, k1: 456 };
  const words = new Int32Array(2);
  for (let shift = 0; shift < 32; shift += 4) {
    const counts = new Array(16).fill(0);
    for (let i = 0; i < 16000; i++) {
      words[0] = 32;
      words[1] = i;
      counts[(keyedHashOfWords(words, 2, key) >>> shift) & 15]++;
    }
    // Sixteen counts with a mean of 1000 and a deviation of 31.
    assert(Math.min(...counts) > 850 && Math.max(...counts) < 1150, `bits ${shift}: ${counts}`);
  }
});
