// `option tcp-check` and the `tcp-check` statements (configuration.txt 4.2).
import { type AddressNode, type Cursor, type KeywordEntry, parseAddress, type SectionKind } from "../../config/mod.ts";
import { compileRegex } from "../../sample/mod.ts";
import type { ProxyEnv, TcpCheckNode } from "../config.ts";
import { BACKEND, setting } from "./kinds.ts";

/** Not in defaults sections: a proxy's own statements would replace the inherited ones, which cannot be told apart here. */
const SECTIONS: readonly SectionKind[] = ["listen", "backend"];

function step(name: string, doc: string, parse: (cursor: Cursor) => TcpCheckNode): KeywordEntry {
  const entry: KeywordEntry<TcpCheckNode, ProxyEnv> = {
    kind: "keyword",
    name: `tcp-check ${name}`,
    manual: "4.2",
    doc,
    sections: SECTIONS,
    parse,
    check(node, section, names) {
      const steps = section.nodes.filter((n) => n.keyword.startsWith("tcp-check "));
      const first = steps.findIndex((n) => n.keyword !== "tcp-check comment");
      const connects = steps.filter((n) => n.keyword === "tcp-check connect");
      if (connects.length > 0 && node === connects[0] && steps[first] !== node) {
        names.error(node.at, "first step MUST also be a 'connect', optionally preceded by a 'comment'.");
      }
    },
    build: (node, env) => {
      env.proxy.tcpSteps.push(node.value);
    },
  };
  return entry as KeywordEntry;
}

function takeComment(cursor: Cursor): string {
  return cursor.accept("comment") ? cursor.take("a text after 'comment'") : "";
}

function takeHex(cursor: Cursor): string {
  const at = cursor.at;
  const hex = cursor.take("hexadecimal digits");
  if (!/^([0-9A-Fa-f]{2})+$/.test(hex)) {
    cursor.fail(`'${cursor.keyword}' expects an even number of hexadecimal digits, but got '${hex}'.`, at);
  }
  return hex;
}

function parseConnect(cursor: Cursor): TcpCheckNode {
  let port = 0;
  let address: AddressNode | null = null;
  let linger = false;
  let comment = "";
  while (!cursor.done) {
    const at = cursor.at;
    switch (cursor.oneOf("'default', 'port', 'addr', 'linger' or 'comment'", CONNECT_WORDS)) {
      case "default":
        break;
      case "port":
        port = cursor.int("a port after 'port'", 1, 65535);
        break;
      case "addr": {
        const node = parseAddress(cursor.take("an address after 'addr'"), { ports: "optional", transport: "stream" });
        if (typeof node === "string") cursor.fail(`'tcp-check connect' : ${node}.`, at);
        address = node;
        break;
      }
      case "linger":
        linger = true;
        break;
      default:
        comment = cursor.take("a text after 'comment'");
    }
  }
  return { kind: "connect", port, address, linger, comment };
}

const CONNECT_WORDS = ["default", "port", "addr", "linger", "comment"] as const;

const MATCHES = ["string", "rstring", "binary", "rbinary"] as const;

function parseExpect(cursor: Cursor): TcpCheckNode {
  let minRecv = -1;
  let comment = "";
  for (;;) {
    if (cursor.accept("min-recv")) minRecv = cursor.int("a number after 'min-recv'", -1);
    else if (cursor.peek() === "comment") comment = takeComment(cursor);
    else break;
  }
  let negate = cursor.accept("!");
  const at = cursor.at;
  let word = cursor.take("'string', 'rstring', 'binary' or 'rbinary'");
  if (word.startsWith("!")) {
    negate = true;
    word = word.slice(1);
  }
  const match = MATCHES.find((name) => name === word);
  if (match === undefined) cursor.fail(`'tcp-check expect' : '${word}' is not supported yet.`, at);
  const patternAt = cursor.at;
  const pattern = match === "binary" ? takeHex(cursor) : cursor.take("a pattern");
  if (match === "rstring" || match === "rbinary") {
    const regex = compileRegex(pattern, false);
    if (typeof regex === "string") cursor.fail(`'tcp-check expect' : ${regex}.`, patternAt);
  }
  return { kind: "expect", match, negate, pattern, minRecv, comment: comment || takeComment(cursor) };
}

export const tcpCheckKeywords: readonly KeywordEntry[] = [
  setting(
    "option tcp-check",
    BACKEND,
    "Checks servers by connecting and by 'tcp-check' steps.",
    () => true,
    (proxy) => {
      proxy.checkType = "tcp-check";
    },
  ),
  step("comment", "Says what the following step of a health check is about.", (cursor) => ({
    kind: "comment",
    text: cursor.take("a comment"),
  })),
  step("connect", "Opens a connection of a health check.", parseConnect),
  step("send", "Sends a text in a health check.", (cursor) => {
    const data = cursor.take("a text");
    takeComment(cursor);
    return { kind: "send", data, binary: false };
  }),
  step("send-binary", "Sends bytes in a health check.", (cursor) => {
    const data = takeHex(cursor);
    takeComment(cursor);
    return { kind: "send", data, binary: true };
  }),
  step("expect", "What a health check must receive.", parseExpect),
];
