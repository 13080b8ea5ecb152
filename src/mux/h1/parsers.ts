// Parsers of one thread that wait for their next head: a connection has one only while a head, or the fields behind a body,
// are on their way.
import { H1Parser } from "../../codec/mod.ts";

const KEEP = 256;

/** How a parser is to read; see H1Parser. */
export interface H1Reading {
  /** `tune.http.maxhdr`. */
  readonly maxHeaders: number;
  readonly relaxed: boolean;
  readonly acceptAnyPayload: boolean;
  readonly closeOnInsecure: boolean;
}

export class H1Parsers {
  readonly #free: H1Parser[] = [];

  take(reading: H1Reading): H1Parser {
    const parser = this.#free.pop() ?? new H1Parser();
    parser.maxLines = reading.maxHeaders;
    parser.relaxed = reading.relaxed;
    parser.acceptAnyPayload = reading.acceptAnyPayload;
    parser.closeOnInsecure = reading.closeOnInsecure;
    parser.reset();
    return parser;
  }

  give(parser: H1Parser): void {
    if (this.#free.length < KEEP) this.#free.push(parser);
  }
}
