// What the protocol of a proxy means for its rules: statements that need HTTP are without effect elsewhere, and said to
// be; rules that run before others although they stand behind them are pointed out (configuration.txt 4.2).
import { hasFrontend } from "../../config/mod.ts";
import type { Names, Node, Section, SectionCheck } from "../../config/mod.ts";
import type { RuleNode } from "./rulesets.ts";

/** `mode` of a proxy's section. */
export function modeOf(section: Section): string {
  return (section.nodes.findLast((node) => node.keyword === "mode")?.value as string | undefined) ?? "tcp";
}

const HTTP_RULES = ["http-request", "http-response", "http-after-response", "redirect"] as const;

const HTTP_OPTIONS = [
  "option forwardfor",
  "option originalto",
  "option forwarded",
  "option http-buffer-request",
  "option http-ignore-probes",
] as const;

/** Statements in the order in which they are evaluated, whatever the order they are written in. */
const PHASES: readonly (readonly string[])[] = [
  ["tcp-request connection"],
  ["tcp-request session"],
  ["tcp-request content"],
  ["monitor fail"],
  ["http-request"],
  ["redirect"],
  ["use_backend"],
  ["use-server"],
];

function phaseOf(node: Node): number {
  return PHASES.findIndex((keywords) => keywords.includes(node.keyword));
}

/** Written in the section itself: what it inherits stands above it, or in another file. */
function isOwn(node: Node, section: Section): boolean {
  return node.at.file === section.at.file && node.at.line > section.at.line;
}

function warnOfOrder(section: Section, names: Names): void {
  let last = -1;
  let lastName = "";
  for (const node of section.nodes) {
    const phase = phaseOf(node);
    if (phase < 0 || !isOwn(node, section)) continue;
    if (phase < last) {
      const text = `a '${node.keyword}' rule placed after a '${lastName}' rule will still be processed before.`;
      names.warning(node.at, text);
    } else {
      last = phase;
      lastName = node.keyword;
    }
  }
}

/** An upgrade to HTTP makes the HTTP rules of a TCP frontend useful. */
export function upgrades(section: Section): boolean {
  return section.nodes.some((node) => (node.value as Partial<RuleNode> | null)?.action === "switch-mode");
}

function warnOfMode(section: Section, names: Names): void {
  if (modeOf(section) === "http" || upgrades(section)) return;
  // A TCP frontend may hand over to an HTTP backend, which does not bring the frontend's rules with it.
  const kind = section.kind === "listen" ? "proxy" : section.kind;
  for (const keyword of HTTP_RULES) {
    const first = section.nodes.find((node) => node.keyword === keyword);
    if (first === undefined) continue;
    names.warning(
      first.at,
      `'${keyword}' rules ignored for ${kind} '${section.name}' as they require HTTP mode.`,
    );
  }
  for (const keyword of HTTP_OPTIONS) {
    const last = section.nodes.findLast((node) => node.keyword === keyword);
    if (last === undefined || last.negated) continue;
    names.warning(last.at, `'${keyword}' ignored for ${kind} '${section.name}' as it requires HTTP mode.`);
  }
  const monitor = section.nodes.findLast((node) => node.keyword === "monitor-uri");
  if (hasFrontend(section.kind) && monitor !== undefined) {
    names.warning(monitor.at, `monitor-uri will be ignored for ${kind} '${section.name}' (needs 'mode http').`);
  }
  const cookie = section.nodes.find((node) => node.keyword === "capture cookie");
  if (hasFrontend(section.kind) && cookie !== undefined) {
    names.warning(
      cookie.at,
      `'capture' statement ignored for ${kind} '${section.name}' as it requires HTTP mode.`,
    );
  }
}

const FORMATS = ["log-format", "option httplog", "option httpslog", "option tcplog"];

/** A format without a target: nothing is logged. */
function warnOfNoTarget(section: Section, names: Names): void {
  const format = section.nodes.findLast((node) => FORMATS.includes(node.keyword));
  const last = section.nodes.findLast((node) => node.keyword === "log");
  if (format === undefined || (last !== undefined && !last.negated)) return;
  const kind = section.kind === "listen" ? "proxy" : section.kind;
  names.warning(format.at, `log format ignored for ${kind} '${section.name}' since it has no log address.`);
}

/** Checks of whole sections that this folder asks for. */
export const rulesChecks: readonly SectionCheck[] = [
  {
    sections: ["frontend", "listen", "backend"],
    check(section, names) {
      warnOfMode(section, names);
      warnOfOrder(section, names);
      if (hasFrontend(section.kind)) warnOfNoTarget(section, names);
    },
  },
];
