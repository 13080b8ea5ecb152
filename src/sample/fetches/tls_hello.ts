// Fetches of what TLS peers say in the clear before anything is encrypted, from the buffers of TCP proxies
// (configuration.txt 7.3.5). They are decided once the whole hello is there.
import {
  ClientHello,
  EXT_SESSION_TICKET,
  EXT_SIGNATURE_ALGORITHMS,
  EXT_SUPPORTED_GROUPS,
  HandshakeReader,
  ssl2Version,
} from "../../codec/mod.ts";
import { setBoolean, setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type FetchEntry,
  FOUND,
  NEEDS,
  type Sample,
  type SampleEnv,
  type SampleFn,
  T_BIN,
  T_BOOL,
  T_SINT,
  T_STR,
  type Verdict,
} from "../types.ts";
import { fetch, notYet, REQUEST, RESPONSE } from "./define.ts";
import { rawPayload } from "./payload.ts";

const MANUAL = "7.3.5";

type HelloReader = (hello: ClientHello, into: Sample, env: SampleEnv) => boolean;

/** A fetch of a ClientHello that is there as a whole. */
function helloFetch(
  name: string,
  doc: string,
  out: number,
  read: HelloReader,
  more: Pick<FetchEntry, "match"> & { readonly aliases?: readonly string[] } = {},
): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out,
    needs: NEEDS.clientL6,
    ...more,
    build(_args, env): SampleFn {
      const hello = new ClientHello();
      return (txn, into) => {
        const payload = rawPayload(txn, REQUEST);
        if (payload === null) return ABSENT;
        const got = hello.read(payload.block, payload.from, payload.to);
        if (got === 0) return notYet(payload);
        return got > 0 && read(hello, into, env) ? FOUND : ABSENT;
      };
    },
  });
}

/** The type of the first handshake message of a direction. */
function typeFetch(name: string, alias: string, direction: 0 | 1, needs: number): FetchEntry[] {
  return fetch({
    name,
    aliases: [alias],
    manual: MANUAL,
    doc: `type of the hello of the ${direction === REQUEST ? "client: 1" : "server: 2"}`,
    out: T_SINT,
    needs,
    build(): SampleFn {
      const reader = new HandshakeReader();
      return (txn, into) => {
        const payload = rawPayload(txn, direction);
        if (payload === null) return ABSENT;
        const got = reader.read(payload.block, payload.from, payload.to);
        if (got === 0) return notYet(payload);
        if (got < 0) return ABSENT;
        setInteger(into, reader.type);
        return FOUND;
      };
    },
  });
}

function asRange(type: number): (hello: ClientHello, into: Sample) => boolean {
  return (hello, into) => {
    setBytes(into, type, hello.bytes, hello.from, hello.to);
    return true;
  };
}
const asText = asRange(T_STR);
const asBinary = asRange(T_BIN);

/** Of the hello of SSL 2.0 too. Two versions of one number: 3.1 is 3 * 65536 + 1. */
const versionFetch = fetch({
  name: "req.ssl_ver",
  aliases: ["req_ssl_ver"],
  manual: MANUAL,
  doc: "version in the client's hello; in ACLs as major.minor",
  out: T_SINT,
  needs: NEEDS.clientL6,
  match: "dotted",
  build(): SampleFn {
    const hello = new ClientHello();
    return (txn, into): Verdict => {
      const payload = rawPayload(txn, REQUEST);
      if (payload === null) return ABSENT;
      const { block, from, to } = payload;
      const got = hello.read(block, from, to);
      const version = got > 0 ? hello.version : got < 0 ? ssl2Version(block, from, to) : 0;
      if (version < 0) return ABSENT;
      if (version === 0) return notYet(payload);
      setInteger(into, (version >> 8) * 65536 + (version & 255));
      return FOUND;
    };
  },
});

export const tlsHelloFetches: readonly FetchEntry[] = [
  ...typeFetch("req.ssl_hello_type", "req_ssl_hello_type", REQUEST, NEEDS.clientL6),
  ...typeFetch("res.ssl_hello_type", "rep_ssl_hello_type", RESPONSE, NEEDS.serverL6),
  ...versionFetch,
  ...helloFetch("req.ssl_sni", "host name that the client asks for", T_STR, (hello, into) => {
    return hello.findServerName() && asText(hello, into);
  }, { aliases: ["req_ssl_sni"] }),
  ...helloFetch("req.ssl_alpn", "first protocol that the client offers", T_STR, (hello, into) => {
    return hello.findProtocol() && asText(hello, into);
  }),
  ...helloFetch("req.ssl_cipherlist", "ciphers that the client offers, two bytes each", T_BIN, (hello, into) => {
    setBytes(into, T_BIN, hello.bytes, hello.ciphersFrom, hello.ciphersTo);
    return true;
  }),
  ...helloFetch("req.ssl_supported_groups", "groups that the client supports, two bytes each", T_BIN, (hello, into) => {
    return hello.findList(EXT_SUPPORTED_GROUPS) && asBinary(hello, into);
  }),
  ...helloFetch("req.ssl_sigalgs", "signature algorithms that the client supports, two bytes each", T_BIN, (
    hello,
    into,
  ) => hello.findList(EXT_SIGNATURE_ALGORITHMS) && asBinary(hello, into)),
  ...helloFetch("req.ssl_keyshare_groups", "groups that the client sent key shares of, two bytes each", T_BIN, (
    hello,
    into,
    env,
  ) => {
    const area = env.scratch();
    const length = hello.keyShareGroups(area);
    if (length < 0) return false;
    setBytes(into, T_BIN, area, 0, length);
    return true;
  }),
  ...helloFetch("req.ssl_ec_ext", "true when the client names groups it supports", T_BOOL, (hello, into) => {
    if (!hello.find(EXT_SUPPORTED_GROUPS)) return false;
    setBoolean(into, true);
    return true;
  }),
  ...helloFetch("req.ssl_st_ext", "session tickets: 0 none, 1 supported, 2 one was sent", T_SINT, (hello, into) => {
    const sent = hello.find(EXT_SESSION_TICKET);
    setInteger(into, !sent ? 0 : hello.from === hello.to ? 1 : 2);
    return true;
  }),
];
