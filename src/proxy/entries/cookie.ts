// `cookie` and `option persist` (configuration.txt 4.2).
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import { isTokenText } from "../../http/mod.ts";
import type { ProxyEnv } from "../config.ts";
import type { CookieConfig } from "../cookie.ts";
import { BACKEND, flag } from "./kinds.ts";

const MODES = ["rewrite", "insert", "prefix"] as const;

const WORDS = [
  ...MODES,
  "indirect",
  "nocache",
  "postonly",
  "preserve",
  "httponly",
  "secure",
  "domain",
  "maxidle",
  "maxlife",
  "attr",
  "dynamic",
] as const;

function parseCookie(cursor: Cursor): CookieConfig {
  if (cursor.done) cursor.fail("'cookie' expects <cookie_name> as argument.");
  const nameAt = cursor.at;
  const name = cursor.take("<cookie_name>");
  if (!isTokenText(name.toLowerCase())) cursor.fail(`'cookie' : '${name}' is not a cookie name.`, nameAt);
  const start = cursor.at;
  const said = new Set<string>();
  let mode: CookieConfig["mode"] = "";
  let domains = "";
  let attributes = "";
  let maxIdle = 0;
  let maxLife = 0;
  while (!cursor.done) {
    const at = cursor.at;
    const word = cursor.oneOf("an option of cookies", WORDS);
    switch (word) {
      case "rewrite":
      case "insert":
      case "prefix":
        if (mode !== "" && mode !== word) {
          cursor.fail("cookie 'rewrite', 'insert' and 'prefix' modes are incompatible.", at);
        }
        mode = word;
        break;
      case "domain":
        domains += `; domain=${takeAttribute(cursor, "<domain>")}`;
        break;
      case "attr":
        attributes += `; ${takeAttribute(cursor, "<value>")}`;
        break;
      case "maxidle":
        maxIdle = cursor.time("<idletime> in seconds", "s", "s");
        break;
      case "maxlife":
        maxLife = cursor.time("<lifetime> in seconds", "s", "s");
        break;
      case "dynamic":
        cursor.fail("'cookie' : 'dynamic' is not supported yet.", at);
        break;
      default:
        said.add(word);
    }
  }
  const indirect = said.has("indirect");
  if (mode === "rewrite" && indirect) cursor.fail("cookie 'rewrite' and 'indirect' modes are incompatible.", start);
  if (said.has("preserve") && mode !== "insert" && !indirect) {
    cursor.fail("cookie 'preserve' requires at least 'insert' or 'indirect'.", start);
  }
  return {
    name,
    mode,
    indirect,
    nocache: said.has("nocache"),
    postonly: said.has("postonly"),
    preserve: said.has("preserve"),
    attributes: `; path=/${domains}${said.has("httponly") ? "; HttpOnly" : ""}${
      said.has("secure") ? "; Secure" : ""
    }${attributes}`,
    maxIdle,
    maxLife,
  };
}

/** What may stand between the semicolons of a Set-Cookie field. */
function takeAttribute(cursor: Cursor, what: string): string {
  const at = cursor.at;
  const text = cursor.take(what);
  // deno-lint-ignore no-control-regex
  const wrong = /[\x00-\x1f\x7f;]/.exec(text);
  if (wrong !== null) {
    const code = wrong[0].charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
    cursor.fail(`character '%x${code}' is not permitted in attribute value.`, at);
  }
  return text;
}

const cookie: KeywordEntry<CookieConfig, ProxyEnv> = {
  kind: "keyword",
  name: "cookie",
  manual: "4.2",
  doc: "Keeps clients at their server with a cookie.",
  sections: BACKEND,
  inherit: true,
  parse: parseCookie,
  build: (node, env) => {
    env.proxy.cookie = node.value;
  },
};

export const cookieKeywords: readonly KeywordEntry[] = [
  cookie as KeywordEntry,
  flag("persist", BACKEND, "Sends a client with a cookie to its server although that is down.", (proxy, on) => {
    proxy.persist = on;
  }),
];
