// Termination events: what ended the layers of a stream, in the order it happened, the first four of each layer
// (configuration.txt 7.3.2 "term_events"). The text form has an element a layer, from the client's connection through
// the stream to the server's, and two characters an event: where (lower case on the client's side) and what.

/** The elements of the text form. */
export const CLIENT_CONNECTION = 0;
export const CLIENT_ENDPOINT = 2;
export const STREAM = 3;
export const SERVER_ENDPOINT = 4;
export const SERVER_CONNECTION = 6;
const LEVELS = 7;

/** Letters of the elements, and what they stand for. */
const LETTERS = ["f", "m", "e", "s", "e", "m", "f"] as const;
const PLACES: Readonly<Record<string, string>> = { f: "fd", m: "muxc", e: "se", s: "strm" };

/** What happened; one hexadecimal digit. */
export const EVENT_SHUTW = 1;
export const EVENT_TIMEOUT = 5;
export const EVENT_ABORTED = 6;
export const EVENT_CONN_ERR = 7;
export const EVENT_INTERCEPTED = 8;
export const EVENT_INTERNAL = 9;
export const EVENT_KILLED = 10;
const EVENT_NAMES: Readonly<Record<number, string>> = {
  [EVENT_SHUTW]: "shutw",
  [EVENT_TIMEOUT]: "tout",
  [EVENT_ABORTED]: "aborted",
  [EVENT_CONN_ERR]: "conn_err",
  [EVENT_INTERCEPTED]: "intercepted",
  [EVENT_INTERNAL]: "internal_err",
  [EVENT_KILLED]: "killed",
};

/** Bits of an event in its element; the highest says that it is of the server's side. */
const EVENT_BITS = 8;
const SERVER_BIT = 0x80;

/** The events of one stream; reused by the streams of a connection. */
export class TermEvents {
  /** Four events each, the first one in the lowest bits. */
  readonly #levels = new Uint32Array(LEVELS);

  clear(): void {
    this.#levels.fill(0);
  }

  /** Something happened at a level; beyond the fourth event of a level it is not kept. */
  add(level: number, server: boolean, event: number): void {
    const events = this.#levels[level];
    const bits = server ? event | SERVER_BIT : event;
    for (let shift = 0; shift < 32; shift += EVENT_BITS) {
      if ((events >>> shift & 0xff) !== 0) continue;
      this.#levels[level] = events | bits << shift;
      return;
    }
  }

  /** "{,,e1,S1s1,,,F7}". */
  text(): string {
    let out = "{";
    for (let level = 0; level < LEVELS; level++) {
      if (level > 0) out += ",";
      for (let events = this.#levels[level]; events !== 0; events >>>= EVENT_BITS) {
        const letter = LETTERS[level];
        out += ((events & SERVER_BIT) === 0 ? letter : letter.toUpperCase()) + (events & 0x0f).toString(16);
      }
    }
    return out + "}";
  }
}

/** The text form in words, a line for each element that has events; or what is wrong with it. */
export function decodeTermEvents(text: string): readonly string[] | string {
  const elements = /^\{(.*)\}$/.exec(text.trim())?.[1].split(",");
  if (elements?.length !== LEVELS) return `'${text}' is no tuple of ${LEVELS} elements in braces`;
  const lines: string[] = [];
  for (const element of elements) {
    if (element === "") continue;
    if (!/^([a-z][0-9a-f]){1,4}$/i.test(element)) return `'${element}' is no row of events`;
    const words = element.match(/../g)!.map(eventWords);
    lines.push(`### ${element} : ${words.join(" > ")}`);
  }
  return lines;
}

/** "F7" is "FD:conn_err". What is not known stays as it is. */
function eventWords(event: string): string {
  const [letter, digit] = event;
  const place = PLACES[letter.toLowerCase()] ?? letter.toLowerCase();
  const name = EVENT_NAMES[parseInt(digit, 16)] ?? digit;
  return `${letter === letter.toLowerCase() ? place : place.toUpperCase()}:${name}`;
}
