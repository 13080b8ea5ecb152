// Short texts in shared words, written by one thread and read by any: an odd sequence number says that one is being
// written, so a reader never takes half of one for the whole.

/** Bytes of a text at most; more is cut. */
const TEXT_BYTES = 96;

/** Words of a text: sequence, length, bytes. */
export const TEXT_WORDS = 2 + TEXT_BYTES / 4;

/** Reads that met a writer before the reader gives up. */
const TRIES = 100;

/** Writes a text, cut to the room there is. Characters are bytes; others become "?". */
export function writeText(words: Int32Array<SharedArrayBuffer>, at: number, text: string): void {
  const length = Math.min(text.length, TEXT_BYTES);
  Atomics.add(words, at, 1);
  Atomics.store(words, at + 1, length);
  for (let i = 0; i < length; i += 4) {
    let word = 0;
    for (let j = i; j < Math.min(i + 4, length); j++) word |= byteOf(text, j) << (8 * (j - i));
    Atomics.store(words, at + 2 + i / 4, word);
  }
  Atomics.add(words, at, 1);
}

function byteOf(text: string, i: number): number {
  const code = text.charCodeAt(i);
  return code > 255 ? 63 : code;
}

/** The text; "" when its writer died in the middle. */
export function readText(words: Int32Array<SharedArrayBuffer>, at: number): string {
  for (let i = 0; i < TRIES; i++) {
    const before = Atomics.load(words, at);
    if ((before & 1) !== 0) continue;
    const length = Math.min(Atomics.load(words, at + 1), TEXT_BYTES);
    let text = "";
    for (let j = 0; j < length; j++) {
      text += String.fromCharCode((Atomics.load(words, at + 2 + (j >> 2)) >>> (8 * (j & 3))) & 255);
    }
    if (Atomics.load(words, at) === before) return text;
  }
  return "";
}
