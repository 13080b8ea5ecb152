// Names and addresses made unreadable, the same for the same key (management.txt 3 "-dC", 9.3 "set anon").
import { latin1ToBytes } from "./bytes.ts";
import { xxh32 } from "./hashes.ts";

/** Six hexadecimal digits for a text (one code unit a byte) under a key that is not 0. */
export function anonymous(key: number, text: string): string {
  return (xxh32(latin1ToBytes(text), key) & 0xffffff).toString(16).padStart(6, "0");
}

/** An address: what is around its host, as "ipv4@", ":80", "/24", stays. */
export function anonymousAddress(key: number, text: string): string {
  const [, family, host, rest] = /^([a-z0-9]+@)?(\[[^\]]*\]|.*?)(:[-+0-9]*)?$/s.exec(text)!;
  return `${family ?? ""}${host === "" || host === "*" ? host : anonymous(key, host)}${rest ?? ""}`;
}
