import { assertEquals } from "@std/assert";
import { openGcm, sealGcm } from "./gcm.ts";

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(b: Uint8Array): string {
  return Array.from(b, (v) => v.toString(16).padStart(2, "0")).join("");
}

const KEY = "feffe9928665731c6d6a8f9467308308feffe9928665731cfeffe9928665731c6d6a8f9467308308";
const PLAIN = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
  "b16aedf5aa0de657ba637b391aafd255";

// Test cases of the GCM specification (McGrew, Viega): 1, 2, 7, 8, 9, 13, 14.
const CASES: readonly (readonly [key: string, nonce: string, plain: string, sealed: string, tag: string])[] = [
  ["00".repeat(16), "00".repeat(12), "", "", "58e2fccefa7e3061367f1d57a4e7455a"],
  [
    "00".repeat(16),
    "00".repeat(12),
    "00".repeat(16),
    "0388dace60b6a392f328c2b971b2fe78",
    "ab6e47d42cec13bdf53a67b21257bddf",
  ],
  ["00".repeat(24), "00".repeat(12), "", "", "cd33b28ac773f74ba00ed1f312572435"],
  [
    "00".repeat(24),
    "00".repeat(12),
    "00".repeat(16),
    "98e7247c07f0fe411c267e4384b0f600",
    "2ff58d80033927ab8ef4d4587514f0fb",
  ],
  [
    KEY.slice(0, 48),
    "cafebabefacedbaddecaf888",
    PLAIN,
    "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f47" +
    "18e2448b2fe324d9ccda2710acade256",
    "9924a7c8587336bfb118024db8674a14",
  ],
  ["00".repeat(32), "00".repeat(12), "", "", "530f8afbc74536b9a963b4f1c4cb738b"],
  [
    "00".repeat(32),
    "00".repeat(12),
    "00".repeat(16),
    "cea7403d4d606b6e074ec5d3baf39d18",
    "d0d1c8a799996bf0265b98b5d48ab919",
  ],
];

Deno.test("CONV-17 AES-GCM: the cases of its specification, with keys of all sizes", () => {
  for (const [key, nonce, plain, sealed, tag] of CASES) {
    const result = sealGcm(bytes(key), bytes(nonce), bytes(plain))!;
    assertEquals([hex(result.bytes), hex(result.tag)], [sealed, tag], key);
    assertEquals(hex(openGcm(bytes(key), bytes(nonce), bytes(sealed), bytes(tag))!), plain, key);
  }
});

Deno.test("CONV-17 AES-GCM: nonces of any length but none, both ways", () => {
  for (const size of [16, 24, 32]) {
    const key = new Uint8Array(size).fill(7);
    for (const length of [1, 8, 12, 13, 16, 40]) {
      const nonce = new Uint8Array(length).fill(9);
      const plain = new Uint8Array(37).fill(length);
      const { bytes, tag } = sealGcm(key, nonce, plain)!;
      assertEquals(openGcm(key, nonce, bytes, tag), plain);
    }
    assertEquals(sealGcm(key, new Uint8Array(0), new Uint8Array(3)), null);
    assertEquals(openGcm(key, new Uint8Array(0), new Uint8Array(3), new Uint8Array(16)), null);
  }
});

Deno.test("CONV-17 AES-GCM: nothing comes out of changed bytes or with a wrong or short tag", () => {
  for (const size of [16, 24, 32]) {
    const key = new Uint8Array(size).fill(7);
    const nonce = new Uint8Array(12);
    const { bytes, tag } = sealGcm(key, nonce, new Uint8Array(40))!;
    const changed = bytes.slice();
    changed[39] ^= 1;
    const wrong = tag.slice();
    wrong[15] ^= 1;
    assertEquals(openGcm(key, nonce, changed, tag), null);
    assertEquals(openGcm(key, nonce, bytes, wrong), null);
    assertEquals(openGcm(key, nonce, bytes, tag.slice(0, 12)), null);
    assertEquals(openGcm(key, nonce.slice(1), bytes, tag), null);
  }
});
