// Fetches of parameters: of the query string, and of a url-encoded body (configuration.txt 7.3.6).
import { bytesEqual, bytesEqualIgnoreCase, latin1ToBytes } from "../../base/mod.ts";
import { M_CONNECT, parseTarget, UriParts } from "../../http/mod.ts";
import { cast, setBytes } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  NEEDS,
  type Sample,
  type SampleEnv,
  T_SINT,
  T_STR,
  type Txn,
  type Verdict,
} from "../types.ts";
import { fetch, headOf, REQUEST, STRING_DERIVATIVES, unready } from "./define.ts";

const AMPERSAND = 38;
const SEMICOLON = 59;
const EQUALS = 61;

/** Walks the parameters "name=value" of a range; what has no equals sign is none. */
class Params {
  valueFrom = 0;
  valueTo = 0;
  readonly #wanted: Uint8Array | null;
  readonly #ignoreCase: boolean;
  readonly #delimiter: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #to = 0;

  /** `name` null: every parameter. `delimiter`: a byte that separates beside "&" and ";". */
  constructor(name: string | null, delimiter: number, ignoreCase: boolean) {
    this.#wanted = name === null ? null : latin1ToBytes(name);
    this.#delimiter = delimiter;
    this.#ignoreCase = ignoreCase;
  }

  begin(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
  }

  next(): boolean {
    const bytes = this.#bytes;
    while (this.#at < this.#to) {
      const from = this.#at;
      let end = from;
      let equals = -1;
      for (; end < this.#to; end++) {
        const b = bytes[end];
        if (b === AMPERSAND || b === SEMICOLON || b === this.#delimiter) break;
        if (b === EQUALS && equals < 0) equals = end;
      }
      this.#at = end + 1;
      if (equals < 0 || !this.#named(from, equals)) continue;
      this.valueFrom = equals + 1;
      this.valueTo = end;
      return true;
    }
    return false;
  }

  #named(from: number, to: number): boolean {
    const wanted = this.#wanted;
    if (wanted === null) return true;
    const same = this.#ignoreCase ? bytesEqualIgnoreCase : bytesEqual;
    return same(this.#bytes, from, to, wanted, 0, wanted.length);
  }
}

/** Begins the walk; a verdict when there is nothing to walk over, else null. */
type Begin = (txn: Txn, params: Params) => Verdict | null;
type Reader = (sample: Sample, env: SampleEnv) => boolean;

interface ParamFetch {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly doc: string;
  readonly out: number;
  readonly needs: number;
  readonly args: readonly ArgSpec[];
  /** Index of the argument that makes names case-insensitive. */
  readonly caseArg: number;
  readonly read: Reader;
  begin(args: readonly ArgNode[]): Begin;
  readonly bytes: (txn: Txn) => Uint8Array<ArrayBuffer>;
  readonly derivatives?: FetchEntry["derivatives"];
}

function paramFetch(f: ParamFetch): FetchEntry[] {
  const paramsOf = (args: readonly ArgNode[]) => {
    const delimiter = f.caseArg === 2 && typeof args[1] === "string" && args[1] !== "" ? args[1].charCodeAt(0) : -1;
    const name = typeof args[0] === "string" && args[0] !== "" ? args[0] : null;
    return new Params(name, delimiter, args[f.caseArg] === "i");
  };
  return fetch({
    name: f.name,
    aliases: f.aliases,
    manual: "7.3.6",
    doc: f.doc,
    out: f.out,
    needs: f.needs,
    args: f.args,
    derivatives: f.derivatives,
    validate(args) {
      const flag = args[f.caseArg];
      if (flag !== null && flag !== "" && flag !== "i") return `unknown option '${flag}': 'i'`;
      if (f.caseArg === 2 && typeof args[1] === "string" && args[1].length > 1) {
        return "delimiter should be a single character";
      }
      return null;
    },
    build(args, env) {
      const params = paramsOf(args);
      const begin = f.begin(args);
      return (txn, into) => {
        const verdict = begin(txn, params);
        if (verdict !== null) return verdict;
        if (!params.next()) return ABSENT;
        setBytes(into, T_STR, f.bytes(txn), params.valueFrom, params.valueTo);
        return f.read(into, env) ? FOUND : ABSENT;
      };
    },
    buildEach(args, env) {
      const params = paramsOf(args);
      const begin = f.begin(args);
      return (txn, into, test) => {
        const verdict = begin(txn, params);
        if (verdict !== null) return verdict;
        while (params.next()) {
          setBytes(into, T_STR, f.bytes(txn), params.valueFrom, params.valueTo);
          if (f.read(into, env) && test(into, txn)) return FOUND;
        }
        return ABSENT;
      };
    },
  });
}

/** The query string; it begins behind the first question mark, or delimiter, behind the path's start. */
function beginQuery(args: readonly ArgNode[]): Begin {
  const parts = new UriParts();
  const delimiter = typeof args[1] === "string" && args[1] !== "" ? args[1].charCodeAt(0) : -1;
  return (txn, params) => {
    const head = headOf(txn, REQUEST);
    if (head === null) return unready(txn, REQUEST);
    parseTarget(head.bytes, head.targetFrom, head.targetTo, head.method === M_CONNECT, parts);
    let from = parts.hasQuery ? parts.queryFrom : head.targetTo;
    for (let i = parts.pathFrom; delimiter >= 0 && i < from; i++) if (head.bytes[i] === delimiter) from = i + 1;
    params.begin(head.bytes, from, head.targetTo);
    return null;
  };
}

/** What there is of the body. */
function beginBody(): Begin {
  return (txn, params) => {
    if (!txn.requestReady) return unready(txn, REQUEST);
    const { block, from, to } = txn.clientPayload;
    params.begin(block, from, to);
    return null;
  };
}

const NAME: ArgSpec = { type: "str", name: "name", optional: true };
const URL_ARGS: readonly ArgSpec[] = [
  NAME,
  { type: "str", name: "delim", optional: true },
  { type: "str", name: "i", optional: true },
];
const requestBytes = (txn: Txn) => txn.request.bytes;
const asText: Reader = () => true;
const asInteger: Reader = (sample, env) => cast(sample, T_SINT, env);

export const paramFetches: readonly FetchEntry[] = [
  ...paramFetch({
    name: "urlp",
    aliases: ["url_param"],
    doc: "value of a parameter of the query string",
    out: T_STR,
    needs: NEEDS.request,
    args: URL_ARGS,
    caseArg: 2,
    read: asText,
    begin: beginQuery,
    bytes: requestBytes,
    derivatives: STRING_DERIVATIVES,
  }),
  ...paramFetch({
    name: "urlp_val",
    doc: "value of a parameter of the query string as an integer",
    out: T_SINT,
    needs: NEEDS.request,
    args: URL_ARGS,
    caseArg: 2,
    read: asInteger,
    begin: beginQuery,
    bytes: requestBytes,
  }),
  ...paramFetch({
    name: "req.body_param",
    doc: "value of a parameter of a url-encoded body",
    out: T_STR,
    needs: NEEDS.request | NEEDS.requestBody,
    args: [NAME, { type: "str", name: "i", optional: true }],
    caseArg: 1,
    read: asText,
    begin: beginBody,
    bytes: (txn) => txn.clientPayload.block,
  }),
];
