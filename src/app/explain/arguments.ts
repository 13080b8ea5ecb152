// The command line of `sluice explain`: words to plain options. Pure; what is wrong with them is said in one line. Texts of
// the message are byte strings afterwards (one character a byte), as everywhere behind the command line.
import { parseIp } from "../../base/mod.ts";
import { toByteString } from "../../config/mod.ts";
import type { Address } from "../../sys/types.ts";

/** What the scripted servers answer. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly reason: string;
  /** Lines "Name: value". */
  readonly headers: readonly string[];
  /** Null: the body of the request. */
  readonly body: string | null;
}

type InetAddress = Exclude<Address, { readonly family: "unix" }>;

export interface ExplainArguments {
  readonly help: boolean;
  readonly sources: readonly string[];
  /** -C */
  readonly folder: string | null;
  readonly json: boolean;
  readonly method: string;
  /** What stands in the request line: a path with its query, "*", or an authority. */
  readonly target: string;
  readonly version: "1.0" | "1.1";
  /** "" when the request names none. */
  readonly scheme: "" | "http" | "https";
  /** Host of the URL, "" without one; its port, 0 when none is given. */
  readonly host: string;
  readonly port: number;
  /** Lines "Name: value" of -H. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Port 0: none given. */
  readonly src: InetAddress | null;
  readonly dst: InetAddress | null;
  readonly frontend: string | null;
  readonly answer: ScriptedAnswer;
  /** Milliseconds since the epoch at which the request comes; null: where the simulation begins. */
  readonly timeMs: number | null;
}

/** Reads the words behind "explain". A string says what is wrong with them. */
export function parseExplainArguments(words: readonly string[]): ExplainArguments | string {
  const sources: string[] = [];
  const headers: string[] = [];
  const answerHeaders: string[] = [];
  const request: string[] = [];
  const set = {
    help: false,
    folder: null as string | null,
    json: false,
    body: null as string | null,
    src: null as InetAddress | null,
    dst: null as InetAddress | null,
    frontend: null as string | null,
    status: 200,
    reason: "OK",
    answerBody: null as string | null,
    timeMs: null as number | null,
  };
  for (let at = 0; at < words.length;) {
    const word = words[at++];
    if (word === "--json") {
      set.json = true;
      continue;
    }
    if (word === "--help" || word === "-h") {
      set.help = true;
      continue;
    }
    if (!word.startsWith("-")) {
      request.push(word);
      continue;
    }
    const takes = SWITCHES[word];
    if (takes === undefined) return `unknown switch '${word}'.`;
    if (at === words.length) return `'${word}' expects ${takes}.`;
    const value = words[at++];
    switch (word) {
      case "-f":
        sources.push(value);
        break;
      case "-C":
        set.folder = value;
        break;
      case "-H":
      case "--response-header": {
        const line = headerLine(value);
        if (line === null) return `'${word}' expects ${takes}, but got '${value}'.`;
        if (word === "-H") headers.push(line);
        else if (/^(content-length|transfer-encoding):/i.test(line)) {
          return `'${word}' : how long its message is, the scripted server says itself (--response-body).`;
        } else answerHeaders.push(line);
        break;
      }
      case "--src":
      case "--dst": {
        const address = parseSocketAddress(value);
        if (address === null || word === "--dst" && address.port === 0) {
          return `'${word}' expects ${takes}, but got '${value}'.`;
        }
        set[word === "--src" ? "src" : "dst"] = address;
        break;
      }
      case "--frontend":
        set.frontend = toByteString(value);
        break;
      case "--body":
        set.body = toByteString(value);
        break;
      case "--response": {
        const match = /^([2-5]\d\d)(?: ([^\r\n]*))?$/.exec(value);
        if (match === null) return `'--response' expects ${takes}, but got '${value}'.`;
        set.status = Number(match[1]);
        set.reason = toByteString(match[2] ?? (set.status === 200 ? "OK" : ""));
        break;
      }
      case "--response-body":
        set.answerBody = toByteString(value);
        break;
      case "--time": {
        const time = Date.parse(value);
        if (Number.isNaN(time) || time < 0) return `'--time' expects ${takes}, but got '${value}'.`;
        set.timeMs = time;
        break;
      }
    }
  }
  const line = set.help && request.length === 0 ? ["/"] : request;
  const parsed = parseRequest(line.join(" "), set.body === null ? "GET" : "POST");
  if (typeof parsed === "string") return parsed;
  if (sources.length === 0 && !set.help) return "no configuration: '-f' expects a file or folder.";
  return {
    ...parsed,
    help: set.help,
    sources,
    folder: set.folder,
    json: set.json,
    headers,
    body: set.body ?? "",
    src: set.src,
    dst: set.dst,
    frontend: set.frontend,
    answer: { status: set.status, reason: set.reason, headers: answerHeaders, body: set.answerBody },
    timeMs: set.timeMs,
  };
}

