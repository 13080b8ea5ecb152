// A whole HTTP/1 response in a file (configuration.txt 4.2 "errorfile"), read when the configuration is: afterwards it is
// a reply like any other, that rules rewrite and that goes out in the client's version of HTTP.
import { bytesToLatin1 } from "../../base/mod.ts";
import { isFieldValueText, isTokenText } from "../../http/mod.ts";

/** A response as plain data: what goes into the model. */
export interface FixedReply {
  readonly status: number;
  readonly reason: string;
  /** Names and values in order, without those of framing and connection. */
  readonly headers: readonly string[];
  readonly body: Uint8Array<ArrayBuffer>;
  /** The connection ends with it. */
  readonly close: boolean;
  /** An empty file: the connection ends without a response. */
  readonly silent: boolean;
}

/** What a file with no byte in it stands for. */
const SILENT: FixedReply = {
  status: 0,
  reason: "",
  headers: [],
  body: new Uint8Array(0),
  close: true,
  silent: true,
};

/** Fields that belong to the connection they are sent on, and are made anew for it. */
const CONNECTION_FIELDS = ["connection", "keep-alive", "proxy-connection", "content-length", "transfer-encoding"];

/** Reads the response; a string is the reason why it is none. */
export function parseErrorFile(file: Uint8Array<ArrayBuffer>): FixedReply | string {
  if (file.length === 0) return SILENT;
  const lines: string[] = [];
  let at = 0;
  for (;;) {
    const end = file.indexOf(10, at);
    if (end < 0) return "unable to parse headers (the empty line behind them is missing)";
    const line = bytesToLatin1(file, at, end > at && file[end - 1] === 13 ? end - 1 : end);
    at = end + 1;
    if (line === "") break;
    if (lines.length > 1 && /^[ \t]/.test(line)) lines[lines.length - 1] += " " + line.trim();
    else lines.push(line);
  }
  const start = /^HTTP\/[0-9]\.[0-9] ([1-9][0-9][0-9])(?: (.*))?$/.exec(lines[0] ?? "");
  if (start === null) return `unable to parse headers ('${lines[0] ?? ""}' is no status line)`;
  const status = Number(start[1]);
  const headers: string[] = [];
  const body = file.slice(at);
  let close = false;
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!isTokenText(name) || !isFieldValueText(value)) return `unable to parse headers ('${line}' is no header)`;
    if (name === "transfer-encoding") return "a payload with a transfer coding is not supported";
    if (name === "content-length" && value !== String(body.length)) {
      return `payload size does not match the announced content-length (${body.length} != ${value})`;
    }
    if (name === "connection" && /(^|[,\s])close($|[,\s])/i.test(value)) close = true;
    if (!CONNECTION_FIELDS.includes(name)) headers.push(name, value);
  }
  if (body.length > 0 && (status < 200 || status === 204 || status === 304)) return "message payload not expected";
  return { status, reason: start[2] ?? "", headers, body, close, silent: false };
}
