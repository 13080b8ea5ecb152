// The steps of a server's `tcp-check` statements (configuration.txt 4.2), made once a server.
import { latin1ToBytes } from "../../base/mod.ts";
import { compileRegex } from "../../sample/mod.ts";
import type { Address } from "../../sys/types.ts";
import type { TcpCheckNode } from "../config.ts";
import { targetAddress } from "../target.ts";
import type { TcpStep } from "./tcp_probe.ts";

/** `target`: where the server's checks connect to. */
export function tcpSteps(nodes: readonly TcpCheckNode[], target: () => Address | null): TcpStep[] {
  const steps: TcpStep[] = [];
  // A comment goes with the statement that follows it, unless that has its own.
  let comment = "";
  nodes.forEach((node, i) => {
    const number = i + 1;
    switch (node.kind) {
      case "comment":
        comment = node.text;
        return;
      case "connect": {
        const own = node.address === null ? null : targetAddress(node.address);
        const { port, linger } = node;
        steps.push({
          kind: "connect",
          number,
          port,
          linger,
          comment: node.comment || comment,
          target: () => withPort(own ?? target(), port || portOf(own) || portOf(target())),
        });
        break;
      }
      case "send":
        steps.push({ kind: "send", number, bytes: bytesOf(node.data, node.binary) });
        break;
      case "expect":
        steps.push(expectStep(node, number, node.comment || comment));
    }
    comment = "";
  });
  return steps;
}

function expectStep(node: TcpCheckNode & { kind: "expect" }, number: number, comment: string): TcpStep {
  const { match, negate, pattern } = node;
  // Of an exact text no more than its length is needed.
  const exact = match === "string" ? pattern.length : match === "binary" ? pattern.length / 2 : Infinity;
  const minRecv = node.minRecv < 0 ? -1 : Math.min(node.minRecv, exact);
  const content = match === "string"
    ? `content '${pattern}'`
    : match === "binary"
    ? "content (binary)"
    : "content (regex)";
  const what = match === "string" ? `string '${pattern}'` : match === "binary" ? "binary" : "regex";
  return { kind: "expect", number, what, content, negate, minRecv, matches: matcher(match, pattern), comment };
}

function matcher(match: "string" | "rstring" | "binary" | "rbinary", pattern: string): (text: string) => boolean {
  if (match === "string") return (text) => text.includes(pattern);
  if (match === "binary") {
    const bytes = String.fromCharCode(...bytesOf(pattern, true));
    return (text) => text.includes(bytes);
  }
  const regex = compileRegex(pattern, false);
  if (typeof regex === "string") throw new Error(regex);
  if (match === "rstring") return (text) => regex.test(text);
  return (text) => regex.test(latin1ToBytes(text).toHex().toUpperCase());
}

function bytesOf(data: string, binary: boolean): Uint8Array<ArrayBuffer> {
  return binary ? Uint8Array.fromHex(data) : latin1ToBytes(data);
}

function portOf(address: Address | null): number {
  return address === null || address.family === "unix" ? 0 : address.port;
}

function withPort(address: Address | null, port: number): Address | null {
  if (address === null || address.family === "unix") return address;
  return { family: address.family, host: address.host, port };
}
