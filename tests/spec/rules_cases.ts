// Golden cases of rules, tests/spec/rules/*.cases: rules and messages in, what the rules made of them out.
//
//   # rows: HTTP-06           every case below shows these rows until the next such line
//   @case the title
//   @file /path text          a file (repeatable; "\n" in the text is a line feed)
//   @rules                    statements of a frontend "f" of mode http
//   @config                   or a whole configuration, whose proxy "f" is the one
//   @request, @response       heads of HTTP/1; lines end with LF here
//   @expect                   what comes out; up to the next case
//
// What comes out: a line for each diagnostic; with a request, the verdict of each rule set that ran, each followed by
// what the rules did outside of messages ("- ..."), then the reply, or the message as it goes on and what is left for the
// log.
import { FakeStream, headText, load, replyText, show, Thread } from "./rules_fixture.ts";
import { type ProxyRules, RULE_CONTINUE, RULE_REPLY, RULE_STOP, type Ruleset } from "../../src/rules/mod.ts";

export interface Case {
  readonly rows: string;
  readonly title: string;
  readonly files: Record<string, string>;
  readonly parts: Record<"config" | "request" | "response" | "expect", string>;
}

const PREAMBLE = "defaults\n mode http\nfrontend f\n";

export function parseCases(text: string, file: string): Case[] {
  const cases: Case[] = [];
  let rows = "";
  let part: keyof Case["parts"] | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [, word, rest = ""] = /^@([a-z]+)(?: (.*))?$/.exec(line) ?? [];
    const current = cases[cases.length - 1];
    if (line.startsWith("# rows: ")) {
      rows = line.slice(8).trim();
      part = null;
    } else if (word === "case") {
      cases.push({ rows, title: rest, files: {}, parts: { config: "", request: "", response: "", expect: "" } });
      part = null;
    } else if (word === "file") {
      const [path, ...content] = rest.split(" ");
      current.files[path] = content.join(" ").replaceAll("\\n", "\n");
    } else if (word === "rules") {
      current.parts.config = PREAMBLE;
      part = "config";
    } else if (word === "config" || word === "request" || word === "response" || word === "expect") {
      part = word;
    } else if (part !== null) {
      current.parts[part] += line + "\n";
    } else if (line !== "" && !line.startsWith("#")) {
      throw new Error(`${file}:${index + 1}: text outside of a case: '${line}'`);
    }
  }
  return cases;
}

const VERDICTS = ["continue", "stop", "reply", "abort", "drop", "not yet", "error", "http"] as const;

export async function outcome(c: Case): Promise<string> {
  const { model, diagnostics } = load(c.parts.config, c.files);
  const out = diagnostics.map(show);
  if (model === null || c.parts.request === "") return out.join("\n");
  const thread = new Thread(model);
  const rules = thread.proxies.get("f")!;
  const stream = new FakeStream(thread, rules);
  stream.receive(head(c.parts.request));
  const goOn = await run(stream, [["http-request", rules.httpRequest], ["redirect", rules.redirects]], out);
  if (!goOn) return out.join("\n");
  out.push(headText(stream.request), ...kept(stream));
  if (c.parts.response === "") return out.join("\n");
  stream.answer(head(c.parts.response));
  if (await run(stream, responseSets(rules), out)) out.push(headText(stream.response), ...kept(stream));
  return out.join("\n");
}

/** What is left in the stream for its log. */
function kept(stream: FakeStream): string[] {
  const captures = [...stream.requestCaptures, "|", ...stream.responseCaptures];
  const out = captures.length === 1 ? [] : [`[captures] ${captures.map((value) => value ?? "-").join(" ")}`];
  return stream.logLevel === -1 ? out : [...out, `[log level] ${stream.logLevel}`];
}

function responseSets(rules: ProxyRules): [string, Ruleset][] {
  return [["http-response", rules.httpResponse], ["http-after-response", rules.httpAfterResponse]];
}

async function run(stream: FakeStream, sets: readonly [string, Ruleset][], out: string[]): Promise<boolean> {
  for (const [name, ruleset] of sets) {
    if (ruleset.empty) continue;
    const verdict = await ruleset.run(stream);
    out.push(`${name}: ${VERDICTS[verdict]}`, ...stream.done.splice(0).map((what) => `- ${what}`));
    if (verdict === RULE_REPLY) out.push(replyText(stream.reply!));
    if (verdict !== RULE_CONTINUE && verdict !== RULE_STOP) return false;
  }
  return true;
}

/** The head with the line ends of HTTP/1. */
function head(text: string): string {
  const [top, ...body] = text.split("\n\n");
  return top.trimEnd().replaceAll("\n", "\r\n") + "\r\n\r\n" + body.join("\n\n").trimEnd();
}
