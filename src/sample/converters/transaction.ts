// Converters that look at, or write to, what is around the sample: proxies and servers by name, capture slots, the state of
// the transaction (configuration.txt 7.3.1).
import { latin1Slice, x509ErrorName } from "../../base/mod.ts";
import { buildAcl } from "../condition.ts";
import { sampleText, setInteger, setText } from "../casts.ts";
import { hadError } from "../outcome.ts";
import {
  type AclNode,
  type ArgNode,
  type ConverterEntry,
  FOUND,
  type Sample,
  type SampleEnv,
  T_ANY,
  T_SAME,
  T_SINT,
  T_STR,
  type Txn,
} from "../types.ts";
import { converter } from "./define.ts";

function textOf(sample: Sample): string {
  return latin1Slice(sample.bytes, sample.from, sample.to);
}

function captureConverter(name: string, doc: string, response: boolean): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_STR,
    out: T_STR,
    args: [{ type: "sint", name: "id" }],
    build([id]) {
      const slot = Number(id);
      return (sample, txn) => {
        const slots = response ? txn.responseCaptures : txn.requestCaptures;
        if (slot < 0 || slot >= slots.length) return false;
        txn.setCapture(response, slot, textOf(sample));
        return true;
      };
    },
  });
}

// ---- when -----------------------------------------------------------------------------------------------------

type WhenFn = (txn: Txn) => boolean;

/** Conditions of when() but "acl". */
const CONDITIONS: Readonly<Record<string, (env: SampleEnv) => WhenFn>> = {
  error: () => hadError,
  normal: () => (txn) => !hadError(txn),
  forwarded: () => (txn) => txn.times.connect >= 0,
  stopping: (env) => () => env.process.stopping,
};

/** Conditions that need what is not there yet. */
const NOT_BUILT = ["processed", "toapplet"];

/** Places may offer anything: the manual leaves it to the user that the ACL fits. */
const ANYWHERE = -1;

function whenProblem([condition, acl]: readonly ArgNode[]): string | null {
  const name = String(condition).replace(/^!/, "");
  if (name === "acl") return acl === null ? "'acl' needs the name of an ACL" : null;
  if (NOT_BUILT.includes(name)) return `condition '${name}' is not supported yet`;
  if (!Object.hasOwn(CONDITIONS, name)) {
    return `expects 'error', 'forwarded', 'normal', 'stopping' or 'acl' (with '!' before it to negate it), got '${name}'`;
  }
  return acl === null ? null : `condition '${name}' takes no argument`;
}

/** A name with "!" before it, or not. */
function negatable(text: string): { readonly name: string; readonly negated: boolean } {
  return text.startsWith("!") ? { name: text.slice(1), negated: true } : { name: text, negated: false };
}

function aclCondition(name: string, acls: Readonly<Record<string, AclNode>>, env: SampleEnv): WhenFn {
  const acl = buildAcl(acls[name], ANYWHERE, env);
  return (txn) => acl(txn) === FOUND;
}

export const transactionConverters: readonly ConverterEntry[] = [
  captureConverter("capture-req", "puts the string into a request capture slot; absent without that slot", false),
  captureConverter("capture-res", "puts the string into a response capture slot; absent without that slot", true),
  converter({
    name: "nbsrv",
    doc: "usable servers of the backend of that name",
    input: T_STR,
    out: T_SINT,
    build: (_args, env) => (sample) => {
      const proxy = env.proxy(textOf(sample));
      if (proxy === undefined) return false;
      setInteger(sample, proxy.usableServers);
      return true;
    },
  }),
  converter({
    name: "srv_queue",
    doc: "streams queued for a server, '<backend>/<server>' or one of the transaction's backend",
    input: T_STR,
    out: T_SINT,
    build: (_args, env) => (sample, txn) => {
      const text = textOf(sample);
      const slash = text.indexOf("/");
      const backend = slash < 0 ? txn.backend?.name ?? "" : text.slice(0, slash);
      const server = env.server(backend, text.slice(slash + 1));
      if (server === undefined) return false;
      setInteger(sample, server.queued);
      return true;
    },
  }),
  converter({
    name: "when",
    doc:
      "the sample itself when a condition holds, else nothing: error, forwarded, normal, stopping, acl (with its name)",
    input: T_ANY,
    out: T_SAME,
    args: [{ type: "str", name: "condition" }, { type: "acl", name: "args", optional: true }],
    validate: whenProblem,
    build([condition, acl], env) {
      const { name, negated } = negatable(condition as string);
      if (name !== "acl") {
        const holds = CONDITIONS[name](env);
        return (_sample, txn) => holds(txn) !== negated;
      }
      const wanted = negatable(acl as string);
      const matches = aclCondition(wanted.name, env.namedAcls!, env);
      const expected = wanted.negated === negated;
      return (_sample, txn) => matches(txn) === expected;
    },
  }),
  converter({
    name: "x509_v_err_str",
    doc: "the name of a code of certificate verification; the number itself when it has none",
    input: T_SINT,
    out: T_STR,
    build: (_args, env) => (sample) => setText(sample, x509ErrorName(Number(sample.num)) ?? sampleText(sample), env),
  }),
];
