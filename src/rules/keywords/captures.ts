// Statements that capture: capture request header, capture response header, declare capture, capture cookie
// (configuration.txt 4.2).
import type { Cursor, KeywordEntry, SectionKind } from "../../config/mod.ts";
import { HeaderName, isTokenText } from "../../http/mod.ts";
import type { CookieCapture } from "../captures.ts";
import type { RulesEnv } from "../env.ts";

const FRONTENDS: readonly SectionKind[] = ["frontend", "listen"];

/** The longest capture: what a log line can hold. */
const LONGEST = 65535;

interface HeaderCaptureNode {
  readonly name: string;
  readonly length: number;
}

function takeLength(cursor: Cursor): number {
  if (!cursor.accept("len")) cursor.fail(`'${cursor.keyword}' expects 'len' <length>.`);
  return cursor.int("<length>", 1, LONGEST);
}

function headerCapture(response: boolean): KeywordEntry<HeaderCaptureNode, RulesEnv> {
  const name = response ? "capture response header" : "capture request header";
  return {
    kind: "keyword",
    name,
    manual: "4.2",
    doc: `Keeps the last value of a ${response ? "response" : "request"} header for logs and rules.`,
    sections: FRONTENDS,
    parse(cursor: Cursor) {
      const at = cursor.at;
      const header = cursor.take("<name>");
      if (!isTokenText(header)) cursor.fail(`'${name}' : '${header}' is not a header name.`, at);
      return { name: header, length: takeLength(cursor) };
    },
    build(node, env) {
      const { captures } = env.rules;
      const slots = response ? captures.response : captures.request;
      slots.push({ header: new HeaderName(node.value.name), length: node.value.length });
    },
  };
}

interface DeclaredCaptureNode {
  readonly response: boolean;
  readonly length: number;
}

const declareCapture: KeywordEntry<DeclaredCaptureNode, RulesEnv> = {
  kind: "keyword",
  name: "declare capture",
  manual: "4.2",
  doc: "Makes a capture slot for rules to fill.",
  sections: FRONTENDS,
  parse(cursor: Cursor) {
    const side = cursor.peek();
    if (side !== "request" && side !== "response") {
      cursor.fail("'declare capture' requires a direction ('request' or 'response').");
    }
    cursor.position++;
    return { response: side === "response", length: takeLength(cursor) };
  },
  build(node, env) {
    const { captures } = env.rules;
    const slots = node.value.response ? captures.response : captures.request;
    slots.push({ header: null, length: node.value.length });
  },
};

const captureCookie: KeywordEntry<CookieCapture, RulesEnv> = {
  kind: "keyword",
  name: "capture cookie",
  manual: "4.2",
  doc: "Keeps the first cookie of a name for logs.",
  sections: FRONTENDS,
  parse(cursor: Cursor) {
    const at = cursor.at;
    const name = cursor.take("<name>");
    if (name === "" || /[;,\s]/.test(name)) cursor.fail(`'capture cookie' : '${name}' is not a cookie name.`, at);
    return { name, length: takeLength(cursor) };
  },
  build(node, env) {
    env.rules.captures.cookie = node.value;
  },
};

export const captureKeywords = [headerCapture(false), headerCapture(true), declareCapture, captureCookie] as const;
