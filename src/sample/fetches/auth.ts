// Fetches of credentials in requests: Basic (RFC 7617) and Bearer (RFC 6750), and their check against userlists
// (configuration.txt 7.3.6, 12.2).
import { latin1Slice } from "../../base/mod.ts";
import { HeaderName, isTokenText, type Message } from "../../http/mod.ts";
import { setBoolean, setBytes, setText } from "../casts.ts";
import { decodeBase64 } from "../converters/encodings.ts";
import {
  ABSENT,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  NEEDS,
  Sample,
  type SampleEnv,
  type SampleFn,
  T_BOOL,
  T_STR,
  type Txn,
} from "../types.ts";
import { fetch, headOf, REQUEST, unready } from "./define.ts";
import { HeaderValues } from "./header_values.ts";

const MANUAL = "7.3.6";
const SPACE = 32;
const COLON = 58;

const NO_SCHEME = 0;
const BASIC = 1;
const BEARER = 2;
const SCHEMES = ["", "Basic", "Bearer"] as const;

/** Reads the first value of a header as credentials. */
class Credentials {
  scheme = NO_SCHEME;
  user = "";
  password = "";
  /** The token of Bearer: `message.bytes[from, to)`. */
  from = 0;
  to = 0;
  readonly #values: HeaderValues;
  readonly #env: SampleEnv;
  readonly #decoded = new Sample();

  constructor(header: string, env: SampleEnv) {
    this.#values = new HeaderValues(new HeaderName(header), false);
    this.#env = env;
  }

  /** False when the header is missing, or has no credentials of a known scheme. */
  read(message: Message): boolean {
    this.scheme = NO_SCHEME;
    if (!this.#values.seek(message, 1)) return false;
    const { bytes } = message;
    const { from, to } = this.#values;
    let at = from;
    while (at < to && bytes[at] !== SPACE) at++;
    const name = latin1Slice(bytes, from, at).toLowerCase();
    while (at < to && bytes[at] === SPACE) at++;
    if (at === to) return false;
    this.from = at;
    this.to = to;
    if (name === "bearer") this.scheme = BEARER;
    else if (name === "basic" && this.#basic(message)) this.scheme = BASIC;
    return this.scheme !== NO_SCHEME;
  }

  #basic(message: Message): boolean {
    const pair = this.#decoded;
    setBytes(pair, T_STR, message.bytes, this.from, this.to);
    if (!decodeBase64(pair, this.#env)) return false;
    const { bytes, from, to } = pair;
    let colon = from;
    while (colon < to && bytes[colon] !== COLON && bytes[colon] !== 0) colon++;
    if (colon === to || bytes[colon] !== COLON) return false;
    this.user = latin1Slice(bytes, from, colon);
    this.password = latin1Slice(bytes, colon + 1, to);
    return true;
  }
}

/** A fetch of credentials that were found. */
function credentialsFetch(
  name: string,
  doc: string,
  read: (credentials: Credentials, into: Sample, env: SampleEnv, txn: Txn) => boolean,
): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out: T_STR,
    needs: NEEDS.request,
    build(_args, env): SampleFn {
      const credentials = new Credentials("authorization", env);
      return (txn, into) => {
        const head = headOf(txn, REQUEST);
        if (head === null) return unready(txn, REQUEST);
        return credentials.read(head) && read(credentials, into, env, txn) ? FOUND : ABSENT;
      };
    },
  });
}

const USERLIST: readonly ArgSpec[] = [{ type: "userlist", name: "userlist" }];

/** Answers the groups of the user that a request's credentials prove; null without such a user. */
function proof(list: string, env: SampleEnv, credentials: Credentials): (head: Message) => readonly string[] | null {
  return (head) => {
    if (!credentials.read(head) || credentials.scheme !== BASIC) return null;
    return env.userlist(list)?.check(credentials.user, credentials.password) ?? null;
  };
}

const authFetch = fetch({
  name: "http_auth",
  manual: MANUAL,
  doc: "whether a userlist has the user of the request with that password",
  out: T_BOOL,
  needs: NEEDS.request,
  args: USERLIST,
  build([list], env): SampleFn {
    const credentials = new Credentials("authorization", env);
    const groups = proof(list as string, env, credentials);
    return (txn, into) => {
      const head = headOf(txn, REQUEST);
      if (head === null) return unready(txn, REQUEST);
      const user = groups(head) !== null;
      if (credentials.scheme !== BASIC) return ABSENT;
      setBoolean(into, user);
      return FOUND;
    };
  },
});

const groupFetch = fetch({
  name: "http_auth_group",
  manual: MANUAL,
  doc: "name of the user whose password is right; in ACLs the groups of the user",
  out: T_STR,
  needs: NEEDS.request,
  args: USERLIST,
  checkAcl([list], patterns, names) {
    if (patterns.length === 0) return "no groups specified";
    const known = names.section("userlist", list as string)?.nodes ?? [];
    const exists = (group: string) => {
      return known.some((node) => node.keyword === "group" && (node.value as { name?: unknown }).name === group);
    };
    const unknown = patterns.find((group) => !exists(group));
    return unknown === undefined ? null : `invalid group '${unknown}'`;
  },
  build([list], env): SampleFn {
    const credentials = new Credentials("authorization", env);
    const groups = proof(list as string, env, credentials);
    return (txn, into) => {
      const head = headOf(txn, REQUEST);
      if (head === null) return unready(txn, REQUEST);
      return groups(head) !== null && setText(into, credentials.user, env) ? FOUND : ABSENT;
    };
  },
  buildEach([list], env) {
    const groups = proof(list as string, env, new Credentials("authorization", env));
    return (txn, into, test) => {
      const head = headOf(txn, REQUEST);
      if (head === null) return unready(txn, REQUEST);
      for (const group of groups(head) ?? []) if (setText(into, group, env) && test(into, txn)) return FOUND;
      return ABSENT;
    };
  },
});

const bearerFetch = fetch({
  name: "http_auth_bearer",
  manual: MANUAL,
  doc: "token of the scheme Bearer, unchecked, in Authorization or another header",
  out: T_STR,
  needs: NEEDS.request,
  args: [{ type: "str", name: "header", optional: true }],
  validate([header]) {
    return typeof header === "string" && header !== "" && !isTokenText(header)
      ? `'${header}' is not a header name`
      : null;
  },
  build([header], env): SampleFn {
    const credentials = new Credentials((header as string | null) || "authorization", env);
    return (txn, into) => {
      const head = headOf(txn, REQUEST);
      if (head === null) return unready(txn, REQUEST);
      if (!credentials.read(head) || credentials.scheme !== BEARER) return ABSENT;
      setBytes(into, T_STR, head.bytes, credentials.from, credentials.to);
      return FOUND;
    };
  },
});

export const authFetches: readonly FetchEntry[] = [
  ...authFetch,
  ...groupFetch,
  ...bearerFetch,
  ...credentialsFetch("http_auth_type", "scheme of the credentials: Basic or Bearer", ({ scheme }, into, env) => {
    return setText(into, SCHEMES[scheme], env);
  }),
  ...credentialsFetch("http_auth_user", "user in the credentials, unchecked", ({ scheme, user }, into, env) => {
    return scheme === BASIC && setText(into, user, env);
  }),
  ...credentialsFetch("http_auth_pass", "password in the credentials, unchecked", ({ scheme, password }, into, env) => {
    return scheme === BASIC && setText(into, password, env);
  }),
];