/** Switches with an argument, and what it is. */
const SWITCHES: Readonly<Record<string, string>> = {
  "-f": "a configuration file or folder as argument",
  "-C": "a folder as argument",
  "-H": "'Name: value'",
  "--src": "an address, with or without a port ('192.0.2.1', '[2001:db8::1]:1234')",
  "--dst": "an address and a port ('192.0.2.80:443', '[2001:db8::80]:443')",
  "--frontend": "the name of a frontend",
  "--body": "a text",
  "--response": "a status from 200 to 599, with or without a reason ('503', '404 Not Found')",
  "--response-header": "'Name: value'",
  "--response-body": "a text",
  "--time": "a time such as '2025-12-31T23:59:00Z'",
};

type RequestLine = Pick<ExplainArguments, "method" | "target" | "version" | "scheme" | "host" | "port">;

/** "[METHOD] URL|PATH [HTTP/1.x]". */
function parseRequest(text: string, usualMethod: string): RequestLine | string {
  if (text === "") return "no request: it looks like 'GET https://host/path'.";
  const match = /^(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +)?(\S+?)(?: +HTTP\/(1\.[01]))?$/.exec(text);
  if (match === null) return `'${text}' is no request: it looks like 'GET https://host/path'.`;
  const method = match[1] ?? usualMethod;
  const version = (match[3] ?? "1.1") as "1.0" | "1.1";
  const where = match[2];
  if (method === "CONNECT") {
    const authority = parseAuthority(where);
    if (authority === null || authority.port === 0) return `'CONNECT' expects a host and a port, but got '${where}'.`;
    return { method, target: toByteString(where), version, scheme: "", ...authority };
  }
  if (where.startsWith("/") || where === "*") {
    return { method, target: toByteString(where), version, scheme: "", host: "", port: 0 };
  }
  const url = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(where);
  if (url === null) return `'${where}' is neither a path ('/path') nor an URL ('https://host/path').`;
  const authority = parseAuthority(url[2].slice(url[2].lastIndexOf("@") + 1));
  if (authority === null) return `'${url[2]}' is no host of an URL.`;
  const target = toByteString(url[3].startsWith("/") ? url[3] : `/${url[3]}`);
  return { method, target, version, scheme: url[1].toLowerCase() as "http" | "https", ...authority };
}

function parseAuthority(text: string): { host: string; port: number } | null {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return null;
  const port = Number(match[2] ?? 0);
  if (port > 65535 || match[1].startsWith("[") && parseIp(match[1].slice(1, -1)) === null) return null;
  return { host: toByteString(match[1]), port };
}

/** "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80"; null when it is none of them. */
function parseSocketAddress(text: string): InetAddress | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match === null ? text : match[1] ?? match[2];
  const port = Number(match?.[3] ?? 0);
  if (parseIp(host) === null || port > 65535) return null;
  const family = host.includes(":") ? "ipv6" : "ipv4";
  return family === "ipv4" && match?.[1] !== undefined ? null : { family, host, port };
}

/** A header as a line of the message; null when the text is none. */
function headerLine(text: string): string | null {
  const match = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/s.exec(text);
  return match === null || /[\r\n\0]/.test(text) ? null : toByteString(`${match[1]}: ${match[2]}`);
}

/** What `sluice explain --help` prints. */
export const EXPLAIN_USAGE = `Usage: sluice explain -f <file|folder> [-f ...] '[<method>] <URL|path>' [options]

Evaluates one request against a configuration, offline: no socket is opened, no name resolved, no certificate needed. It
prints the rules that the request met with what they looked at, the backend and server, and the messages as they leave.

  -f <file|folder>                read this configuration; may be repeated
  -C <folder>                     change to this folder first
  -H '<name>: <value>'            add a header; may be repeated
  --body <text>                   the body of the request (its method is POST unless it is given)
  --src <address>[:<port>]        where the client is (default 192.0.2.1)
  --dst <address>:<port>          where it connects to (default: the bind line that the URL's port leads to)
  --frontend <name>               the frontend, where that does not tell
  --response '<status> [<text>]'  what the server answers (default 200); rules may still change it
  --response-header '<name>: <value>', --response-body <text>
                                  its headers, its body (default: the body of the request)
  --time <time>                   the time of the request (default 2024-01-01T00:00:00Z)
  --json                          the same as JSON

Exit status: 0 when the request was evaluated, whatever became of it; 1 when it could not be.
`;
