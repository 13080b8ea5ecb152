// Sample expressions through `http-request return ... lf-string`: the same bytes, and the same refused. Both programs run
// all expressions in one configuration; a field of the request chooses one.
import { assert } from "@std/assert";
import { checkWithHaproxy, haproxyIsHere, refusedLines, startHaproxy, startSluice } from "./engines.ts";
import { drawExpressions, FETCHES, MISUSES, POOR_REQUEST, RICH_REQUEST } from "./expressions.ts";
import { endOfMessage } from "./http_text.ts";
import { knownExpression } from "./known_expressions.ts";
import { printable } from "./normalize.ts";
import { connect, freePort } from "./wire.ts";

/** DIFF_SEED draws others. */
const SEED = Number(Deno.env.get("DIFF_SEED") ?? 20);
const COUNT = 1200;
/** Requests sent before answers are read. */
const WINDOW = 32;

/** Rules of one section: each request tries them one after the other. */
const RULES = 64;

const DEFAULTS = `defaults
  mode http
  timeout connect 3s
  timeout client 20s
  timeout server 20s
`;
const SECTION = (number: number, port: number) =>
  `listen c${number}
  bind 127.0.0.1:${port}
  http-request wait-for-body time 1s if { req.hdr(content-length) -m found }
  http-request set-var(txn.n) int(13)
  http-request set-var(txn.s) str(Word)
`;

/** A configuration, and for each line the expression in it. */
class Configuration {
  readonly text: string;
  /** Numbers of the expressions in each section. */
  readonly sections: readonly (readonly number[])[];
  readonly #lines: (number | undefined)[];

  constructor(expressions: ReadonlyMap<number, string>, port: (section: number) => number) {
    const numbers = [...expressions.keys()];
    const count = Math.ceil(numbers.length / RULES);
    this.sections = Array.from({ length: count }, (_, i) => numbers.slice(i * RULES, (i + 1) * RULES));
    const lines: [string, number?][] = DEFAULTS.trimEnd().split("\n").map((line) => [line]);
    this.sections.forEach((section, i) => {
      for (const line of SECTION(i, port(i)).trimEnd().split("\n")) lines.push([line]);
      for (const number of section) {
        const rule = "  http-request return status 200 content-type text/plain lf-string " +
          `'${format(expressions.get(number)!)}' if { req.hdr(x-case) ${number} }`;
        lines.push([rule, number]);
      }
    });
    this.text = lines.map(([line]) => line + "\n").join("");
    this.#lines = lines.map(([, number]) => number);
  }

  /** The expression in a line, counted from 1. */
  at(line: number): number | undefined {
    return this.#lines[line - 1];
  }
}

/** `<` and `>` show where a value begins and ends. */
function format(expression: string): string {
  return `<%[${expression.replaceAll("'", '"')}]>`;
}

/** Which expressions haproxy refuses, told by the lines of its messages. It stops at the first error of a kind. */
async function refusedByHaproxy(expressions: readonly string[]): Promise<Set<number>> {
  const left = new Map(expressions.entries());
  const refused = new Set<number>();
  for (;;) {
    const configuration = new Configuration(left, () => 1);
    const { valid, text } = await checkWithHaproxy(configuration.text);
    if (valid) return refused;
    const before = refused.size;
    const alerts = text.split(/^(?=\[[A-Z]+\])/m).filter((message) => message.startsWith("[ALERT]"));
    for (const [, line] of alerts.join("").matchAll(/\[config:(\d+)\]/g)) {
      const number = configuration.at(Number(line));
      if (number === undefined) continue;
      refused.add(number);
      left.delete(number);
    }
    assert(refused.size > before, `haproxy refuses something else:\n${text}`);
  }
}

function refusedBySluice(expressions: readonly string[]): Map<number, string> {
  const configuration = new Configuration(new Map(expressions.entries()), () => 1);
  const refused = new Map<number, string>();
  for (const { line, text } of refusedLines(configuration.text)) {
    const number = configuration.at(line);
    assert(number !== undefined, `Sluice refuses something else: ${text}`);
    refused.set(number, text);
  }
  return refused;
}

