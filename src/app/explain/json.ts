// What explain found out, for programs. Names and their meaning are in docs/explain.md; `explain` counts the versions of
// the format. Texts are UTF-8 where their bytes are; the bytes of messages are one character (0 to 255) a byte.
import { fromByteString, type Location } from "../../config/mod.ts";
import type { Explanation, ExpressionReport, RuleReport, SampleValue } from "./report.ts";
import type { Statements } from "./statements.ts";

const FORMAT = 1;

/** The JSON text, indented, with a line feed at its end. */
export function explanationJson(e: Explanation, statements: Statements): string {
  const at = (place: Location | null) => place === null ? null : { file: fromByteString(place.file), line: place.line };
  const value = ({ type, text }: SampleValue) => ({ type, value: fromByteString(text) });
  const expression = (r: ExpressionReport) => ({
    expression: fromByteString(r.expression),
    value: r.value === null ? null : value(r.value),
  });
  const rule = (r: RuleReport) => ({
    proxy: fromByteString(r.proxy),
    keyword: r.keyword,
    at: at(r.at),
    statement: fromByteString(statements.at(r.at)),
    verdict: r.verdict,
    condition: r.terms.map((term) => ({
      acl: fromByteString(term.acl),
      negated: term.negated,
      verdict: term.verdict,
      tests: term.tests.map((test) => ({
        written: fromByteString(test.written),
        expression: fromByteString(test.expression),
        values: test.values.map(value),
        verdict: test.verdict,
        at: at(test.at),
      })),
    })),
    expressions: r.expressions.map(expression),
    outcome: r.outcome,
    effects: r.effects.map(fromByteString),
    target: r.target === null ? null : fromByteString(r.target),
    waited_ms: r.waitedMs,
    depends: r.depends,
  });
  const { frontend, backend, server } = e;
  const result = {
    explain: FORMAT,
    request: {
      method: fromByteString(e.method),
      target: fromByteString(e.target),
      host: fromByteString(e.host),
      src: e.src,
      dst: e.dst,
    },
    frontend: { name: fromByteString(frontend.name), kind: frontend.kind, at: at(frontend.at) },
    unevaluated: e.unevaluated === null ? null : { ...e.unevaluated, at: at(e.unevaluated.at) },
    notices: e.notices.map(fromByteString),
    rules: e.rules.map(rule),
    not_evaluated: e.notEvaluated.map((n) => ({ ...n, proxy: fromByteString(n.proxy) })),
    backend: backend === null
      ? null
      : { name: fromByteString(backend.name), at: at(backend.at), chosen_at: at(backend.chosenAt) },
    server: server === null ? null : {
      name: fromByteString(server.name),
      address: fromByteString(server.address),
      at: at(server.at),
      resolved: !server.unresolved,
      choice: server.choice,
      algorithm: server.algorithm,
      chosen_at: at(server.chosenAt),
      expressions: server.expressions.map(expression),
      next: server.next.map(fromByteString),
      depends: server.depends,
    },
    to_server: e.toServer,
    answer: e.answer === null ? null : fromByteString(e.answer),
    to_client: e.toClient,
    client_connection: e.clientEnd,
    after_ms: e.afterMs,
    termination: e.termination,
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
