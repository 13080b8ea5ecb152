// The request and the expectation of `option httpchk` and its `http-check` statements (configuration.txt 4.2), made once a
// server.
import { latin1ToBytes } from "../../base/mod.ts";
import { compileRegex } from "../../sample/mod.ts";
import type { HttpExpect } from "../config.ts";
import type { Address } from "../../sys/types.ts";
import type { Server } from "../server.ts";
import { serverStateHeader } from "./send_state.ts";
import { type Expectation, HttpPlan } from "./http_probe.ts";

/** The HTTP check of a server that connects to `target`. */
export function httpPlan(server: Server, target: () => Address | null): HttpPlan {
  const { httpCheck, checkHeaders, checkBody, sendState, httpExpect, disableOn404 } = server.proxy.config;
  const { method, uri, version, host } = httpCheck;
  const head = requestText(method, uri, version, host, checkHeaders, checkBody);
  const fixed = latin1ToBytes(head.before + head.after);
  return new HttpPlan({
    target,
    request: sendState
      ? () => latin1ToBytes(`${head.before}x-haproxy-server-state: ${serverStateHeader(server)}\r\n${head.after}`)
      : () => fixed,
    expectation: expectation(httpExpect),
    disableOn404,
    head: method === "HEAD",
  });
}

/** The request in two parts: what the header of the state goes between. */
function requestText(
  method: string,
  uri: string,
  version: string,
  host: string | null,
  headers: readonly string[],
  body: string,
): { before: string; after: string } {
  let before = `${method} ${uri} ${version}\r\n`;
  if (host !== null) before += `host: ${host}\r\n`;
  let connection = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i].toLowerCase();
    // These are told by the body, not by the configuration.
    if (name === "content-length" || name === "transfer-encoding") continue;
    if (name === "connection") connection = true;
    before += `${name}: ${headers[i + 1]}\r\n`;
  }
  if (body !== "") before += `content-length: ${body.length}\r\n`;
  const after = !connection && version !== "HTTP/1.0" ? "connection: close\r\n" : "";
  return { before, after: `${after}\r\n${body}` };
}

function expectation(expect: HttpExpect | null): Expectation {
  if (expect === null) {
    return { needsBody: false, failure: "", holds: (status) => status >= 200 && status < 400 };
  }
  const { kind, negate, pattern } = expect;
  switch (kind) {
    case "status": {
      const ranges = parseStatusRanges(pattern);
      if (typeof ranges === "string") throw new Error(ranges);
      return {
        needsBody: false,
        failure: "",
        holds: (status) => ranges.some(([low, high]) => status >= low && status <= high) !== negate,
      };
    }
    case "rstatus": {
      const regex = regexOf(pattern);
      return { needsBody: false, failure: "", holds: (status) => regex(String(status)) !== negate };
    }
    case "string":
      return {
        needsBody: true,
        failure: `HTTP content check ${negate ? "matched" : "did not match"}`,
        holds: (_status, body) => body.includes(pattern) !== negate,
      };
    case "rstring": {
      const regex = regexOf(pattern);
      return {
        needsBody: true,
        failure: `HTTP content check ${negate ? "matched" : "did not match"}`,
        holds: (_status, body) => regex(body) !== negate,
      };
    }
  }
}

/** "200,301-303" as ranges, or why not. */
export function parseStatusRanges(text: string): (readonly [number, number])[] | string {
  const out: (readonly [number, number])[] = [];
  for (const part of text.split(",")) {
    const range = /^([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?$/.exec(part);
    if (range === null) return `invalid status code or range '${part}'`;
    const low = Number(range[1]);
    const high = range[2] === undefined ? low : Number(range[2]);
    if (high < low) return `invalid range of status codes '${part}'`;
    out.push([low, high]);
  }
  return out;
}

function regexOf(pattern: string): (text: string) => boolean {
  const regex = compileRegex(pattern, false);
  if (typeof regex === "string") throw new Error(regex);
  return (text) => regex.test(text);
}
