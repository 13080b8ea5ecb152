// The keywords, options and algorithms of this folder, for app/manifest.ts.
import type { Entry, KeywordEntry, OptionEntry } from "../../config/mod.ts";
import { balanceAlgorithms } from "./algorithms.ts";
import { balanceKeywords } from "./balance.ts";
import { bindKeywords } from "./bind.ts";
import { checkKeywords } from "./checks.ts";
import { cookieKeywords } from "./cookie.ts";
import { globalKeywords } from "./global_keywords.ts";
import { h1CaseKeywords } from "./h1_case.ts";
import { resolversKeywords } from "./resolvers.ts";
import { optionKeywords } from "./options.ts";
import { proxyKeywords } from "./proxy_keywords.ts";
import { proxyProtocolOptions } from "./proxy_protocol.ts";
import { serverOptions as plainOptions } from "./server_options.ts";
import { serverKeywords } from "./server.ts";
import { socketKeywords } from "./sockets.ts";
import { tcpCheckKeywords } from "./tcp_checks.ts";

export { bindOptions } from "./bind_options.ts";

export const globalEntries: readonly KeywordEntry[] = [...globalKeywords, ...h1CaseKeywords];
export const proxyEntries: readonly Entry[] = [
  ...proxyKeywords,
  ...optionKeywords,
  ...cookieKeywords,
  ...bindKeywords,
  ...serverKeywords,
  ...socketKeywords,
  ...balanceKeywords,
  ...checkKeywords,
  ...tcpCheckKeywords,
  ...resolversKeywords,
  ...balanceAlgorithms,
];

export const serverOptions: readonly OptionEntry[] = [...plainOptions, ...proxyProtocolOptions];
