// What a request for the statistics asks: the words behind the URI prefix, and the form of an administrator
// (configuration.txt 4.2 "stats uri", "stats admin"; management.txt 9).

export interface PageOptions {
  readonly format: "html" | "csv" | "typed" | "json" | "schema";
  readonly desc: boolean;
  readonly up: boolean;
  readonly noMaint: boolean;
  readonly norefresh: boolean;
  /** Only proxies with this in their name; "": all. */
  readonly scope: string;
  /** What became of an action; "": there was none. */
  readonly status: string;
}

/** Names of proxies longer than this are no use to look for. */
const SCOPE_MAX = 20;

/** The words behind the prefix, in any order: ";csv", ";up", "?scope=text" and so on. What is not known is passed over. */
export function parseOptions(rest: string): PageOptions {
  const words = new Map(
    rest.split(/[;?&]/).slice(1).map((word) => {
      const equals = word.indexOf("=");
      return equals < 0 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
  const format = words.has("csv")
    ? "csv"
    : words.has("json")
    ? "json"
    : words.has("typed")
    ? "typed"
    : words.has("json-schema")
    ? "schema"
    : "html";
  return {
    format,
    desc: words.has("desc"),
    up: words.has("up"),
    noMaint: words.has("no-maint"),
    norefresh: words.has("norefresh"),
    scope: decode(words.get("scope") ?? "").slice(0, SCOPE_MAX),
    status: words.get("st") ?? "",
  };
}

/** The words that go on to the next page: what is shown, not what became of an action. */
export function optionWords(options: PageOptions, without = ""): string {
  const words = [
    options.up ? "up" : "",
    options.noMaint ? "no-maint" : "",
    options.norefresh ? "norefresh" : "",
    options.scope === "" ? "" : `scope=${encodeURIComponent(options.scope)}`,
  ];
  return words.filter((word) => word !== "" && word.split("=")[0] !== without).map((word) => `;${word}`).join("");
}

/** What an administrator wants of servers of one backend. */
export interface AdminForm {
  readonly action: string | null;
  /** Name, or "#" and its id. */
  readonly backend: string | null;
  readonly servers: readonly string[];
}

/** The form of the page: `s=<server>`, repeated, `action=<action>`, `b=<backend>`. */
export function parseForm(body: string): AdminForm {
  const servers: string[] = [];
  let action: string | null = null;
  let backend: string | null = null;
  for (const pair of body.split("&")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const value = decode(pair.slice(equals + 1).replaceAll("+", " "));
    switch (pair.slice(0, equals)) {
      case "s":
        servers.push(value);
        break;
      case "action":
        action = value;
        break;
      case "b":
        backend = value;
        break;
    }
  }
  return { action, backend, servers };
}

/** Percent-encoded bytes, one code unit a byte; what is no code stays. */
function decode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
