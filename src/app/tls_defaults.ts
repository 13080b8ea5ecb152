// Defaults of TLS in the global section (configuration.txt 3.1 "ca-base", "crt-base", "ssl-default-bind-*", ...). TLS itself is
// not built: a `bind` or `server` with `ssl` is refused, and without one these change nothing. They are read, so that a
// configuration that only carries them (as packages ship it) starts; the model keeps them.
import type { Cursor, Entry, KeywordEntry } from "../config/mod.ts";

/** Options of `ssl-default-bind-options` and `ssl-default-server-options`, and those that take a version. */
const VERSIONS = ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const VERSION_OPTIONS = ["ssl-min-ver", "ssl-max-ver"];
const OPTIONS = [
  ..."no-sslv3 no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12".split(" "),
  ..."force-tlsv13 no-tls-tickets tls-tickets".split(" "),
];
const BIND_OPTIONS = [...OPTIONS, "prefer-client-ciphers", "no-strict-sni", "strict-sni", "no-renegotiate"];

const WITHOUT_EFFECT = "TLS is not built, nothing here uses it";

function keyword<N>(name: string, doc: string, parse: (cursor: Cursor) => N): KeywordEntry<N> {
  return {
    kind: "keyword",
    name,
    manual: "3.1",
    doc,
    withoutEffect: WITHOUT_EFFECT,
    sections: ["global"],
    parse(cursor) {
      const value = parse(cursor);
      cursor.end();
      cursor.notice(`'${name}' has no effect: ${WITHOUT_EFFECT}.`, cursor.place(0));
      return value;
    },
  };
}

function options(known: readonly string[]) {
  return (cursor: Cursor): string[] => {
    if (cursor.done) cursor.fail("an option is expected.");
    const given: string[] = [];
    while (!cursor.done) {
      const option = cursor.oneOf("an option of TLS", [...known, ...VERSION_OPTIONS]);
      given.push(option);
      if (VERSION_OPTIONS.includes(option)) given.push(cursor.oneOf(`a version after '${option}'`, VERSIONS));
    }
    return given;
  };
}

const folder = (cursor: Cursor) => cursor.take("a directory");
const list = (what: string) => (cursor: Cursor) => cursor.take(what);

/** The entries of this file. */
export const tlsDefaultEntries: readonly Entry[] = [
  keyword("ca-base", "Where certificates of authorities are that are named without a directory.", folder),
  keyword("crt-base", "Where certificates are that are named without a directory.", folder),
  keyword("key-base", "Where keys are that are named without a directory.", folder),
  ...["bind", "server"].flatMap((side) => [
    keyword(`ssl-default-${side}-ciphers`, "Ciphers up to TLSv1.2.", list("a cipher list")),
    keyword(`ssl-default-${side}-ciphersuites`, "Ciphers of TLSv1.3.", list("a cipher suite list")),
    keyword(`ssl-default-${side}-curves`, "Groups of the key exchange.", list("a list of curves")),
    keyword(`ssl-default-${side}-sigalgs`, "Signature algorithms.", list("a list of signature algorithms")),
    keyword(
      `ssl-default-${side}-client-sigalgs`,
      "Signature algorithms of clients.",
      list("a list of signature algorithms"),
    ),
  ]),
  keyword("ssl-default-bind-options", "Options of every bind line.", options(BIND_OPTIONS)),
  keyword("ssl-default-server-options", "Options of every server line.", options(OPTIONS)),
];
