// Text in log lines: encoding of what is not printable, quoting and escaping (configuration.txt 8.2.6, 8.6).

/** Encodes what a log line may not hold: all but 32 to 126, the escape "#" itself and the quote. */
export function encodeLogText(text: string): string {
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, hash) : text;
}

/** As encodeLogText(), also the delimiters of captured headers. */
export function encodeCapture(text: string): string {
  return UNSAFE_CAPTURE.test(text) ? text.replace(UNSAFE_CAPTURE_ALL, hash) : text;
}

/** Control characters of what an expression gave; other bytes may be UTF-8. */
export function encodeControls(text: string): string {
  return CONTROLS.test(text) ? text.replace(CONTROLS_ALL, hash) : text;
}

/** Bytes that a header may not hold, as "%XX": formats that become headers or bodies. */
export function encodeHttpText(text: string): string {
  return CONTROLS.test(text) ? text.replace(CONTROLS_ALL, (c) => `%${hex(c)}`) : text;
}

/** Flag E: a backslash before the quote, the backslash and the closing bracket (RFC 5424 6.3.3). */
export function escapeText(text: string): string {
  return text.replace(/["\\\]]/g, "\\$&");
}

function hash(c: string): string {
  return `#${hex(c)}`;
}

function hex(c: string): string {
  return c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

const UNSAFE = /[^ !$-~]/;
const UNSAFE_ALL = /[^ !$-~]/g;
const UNSAFE_CAPTURE = /[^ !$-z~]/;
const UNSAFE_CAPTURE_ALL = /[^ !$-z~]/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;
// deno-lint-ignore no-control-regex
const CONTROLS_ALL = /[\x00-\x08\x0a-\x1f\x7f]/g;
