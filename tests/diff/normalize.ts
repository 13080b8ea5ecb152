// Takes out of what was seen what two programs cannot have in common: ports, process ids, dates, times, random names.

/** Names of ports, in the order of their first use where nothing better is known. */
export class Labels {
  readonly #names = new Map<number, string>();

  set(port: number, name: string): void {
    this.#names.set(port, name);
  }

  /** `text` with every known port replaced by its name. */
  apply(text: string): string {
    return text.replace(/(?<![\d.])\d{4,5}(?![\d.])/g, (digits) => this.#names.get(Number(digits)) ?? digits);
  }
}

/** A header `date` of a response. */
export function withoutDates(text: string): string {
  return text.replace(/^(date|last-modified): .*\r$/gim, "$1: <date>\r")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<uuid>");
}

/**
 * The head of an error that haproxy sends before a request is one, and so from a text of its own: the same fields in
 * another order and in capitals. Compared in the order and spelling of its other errors.
 */
export function withUsualErrorHeads(text: string): string {
  return text.replace(
    /Content-length: (\d+)\r\nCache-Control: no-cache\r\n(Connection: close\r\n)?Content-Type: text\/html\r\n/g,
    (_, length: string, close = "") =>
      `content-length: ${length}\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n${close.toLowerCase()}`,
  );
}

/** A log line: dates, process id, timers (but -1), counters of connections that cases share. */
export function logLine(line: string, mask: readonly RegExp[]): string {
  let out = line
    .replace(/^<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /, "<$1><date> ")
    .replace(/^(<\d+>1) \d{4}-\S+ (\S+) (\S+) \d+ /, "$1 <date> <host> $3 <pid> ")
    .replace(/(\w+)\[\d+\](?=: )/, "$1[<pid>]")
    // Bytes sent: 2.6 counts them in another form of the message, and not those of errors outside a stream.
    .replace(/(?<= (-1|\d{3}) )\+?\d+(?= - - |.{0,99} \S{4} \d+\/\d+\/\d+\/\d+\/)/, "<bytes>")
    .replace(/\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d(\.\d{3}| [+-]\d{4})\]/, "[<date>]");
  // Connections of the process: other cases have some.
  out = out.replace(/(?<= )\d+(?=\/\d+\/\d+\/\d+\/\+?\d+ \d+\/\d+)/, "<ac>");
  for (const pattern of mask) out = out.replace(pattern, "<masked>");
  return out;
}

/** For one line a line: bytes that do not print as escapes. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, "↵\n").replace(
    // deno-lint-ignore no-control-regex
    /[\x00-\x09\x0b-\x1f\x7f-\xff]/g,
    (c) => "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0"),
  );
}
