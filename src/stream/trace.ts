// -d: a line for each event of a connection and its exchanges, in the form of HAProxy's debug mode (management.txt 3 "-d").
// The numbers in brackets, descriptors there, are of this program's own: those of the connection, and of the server.
import type { Message } from "../http/mod.ts";
import type { Address } from "../sys/types.ts";
import type { Session } from "./session.ts";
import type { Stream } from "./stream.ts";

/** Numbers of exchanges in one thread; the thread is in front of them. */
const PER_THREAD = 1 << 24;

export class EventTrace {
  readonly #thread: number;
  readonly #print: (text: string) => void;
  #exchanges = 0;
  #connections = 0;

  /** `print` is given whole lines. */
  constructor(thread: number, print: (text: string) => void) {
    this.#thread = thread - 1;
    this.#print = print;
  }

  accepted(session: Session): void {
    session.traced = hex(++this.#connections % 0x10000, 4);
    session.exchange = this.#next();
    const listener = hex(session.listenerId, 4);
    const from = addressText(session.conn.remote);
    this.#line(session, `accept(${listener})=${session.traced} from [${from}] ALPN=<none>`);
  }

  /** Another exchange of the connection. */
  begins(session: Session): void {
    if (session.requests > 0) session.exchange = this.#next();
  }

  request(stream: Stream): void {
    const { request } = stream;
    this.#head(stream, "cli", "req", request, `${request.methodText()} ${request.targetText()}`);
  }

  response(stream: Stream): void {
    const { response } = stream;
    this.#head(stream, "srv", "rep", response, `${response.status} ${response.reasonText()}`);
  }

  closed(stream: Stream): void {
    this.#line(stream.session, `closed${this.#ends(stream)}`);
  }

  #head(stream: Stream, side: "cli" | "srv", what: string, message: Message, line: string): void {
    const ends = this.#ends(stream);
    const version = `HTTP/${Math.floor(message.version / 10)}.${message.version % 10}`;
    this.#line(
      stream.session,
      `${side}${what}${ends}: ${side === "cli" ? `${line} ${version}` : `${version} ${line}`}`,
    );
    for (let row = message.next(0); row >= 0; row = message.next(row + 1)) {
      this.#line(stream.session, `${side}hdr${ends}: ${message.nameText(row)}: ${message.valueText(row)}`);
    }
  }

  #ends({ session, server }: Stream): string {
    return `[${session.traced}:${server === null ? "ffffffff" : hex(server.id, 4)}]`;
  }

  #next(): string {
    return hex(this.#thread * PER_THREAD + this.#exchanges++ % PER_THREAD, 8);
  }

  #line(session: Session, text: string): void {
    this.#print(`${session.exchange}:${session.frontend.proxy.name}.${text}\n`);
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function addressText(address: Address): string {
  return address.family === "unix" ? "unix:1" : `${address.host}:${address.port}`;
}