/** The bodies of the answers, by number of expression. */
async function ask(
  port: number,
  numbers: readonly number[],
  request: (selector: string) => string,
): Promise<Map<number, string>> {
  const wire = await connect(port);
  const answers = new Map<number, string>();
  let at = 0;
  for (let i = 0; i < numbers.length; i += WINDOW) {
    const batch = numbers.slice(i, i + WINDOW);
    wire.send(batch.map((n) => request(`X-Case: ${n}\r\n`)).join(""));
    for (const number of batch) {
      const complete = () => wire.end !== "open" || endOfMessage(wire.received, at) >= 0;
      await wire.until(complete, 5000);
      const end = endOfMessage(wire.received, at);
      if (end < 0) {
        answers.set(number, `no answer (${wire.end}): ${wire.received.slice(at)}`);
        wire.close();
        for (const [n, body] of await ask(port, numbers.slice(numbers.indexOf(number) + 1), request)) {
          answers.set(n, body);
        }
        return answers;
      }
      const message = wire.received.slice(at, end);
      const body = message.slice(message.indexOf("\r\n\r\n") + 4);
      answers.set(number, message.startsWith("HTTP/1.1 200") ? body : message.split("\r\n")[0]);
      at = end;
    }
  }
  wire.close();
  return answers;
}

async function compareExpressions(expressions: readonly string[]): Promise<void> {
  const failures: string[] = [];
  const say = (expression: string, text: string) => {
    if (!knownExpression(expression, text)) failures.push(`${expression}: ${text}`);
  };
  const byHaproxy = await refusedByHaproxy(expressions);
  const bySluice = refusedBySluice(expressions);
  const both = new Map<number, string>();
  expressions.forEach((expression, i) => {
    const reason = bySluice.get(i);
    if (byHaproxy.has(i) && reason === undefined) say(expression, "only haproxy refuses it");
    if (!byHaproxy.has(i) && reason !== undefined) say(expression, `only Sluice refuses it: ${reason}`);
    if (!byHaproxy.has(i) && reason === undefined) both.set(i, expression);
  });
  const taken = new Set<number>();
  const ports = Array.from({ length: Math.ceil(both.size / RULES) }, () => [freePort(taken), freePort(taken)]);
  const [forHaproxy, forSluice] = [0, 1].map((side) => new Configuration(both, (section) => ports[section][side]));
  const haproxy = await startHaproxy(forHaproxy.text, ports[0][0]);
  const sluice = await startSluice(forSluice.text);
  const compareSection = async (numbers: readonly number[], [left, right]: readonly number[]) => {
    for (const request of [RICH_REQUEST, POOR_REQUEST]) {
      const [a, b] = await Promise.all([ask(left, numbers, request), ask(right, numbers, request)]);
      for (const number of numbers) {
        if (a.get(number) === b.get(number)) continue;
        say(both.get(number)!, `${printable(a.get(number)!)} at haproxy, ${printable(b.get(number)!)} at Sluice`);
      }
    }
  };
  try {
    await Promise.all(forSluice.sections.map((numbers, i) => compareSection(numbers, ports[i])));
  } finally {
    if (sluice.said() !== "") failures.push(`Sluice says: ${sluice.said()}`);
    await sluice.stop();
    await haproxy.stop();
  }
  assert(failures.length === 0, `${failures.length} of ${expressions.length} expressions\n${failures.join("\n")}\n`);
}

if (!haproxyIsHere) console.warn("tests/diff: haproxy is not installed, expressions are skipped");

Deno.test({
  name: "FETCH-01 FETCH-05 fetches on a request as haproxy",
  ignore: !haproxyIsHere,
  fn: () => compareExpressions(FETCHES),
});

Deno.test({
  name: `CONV-01 chains of converters as haproxy, seed ${SEED}`,
  ignore: !haproxyIsHere,
  fn: () => compareExpressions(drawExpressions(SEED, COUNT)),
});

Deno.test({
  name: "FETCH-24 CONV-17 arguments that do not fit as haproxy",
  ignore: !haproxyIsHere,
  fn: () => compareExpressions(MISUSES),
});
