// Fetches of the request line (configuration.txt 7.3.6): method, URL and its parts, version; and the hashes over them.
import { avalanche, latin1ToBytes, sdbm } from "../../base/mod.ts";
import { FORM_AUTHORITY, H_HOST, M_CONNECT, parseTarget, UriParts } from "../../http/mod.ts";
import { cast, setAddress, setBoolean, setBytes, setInteger, setText } from "../casts.ts";
import {
  ABSENT,
  type FetchEntry,
  FOUND,
  NEEDS,
  Sample,
  type SampleEnv,
  type SampleFn,
  T_ADDR,
  T_BIN,
  T_BOOL,
  T_IPV4,
  T_METH,
  T_SINT,
  T_STR,
  type Txn,
} from "../types.ts";
import { addressSample, fetch, headOf, notYet, REQUEST, STRING_DERIVATIVES, unready } from "./define.ts";

/** Fills `parts` from the request's target; false when there is no request. */
function target(txn: Txn, parts: UriParts): boolean {
  const head = headOf(txn, REQUEST);
  if (head === null) return false;
  parseTarget(head.bytes, head.targetFrom, head.targetTo, head.method === M_CONNECT, parts);
  return true;
}

/** A string fetch over the parts of the target. */
function partFetch(
  name: string,
  doc: string,
  part: (txn: Txn, parts: UriParts, into: Sample) => boolean,
): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc,
    out: T_STR,
    needs: NEEDS.request,
    derivatives: STRING_DERIVATIVES,
    build() {
      const parts = new UriParts();
      return (txn, into) => {
        if (!target(txn, parts)) return unready(txn, REQUEST);
        return part(txn, parts, into) ? FOUND : ABSENT;
      };
    },
  });
}

function pathSample(txn: Txn, parts: UriParts, into: Sample): boolean {
  if (parts.pathFrom === parts.pathTo) return false;
  setBytes(into, T_STR, txn.request.bytes, parts.pathFrom, parts.pathTo);
  return true;
}

function pathqSample(txn: Txn, parts: UriParts, into: Sample): boolean {
  if (parts.pathFrom === parts.pathTo) return false;
  setBytes(into, T_STR, txn.request.bytes, parts.pathFrom, parts.hasQuery ? parts.queryTo : parts.pathTo);
  return true;
}

/** The first Host value followed by what `tail` gives; absent without both. */
function withHost(
  env: SampleEnv,
  tail: (txn: Txn, parts: UriParts, into: Sample) => boolean,
): (txn: Txn, parts: UriParts, into: Sample) => boolean {
  return (txn, parts, into) => {
    const { request } = txn;
    const row = request.find(H_HOST);
    const hasTail = tail(txn, parts, into);
    if (row < 0) return hasTail;
    const hostFrom = request.valueFrom(row);
    const hostTo = request.valueTo(row);
    const length = hasTail ? into.to - into.from : 0;
    const area = env.scratch();
    if (hostTo - hostFrom + length > area.length) return false;
    let at = 0;
    for (let i = hostFrom; i < hostTo; i++) area[at++] = request.bytes[i];
    if (hasTail) { for (let i = into.from; i < into.to; i++) area[at++] = into.bytes[i]; }
    setBytes(into, T_STR, area, 0, at);
    return true;
  };
}

function urlSample(txn: Txn, _parts: UriParts, into: Sample): boolean {
  setBytes(into, T_STR, txn.request.bytes, txn.request.targetFrom, txn.request.targetTo);
  return true;
}

function hostFetch(
  name: string,
  doc: string,
  derivatives: boolean,
  tail: (txn: Txn, parts: UriParts, into: Sample) => boolean,
): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc,
    out: T_STR,
    needs: NEEDS.request,
    derivatives: derivatives ? STRING_DERIVATIVES : undefined,
    build: (_args, env) => hostBuild(env, tail),
  });
}

function hostBuild(env: SampleEnv, tail: (txn: Txn, parts: UriParts, into: Sample) => boolean): SampleFn {
  const parts = new UriParts();
  const both = withHost(env, tail);
  return (txn, into) => {
    if (!target(txn, parts)) return unready(txn, REQUEST);
    return both(txn, parts, into) ? FOUND : ABSENT;
  };
}

/** SDBM with avalanche over another string. */
function hashed(build: (env: SampleEnv) => SampleFn): (env: SampleEnv) => SampleFn {
  return (env) => {
    const text = build(env);
    return (txn, into) => {
      const verdict = text(txn, into);
      if (verdict !== FOUND) return verdict;
      setInteger(into, avalanche(sdbm(into.bytes, into.from, into.to)));
      return FOUND;
    };
  };
}

/** The hash's four bytes, then the bytes of the source address. */
function hashedWithSource(build: (env: SampleEnv) => SampleFn): (env: SampleEnv) => SampleFn {
  const hash = hashed(build);
  return (env) => {
    const fn = hash(env);
    const source = new Sample();
    return (txn, into) => {
      const verdict = fn(txn, into);
      if (verdict !== FOUND) return verdict;
      if (addressSample(txn.session.src, source) !== FOUND || !cast(source, T_BIN, env)) return ABSENT;
      const area = env.scratch();
      const n = Number(into.num);
      for (let i = 0; i < 4; i++) area[i] = n >>> (24 - i * 8);
      for (let i = source.from, at = 4; i < source.to; i++, at++) area[at] = source.bytes[i];
      setBytes(into, T_BIN, area, 0, 4 + source.to - source.from);
      return FOUND;
    };
  };
}

