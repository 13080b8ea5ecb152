// Bytes of a message as "show errors" prints them: a line of the message a line, or several of at most 79 columns, each
// with its offset; what cannot be printed is escaped (management.txt 9.3).
import { H1_BAD_CHUNK, H1_BAD_START_LINE, H1_BAD_STATUS, H1_BAD_TARGET, H1_BAD_VERSION } from "../../codec/mod.ts";

/** Columns of a line behind its offset. */
const WIDTH = 70;

const ESCAPES: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 27: "\\e", 92: "\\\\" };

const LF = 10;

function escaped(byte: number): string {
  const letter = ESCAPES[byte];
  if (letter !== undefined) return letter;
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}

export function dumpBytes(bytes: Uint8Array): string {
  let out = "";
  let line = "";
  let from = 0;
  let goesOn = false;
  const end = (next: number, broken: boolean) => {
    out += `  ${String(from).padStart(5, "0")}${goesOn ? "+" : " "} ${line}\n`;
    line = "";
    from = next;
    goesOn = broken;
  };
  for (let i = 0; i < bytes.length; i++) {
    const text = escaped(bytes[i]);
    if (line.length + text.length > WIDTH) end(i, true);
    line += text;
    if (bytes[i] === LF) end(i + 1, false);
  }
  if (line !== "") end(bytes.length, false);
  return out;
}

/** What the parser was reading when it found a fault of that code (codec/h1/errors.ts; 0: none that ended the message). */
export function stateOf(code: number): string {
  switch (code) {
    case 0:
      return "MSG_DONE(30)";
    case H1_BAD_START_LINE:
    case H1_BAD_VERSION:
    case H1_BAD_TARGET:
    case H1_BAD_STATUS:
      return "MSG_RQVER(6)";
    case H1_BAD_CHUNK:
      return "MSG_CHUNK_SIZE(26)";
    default:
      return "MSG_HDR_NAME(17)";
  }
}
