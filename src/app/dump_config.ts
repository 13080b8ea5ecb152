// -dC: the configuration as it is read, without comments, indented by one tab (management.txt 3). With a key nothing of it
// tells whose it is: names and addresses are hidden, and a statement ends before what may be confidential.
import { anonymous, anonymousAddress } from "../base/mod.ts";

/** What is known of a statement's words behind its keyword: a name, an address, or nothing to hide. */
type Kind = "name" | "address" | "plain";

/** Statements whose first words are known; what follows them is judged word by word. */
const KNOWN: Readonly<Record<string, readonly Kind[]>> = {
  server: ["name", "address"],
  "server-template": ["name", "plain", "address"],
  bind: ["address"],
  "stats socket": ["address"],
  log: ["address"],
  source: ["address"],
  peer: ["name", "address"],
  nameserver: ["name", "address"],
  default_backend: ["name"],
  use_backend: ["name"],
  "use-server": ["name"],
  acl: ["name", "plain"],
  user: ["name"],
  group: ["name"],
};

/** Statements whose words are all of this language. */
const PLAIN: ReadonlySet<string> = new Set([
  "mode",
  "option",
  "timeout",
  "balance",
  "maxconn",
  "backlog",
  "retries",
  "retry-on",
  "nbthread",
  "daemon",
  "master-worker",
  "hash-type",
  "http-reuse",
  "no",
  "default",
  "disabled",
  "enabled",
  "fullconn",
  "grace",
  "hard-stop-after",
  "close-spread-time",
  "id",
  "ulimit-n",
  "quiet",
  "zero-warning",
]);

/** Options, values of options and units that tell nothing. */
const HARMLESS =
  /^(?:\d+(?:us|ms|s|m|h|d|k|g|m)?|check|backup|disabled|enabled|inter|fastinter|downinter|rise|fall|weight|maxconn|minconn|maxqueue|slowstart|port|ssl|verify|none|required|alpn|proto|h1|h2|send-proxy|send-proxy-v2|accept-proxy|level|admin|operator|user|mode|format|raw|local\d|len|if|unless|thread|process|name|id|init-addr|pool-max-conn)$/;

/** A statement as a line; `section`: it opens one. `key` 0 hides nothing. */
export function dumpStatement(words: readonly string[], section: boolean, key: number): string {
  const shown = key === 0 ? words.map(quoted) : section ? hiddenSection(words, key) : hiddenStatement(words, key);
  return `${section ? "" : "\t"}${shown.join(" ")}\n`;
}

function hiddenSection([kind, name, ...rest]: readonly string[], key: number): string[] {
  const from = rest[0] === "from" && rest.length > 1 ? ["from", anonymous(key, rest[1])] : [];
  return [kind, ...(name === undefined ? [] : [anonymous(key, name)]), ...from];
}

function hiddenStatement(words: readonly string[], key: number): string[] {
  if (PLAIN.has(words[0])) return words.map(quoted);
  const two = words.slice(0, 2).join(" ");
  const length = KNOWN[two] === undefined ? 1 : 2;
  const known = KNOWN[two] ?? KNOWN[words[0]] ?? [];
  const out = words.slice(0, length);
  for (let i = length; i < words.length; i++) {
    const kind = known[i - length];
    if (kind === "name") out.push(anonymous(key, words[i]));
    else if (kind === "address") out.push(anonymousAddress(key, words[i]));
    else if (kind === "plain" || HARMLESS.test(words[i])) out.push(quoted(words[i]));
    else return [...out, "..."];
  }
  return out;
}

/** A word as it is to be written to be read as this one. */
function quoted(word: string): string {
  if (word === "") return '""';
  return word.replace(/[^!-~\u0080-\u00ff]|[\\'"#]/g, (c) => {
    if (c === "\n") return "\\n";
    if (c === "\r") return "\\r";
    if (c === "\t") return "\\t";
    return c < " " || c > "~" ? `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}` : `\\${c}`;
  });
}
