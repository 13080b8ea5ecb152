// Keywords of logging that need no expressions: `log`, `log-tag`, `log-send-hostname` (configuration.txt 3.1, 4.2).
import { type Cursor, didYouMean, type KeywordEntry, type SectionKind } from "../config/mod.ts";
import { LOG_FACILITIES, logLevel } from "./names.ts";
import { parseSampling } from "./sampling.ts";
import type { Sampling } from "./sampling.ts";
import { LOG_FORMATS } from "./settings.ts";
import type { LogBuildEnv, LogFormat, LogLine, LogNode } from "./settings.ts";
import { parseLogTarget } from "./target.ts";

const SECTIONS: readonly SectionKind[] = ["global", "defaults", "frontend", "backend", "listen"];

const DEFAULT_LENGTH = 1024;
const MIN_LENGTH = 80;
const MAX_LENGTH = 65535;

function parseLog(cursor: Cursor): LogNode {
  if (cursor.negated) {
    if (!cursor.done) cursor.fail("'no log' does not expect arguments");
    return { kind: "none" };
  }
  if (cursor.peek() === "global" && cursor.peek(1) === undefined) {
    if (cursor.context.section.kind === "global") {
      cursor.fail("log : 'global' is not supported for a global syslog server");
    }
    cursor.position++;
    return { kind: "global" };
  }
  return parseLine(cursor);
}

function parseLine(cursor: Cursor): LogLine {
  if (cursor.peek(1) === undefined) cursor.fail("log : expects <address> and <facility> as arguments");
  const target = parseLogTarget(cursor.peek()!);
  if (typeof target === "string") cursor.fail(`log : ${target}`);
  cursor.position++;
  const length = cursor.accept("len") ? parseLength(cursor) : DEFAULT_LENGTH;
  const format = cursor.accept("format") ? parseFormat(cursor) : null;
  const sampling = cursor.accept("sample") ? parseSample(cursor) : null;
  const profile = cursor.accept("profile") ? parseProfile(cursor) : "";
  const facilityName = cursor.peek();
  const facility = LOG_FACILITIES.findIndex((known) => known === facilityName);
  if (facility < 0) cursor.fail(`log : unknown log facility '${facilityName ?? ""}'`);
  cursor.position++;
  const maxLevel = cursor.done ? LOG_LEVEL_ALL : parseLevel(cursor, "optional log level");
  const minLevel = cursor.done ? 0 : parseLevel(cursor, "optional minimum log level");
  if (!cursor.done) cursor.fail(`log : cannot handle unexpected argument '${cursor.peek()}'`);
  return { kind: "line", target, length, format, sampling, profile, facility, maxLevel, minLevel };
}

/** Every level passes. */
const LOG_LEVEL_ALL = 7;

function parseLength(cursor: Cursor): number {
  const text = cursor.peek() ?? "";
  const length = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (length < MIN_LENGTH || length > MAX_LENGTH) {
    cursor.fail(`log : invalid log length '${text}', must be between ${MIN_LENGTH} and ${MAX_LENGTH}`);
  }
  cursor.position++;
  return length;
}

function parseFormat(cursor: Cursor): LogFormat {
  const text = cursor.peek() ?? "";
  const format = LOG_FORMATS.find((known) => known === text);
  if (format === undefined) cursor.fail(`log : unknown log format '${text}'`);
  cursor.position++;
  return format;
}

function parseSample(cursor: Cursor): Sampling {
  const sampling = parseSampling(cursor.peek() ?? "");
  if (typeof sampling === "string") cursor.fail(`log : ${sampling}`);
  cursor.position++;
  return sampling;
}

function parseProfile(cursor: Cursor): string {
  if (cursor.done) cursor.fail("log : 'profile' expects the name of a log-profile section");
  return cursor.take("the name of a log-profile section");
}

function parseLevel(cursor: Cursor, what: string): number {
  const level = logLevel(cursor.peek()!);
  if (level < 0) cursor.fail(`log : unknown ${what} '${cursor.peek()}'`);
  cursor.position++;
  return level;
}

const log: KeywordEntry<LogNode, LogBuildEnv> = {
  kind: "keyword",
  name: "log",
  manual: "4.2",
  doc: 'Adds a log target, takes over the global ones ("log global"), or forgets all ("no log").',
  sections: SECTIONS,
  inherit: true,
  negatable: true,
  parse: parseLog,
  check({ at, value }, _section, names) {
    if (value.kind !== "line" || value.profile === "") return;
    if (names.section("log-profile", value.profile) !== undefined) return;
    const known = names.sections.filter((section) => section.kind === "log-profile").map((section) => section.name);
    names.error(
      at,
      `log : unable to find log-profile section '${value.profile}'${didYouMean(value.profile, known) || "."}`,
    );
  },
  build: (node, env) => env.log.apply(node.value),
};

const logTag: KeywordEntry<string, LogBuildEnv> = {
  kind: "keyword",
  name: "log-tag",
  manual: "4.2",
  doc: "The tag field of the syslog header.",
  sections: [...SECTIONS, "log-profile"],
  inherit: true,
  parse(cursor) {
    const tag = cursor.peek() ?? "";
    if (tag === "") cursor.fail("'log-tag' expects a tag for use in syslog.");
    cursor.position++;
    cursor.end();
    return tag;
  },
  build(node, env) {
    env.log.tag = node.value;
  },
};

const logSendHostname: KeywordEntry<string, LogBuildEnv> = {
  kind: "keyword",
  name: "log-send-hostname",
  manual: "3.1",
  doc: "Puts the system's name, or this one, into the syslog header.",
  sections: ["global"],
  parse(cursor) {
    const name = cursor.done ? "" : cursor.take("a host name");
    cursor.end();
    return name;
  },
  build(node, env) {
    env.log.hostname = node.value;
  },
};

/** Keywords of this folder. */
export const logEntries = [log, logTag, logSendHostname] as const;
