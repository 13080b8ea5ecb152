// Byte strings: the parser's text has one character for each byte of the file, so that nothing is lost whatever the
// encoding. Here they meet the rest of the world, where text is UTF-8.
import { bytesToLatin1, latin1ToBytes } from "../base/mod.ts";

/** Text of the world as a byte string. */
export function toByteString(text: string): string {
  return isAscii(text) ? text : bytesToLatin1(new TextEncoder().encode(text));
}

/** A byte string as text; bytes that are no UTF-8 become U+FFFD. */
export function fromByteString(text: string): string {
  return isAscii(text) ? text : new TextDecoder().decode(latin1ToBytes(text));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
