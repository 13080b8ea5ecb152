// Runs a wire case of HTTP/1 heads in pieces, as a connection would deliver them: each call sees the bytes so far at
// another place of another buffer.
import { bytesToLatin1, latin1ToBytes } from "../../src/base/mod.ts";
import { H1_ERRORS, H1Extra, H1Parser, writeRequestHead, writeResponseHead } from "../../src/codec/mod.ts";
import { CONN_CLOSE, CONN_KEEP_ALIVE, CONN_UPGRADE, Message, METHODS } from "../../src/http/mod.ts";
import type { H1Case } from "./h1_cases.ts";

const BODIES = ["none", "length", "chunked", "until-close", "tunnel"] as const;

export interface H1Outcome {
  /** Bytes of the head, or the code of the refusal. */
  readonly result: number;
  readonly errorAt: number;
  readonly violation: boolean;
  readonly sent: string;
  readonly body: string;
  readonly says: string;
}

/** What a parser makes of an input that arrives up to each of `cuts`, then whole. `response` chooses the kind. */
export class H1Driver {
  readonly parser = new H1Parser();
  readonly message = new Message();
  readonly #extra = new H1Extra();
  readonly #out = new Uint8Array(32768);

  constructor(readonly response: boolean) {
    this.message.attach(new Uint8Array(16384));
  }

  run(c: H1Case, cuts: readonly number[]): H1Outcome {
    const input = latin1ToBytes(c.input);
    const m = this.message;
    const p = this.parser;
    m.reset();
    p.reset();
    p.relaxed = c.relaxed ?? false;
    let result = 0;
    for (const cut of [...cuts, input.length]) {
      const lead = cut % 7;
      const bytes = new Uint8Array(lead + input.length + 3).fill(0xaa);
      bytes.set(input.subarray(0, cut), lead);
      const method = METHODS.indexOf(c.method ?? "GET");
      result = this.response
        ? p.parseResponse(bytes, lead, lead + cut, m, method, c.upgradeAsked ?? false)
        : p.parseRequest(bytes, lead, lead + cut, m);
      if (bytesToLatin1(bytes, lead, lead + cut) !== c.input.slice(0, cut)) throw new Error("the input was changed");
      if (result !== 0) break;
    }
    if (result <= 0) return { result, errorAt: p.errorAt, violation: false, sent: "", body: "", says: "" };
    const write = this.response ? writeResponseHead : writeRequestHead;
    const end = write(m, this.#out, 5, this.#out.length, this.#extra);
    const says = [];
    if ((m.connection & CONN_CLOSE) !== 0) says.push("close");
    if ((m.connection & CONN_KEEP_ALIVE) !== 0) says.push("keep-alive");
    if ((m.connection & CONN_UPGRADE) !== 0) says.push("upgrade");
    if (m.websocket) says.push("websocket");
    return {
      result,
      errorAt: -1,
      violation: p.violationAt >= 0,
      sent: end < 0 ? "no room" : bytesToLatin1(this.#out, 5, end),
      body: BODIES[m.bodyKind] + (m.contentLength > 0 ? " " + m.contentLength : ""),
      says: says.join(" "),
    };
  }
}

/** Bytes of the head of an input that is accepted: what lies before its body. */
export function headLength(input: string): number {
  const match = /\r?\n\r?\n/.exec(input.replace(/^[\r\n]+/, (lines) => "x".repeat(lines.length)));
  return match === null ? input.length : match.index + match[0].length;
}

/** Null when the outcome is what the case wants, else what is wrong. */
export function judge(c: H1Case, o: H1Outcome): string | null {
  if (c.error !== undefined) {
    if (o.result !== c.error) return `${name(o.result)} instead of "${H1_ERRORS[-c.error]}"`;
    return c.errorAt === undefined || o.errorAt === c.errorAt ? null : `wrong at ${o.errorAt}, not at ${c.errorAt}`;
  }
  if (o.result !== headLength(c.input)) return `${name(o.result)} instead of ${headLength(c.input)}`;
  if (o.sent !== c.sent) return `sent ${JSON.stringify(o.sent)}`;
  if (o.body !== (c.body ?? "none")) return `body ${o.body}`;
  if (o.says !== (c.says ?? "")) return `says "${o.says}"`;
  return o.violation === (c.violation ?? false) ? null : `violation ${o.violation}`;
}

function name(result: number): string {
  return result < 0 ? `"${H1_ERRORS[-result]}"` : String(result);
}
