// Options of `server` lines about the PROXY protocol header that its connections begin with (configuration.txt 5.2).
import type { Cursor, OptionEntry } from "../../config/mod.ts";
import { type LogFormatNode, OFFERS, offersIn, parseLogFormat } from "../../sample/mod.ts";
import type { ServerConfig } from "../config.ts";
import type { ServerOption } from "./server_options.ts";

function option<N>(
  name: string,
  doc: string,
  parse: ServerOption<N>["parse"],
  apply: (server: ServerConfig, value: N) => void,
  parameter?: true,
): OptionEntry {
  const entry: ServerOption<N> = { kind: "server", name, manual: "5.2", doc, parse, apply, parameter };
  return entry as OptionEntry;
}

function version(name: string, value: 0 | 1 | 2, doc: string): OptionEntry {
  return option(name, doc, () => true, (server) => {
    server.sendProxy = value;
  });
}

const OPTIONS = ["crc32c", "unique-id"] as const;
/** What only a TLS connection of the client could tell. */
const NEED_TLS = ["ssl", "cert-cn", "ssl-cipher", "cert-sig", "cert-key", "authority"];

function parseOptions(cursor: Cursor): ReadonlySet<(typeof OPTIONS)[number]> {
  const at = cursor.at;
  const words = cursor.take("<option>[,<option>]* after 'proxy-v2-options'").split(",");
  const found = new Set<(typeof OPTIONS)[number]>();
  for (const word of words) {
    const known = OPTIONS.find((name) => name === word);
    if (known !== undefined) found.add(known);
    else if (NEED_TLS.includes(word)) cursor.fail(`'proxy-v2-options' : '${word}' is not supported yet.`, at);
    else cursor.fail(`'proxy-v2-options' : unknown option '${word}'.`, at);
  }
  return found;
}

const MAX_TYPE = 255;

interface ValueNode {
  readonly type: number;
  readonly format: LogFormatNode;
}

function parseValue(cursor: Cursor, parameter: string): ValueNode {
  const type = /^(0[xX][0-9a-fA-F]{1,2}|[0-9]{1,3})$/.test(parameter) ? Number(parameter) : NaN;
  if (!(type <= MAX_TYPE)) {
    cursor.fail(`'set-proxy-v2-tlv-fmt' expects the number of a TLV, 0 to 255, but got '${parameter}'.`);
  }
  const at = cursor.at;
  const text = cursor.take("<fmt> after 'set-proxy-v2-tlv-fmt'");
  const offers = offersIn(cursor.context, OFFERS.request);
  const format = parseLogFormat(text, cursor.context, { style: "text", offers });
  if (typeof format === "string") {
    cursor.fail(`'set-proxy-v2-tlv-fmt' : failed to parse the format '${text}' : ${format}.`, at);
  }
  return { type, format };
}

export const proxyProtocolOptions: readonly OptionEntry[] = [
  version("send-proxy", 1, "Connections begin with a PROXY protocol header of version 1."),
  version("send-proxy-v2", 2, "Connections begin with a PROXY protocol header of version 2."),
  version("no-send-proxy", 0, "Undoes 'send-proxy'."),
  version("no-send-proxy-v2", 0, "Undoes 'send-proxy-v2'."),
  option("proxy-v2-options", "What else headers of version 2 tell.", parseOptions, (server, options) => {
    server.proxyCrc32c = options.has("crc32c");
    server.proxyUniqueId = options.has("unique-id");
  }),
  option("set-proxy-v2-tlv-fmt", "Adds a value to headers of version 2.", parseValue, (server, value) => {
    server.proxyValues = [...server.proxyValues.filter((other) => other.type !== value.type), value];
  }, true),
  option("check-send-proxy", "Health checks begin with a PROXY protocol header.", () => true, (server) => {
    server.checkSendProxy = true;
  }),
];
