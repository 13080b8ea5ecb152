// Header names outside [a-zA-Z0-9-] (`option http-restrict-req-hdr-names`, configuration.txt 4.2): some servers map them
// to the same name as others.
import type { Message } from "./message.ts";

/** 1 for letters, digits and the hyphen. */
const PLAIN: Uint8Array<ArrayBuffer> = /* @__PURE__ */ Uint8Array.from(
  { length: 256 },
  (_, b) => /[a-zA-Z0-9-]/.test(String.fromCharCode(b)) ? 1 : 0,
);

/** How many fields have such a name; with `remove` they are removed (`delete`), else the caller refuses (`reject`). */
export function restrictNames(m: Message, remove: boolean): number {
  let found = 0;
  for (let row = m.next(0); row >= 0; row = m.next(row + 1)) {
    let i = m.nameFrom(row);
    const to = m.nameTo(row);
    while (i < to && PLAIN[m.bytes[i]] !== 0) i++;
    if (i === to) continue;
    found++;
    if (remove) m.remove(row);
  }
  return found;
}