const base = (env: SampleEnv) => hostBuild(env, pathSample);
const wholeUrl = (env: SampleEnv) => hostBuild(env, urlSample);

function hashFetch(name: string, doc: string, out: number, build: (env: SampleEnv) => SampleFn): FetchEntry[] {
  return fetch({ name, manual: "7.3.6", doc, out, needs: NEEDS.request, build: (_args, env) => build(env) });
}

export const requestFetches: readonly FetchEntry[] = [
  ...fetch({
    name: "method",
    manual: "7.3.6",
    doc: "method of the request",
    out: T_METH,
    needs: NEEDS.requestKept,
    derivatives: STRING_DERIVATIVES,
    build: (_args, env) => (txn, into) => {
      const head = headOf(txn, REQUEST);
      if (head !== null) {
        setBytes(into, T_METH, head.bytes, head.methodFrom, head.methodTo);
        into.num = head.method;
        return FOUND;
      }
      if (txn.kept.method === "") return notYet(txn.clientPayload);
      setText(into, txn.kept.method, env);
      into.type = T_METH;
      into.num = 0;
      return FOUND;
    },
  }),
  ...partFetch("path", "path of the URL", pathSample),
  ...partFetch("pathq", "path of the URL with its query string", pathqSample),
  ...partFetch("url", "URL as the request has it", urlSample),
  ...fetch({
    name: "query",
    manual: "7.3.6",
    doc: "query string of the URL; with_qm: with its question mark unless it is empty",
    out: T_STR,
    needs: NEEDS.request,
    args: [{ type: "str", name: "options", optional: true }],
    validate: ([options]) =>
      options === null || options === "" || options === "with_qm" ? null : `unknown option '${options}': 'with_qm'`,
    build([options]) {
      const parts = new UriParts();
      const mark = options === "with_qm" ? 1 : 0;
      return (txn, into) => {
        if (!target(txn, parts)) return unready(txn, REQUEST);
        if (!parts.hasQuery) return ABSENT;
        const back = parts.queryTo > parts.queryFrom ? mark : 0;
        setBytes(into, T_STR, txn.request.bytes, parts.queryFrom - back, parts.queryTo);
        return FOUND;
      };
    },
  }),
  ...hostFetch("base", "Host followed by the path", true, pathSample),
  ...hostFetch("baseq", "Host followed by the path and the query string", false, pathqSample),
  ...hashFetch("base32", "32-bit hash of base", T_SINT, hashed(base)),
  ...hashFetch("base32+src", "hash of base and the source address", T_BIN, hashedWithSource(base)),
  ...hashFetch("url32", "32-bit hash of Host and the URL", T_SINT, hashed(wholeUrl)),
  ...hashFetch("url32+src", "hash of Host and the URL, and the source address", T_BIN, hashedWithSource(wholeUrl)),
  ...fetch({
    name: "url_ip",
    manual: "7.3.6",
    doc: "address in the URL",
    out: T_ADDR,
    needs: NEEDS.request,
    build() {
      const parts = new UriParts();
      return (txn, into) => {
        if (!target(txn, parts)) return unready(txn, REQUEST);
        return urlAddress(txn, parts, into) ? FOUND : ABSENT;
      };
    },
  }),
  ...fetch({
    name: "url_port",
    manual: "7.3.6",
    doc: "port in the URL, 80 when it has an address only",
    out: T_SINT,
    needs: NEEDS.request,
    build() {
      const parts = new UriParts();
      return (txn, into) => {
        if (!target(txn, parts)) return unready(txn, REQUEST);
        if (!urlAddress(txn, parts, into)) return ABSENT;
        const port = txn.request.text(parts.portFrom, parts.portTo);
        setInteger(into, port === "" ? 80 : Number(port));
        return FOUND;
      };
    },
  }),
  ...versionFetch("req.ver", "HTTP version of the request", ["req_ver"], NEEDS.request, REQUEST),
  ...fetch({
    name: "req.proto_http",
    aliases: ["req_proto_http"],
    manual: "7.3.5",
    doc: "whether the data at hand is a valid HTTP request",
    out: T_BOOL,
    needs: NEEDS.requestKept,
    build: () => (txn, into) => {
      if (!txn.requestReady && !txn.clientPayload.complete) return notYet(txn.clientPayload);
      setBoolean(into, txn.requestReady);
      return FOUND;
    },
  }),
];

function urlAddress(txn: Txn, parts: UriParts, into: Sample): boolean {
  if (parts.form === FORM_AUTHORITY || parts.hostFrom === parts.hostTo) return false;
  const host = txn.request.text(parts.hostFrom, parts.hostTo).replace(/^\[(.*)\]$/, "$1");
  return setAddress(into, host) && (into.type === T_IPV4 || host.includes(":"));
}

/** "1.1" of a message. */
export function versionFetch(
  name: string,
  doc: string,
  aliases: readonly string[],
  needs: number,
  direction: 0 | 1,
): FetchEntry[] {
  return fetch({
    name,
    aliases,
    manual: "7.3.6",
    doc,
    out: T_STR,
    needs,
    build: () => {
      let last = -1;
      let bytes = latin1ToBytes("");
      return (txn, into) => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        if (head.version !== last) {
          last = head.version;
          bytes = latin1ToBytes(`${Math.floor(last / 10)}.${last % 10}`);
        }
        setBytes(into, T_STR, bytes, 0, bytes.length);
        return FOUND;
      };
    },
  });
}
