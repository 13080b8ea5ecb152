import { assertEquals } from "@std/assert";
import { digest, equalSecrets, hmac, latin1Slice } from "./runtime.ts";

const hex = (bytes: Uint8Array | null) => bytes === null ? null : bytes.toHex();
const ascii = (text: string) => new TextEncoder().encode(text);

Deno.test("latin1Slice maps every byte to the code unit of its number", () => {
  const bytes = new Uint8Array(260);
  for (let i = 0; i < 256; i++) bytes[i + 2] = i;
  const text = latin1Slice(bytes, 2, 258);
  assertEquals(text.length, 256);
  for (let i = 0; i < 256; i++) assertEquals(text.charCodeAt(i), i);
  assertEquals(latin1Slice(bytes, 67, 70), "ABC");
  assertEquals(latin1Slice(bytes, 5, 5), "");
});

Deno.test("digest and hmac give the published test vectors; an unknown hash is null", () => {
  assertEquals(hex(digest("md5", ascii("abc"))), "900150983cd24fb0d6963f7d28e17f72"); // RFC 1321 A.5
  assertEquals(hex(digest("sha1", ascii("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d"); // RFC 3174
  // RFC 4231, test case 2
  assertEquals(
    hex(hmac("sha256", ascii("Jefe"), ascii("what do ya want for nothing?"))),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  assertEquals(digest("sha9", ascii("abc")), null);
  assertEquals(hmac("sha9", ascii("k"), ascii("abc")), null);
});

Deno.test("equalSecrets compares bytes and lengths", () => {
  assertEquals(equalSecrets(ascii("secret"), ascii("secret")), true);
  assertEquals(equalSecrets(ascii("secret"), ascii("secreT")), false);
  assertEquals(equalSecrets(ascii("secret"), ascii("secre")), false);
});
