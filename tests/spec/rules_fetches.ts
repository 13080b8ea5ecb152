// PROVISIONAL: a few fetches until sample has its own.
import { writeLatin1 } from "../../src/base/mod.ts";
import { HeaderName, type Message } from "../../src/http/mod.ts";
import {
  ABSENT,
  type FetchEntry,
  FOUND,
  NEEDS,
  NOT_YET,
  type Sample,
  type SampleEnv,
  T_BOOL,
  T_IPV4,
  T_SINT,
  T_STR,
  type Txn,
} from "../../src/sample/mod.ts";

function text(sample: Sample, value: string, env: SampleEnv): 1 {
  const area = env.scratch();
  sample.type = T_STR;
  sample.bytes = area;
  sample.from = 0;
  sample.to = writeLatin1(area, 0, value);
  return FOUND;
}

function fetch(
  name: string,
  needs: number,
  args: FetchEntry["args"],
  out: number,
  build: FetchEntry["build"],
): FetchEntry {
  return { kind: "fetch", name, manual: "7.3", doc: "test", args, out, needs, build, derivatives: ["beg", "end"] };
}

function header(name: string, needs: number, message: (txn: Txn) => Message): FetchEntry {
  return fetch(name, needs, [{ type: "str", name: "name" }], T_STR, (args, env) => {
    const wanted = new HeaderName(String(args[0]));
    return (txn, into) => {
      const row = message(txn).findLast(wanted);
      return row < 0 ? ABSENT : text(into, message(txn).valueText(row), env);
    };
  });
}

export const testFetches: readonly FetchEntry[] = [
  fetch(
    "path",
    NEEDS.request,
    [],
    T_STR,
    (_args, env) => (txn, into) => text(into, txn.request.targetText().split("?")[0], env),
  ),
  header("req.hdr", NEEDS.request, (txn) => txn.request),
  header("res.hdr", NEEDS.response, (txn) => txn.response),
  fetch(
    "str",
    NEEDS.internal,
    [{ type: "str", name: "text" }],
    T_STR,
    (args, env) => (_txn, into) => text(into, String(args[0]), env),
  ),
  fetch("int", NEEDS.internal, [{ type: "sint", name: "number" }], T_SINT, (args) => (_txn, into) => {
    into.type = T_SINT;
    into.num = args[0] as number;
    return FOUND;
  }),
  fetch("always_true", NEEDS.internal, [], T_BOOL, () => (_txn, into) => {
    into.type = T_BOOL;
    into.num = 1;
    return FOUND;
  }),
  fetch("always_false", NEEDS.internal, [], T_BOOL, () => (_txn, into) => {
    into.type = T_BOOL;
    into.num = 0;
    return FOUND;
  }),
  fetch("src", NEEDS.clientL4, [], T_IPV4, () => (_txn, into) => {
    into.type = T_IPV4;
    into.num = 0xc0000207;
    return FOUND;
  }),
  fetch("var", NEEDS.internal, [{ type: "var", name: "name" }], T_STR, (args, env) => {
    const { scope, slot } = env.variables.slot(String(args[0]));
    return (txn, into) => txn.vars.get(scope, slot, into) ? FOUND : ABSENT;
  }),
  fetch("req.len", NEEDS.clientL6, [], T_SINT, () => (txn, into) => {
    const { from, to, complete } = txn.clientPayload;
    into.type = T_SINT;
    into.num = to - from;
    return to > from || complete ? FOUND : NOT_YET;
  }),
];
