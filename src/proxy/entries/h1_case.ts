// Spellings of header names for peers that mind them: h1-case-adjust and h1-case-adjust-file of the global section
// (configuration.txt 3.1). The names of all lines and of the last file count together; none may be there twice.
import { bytesToLatin1 } from "../../base/mod.ts";
import type { Cursor, KeywordEntry, Names, Node } from "../../config/mod.ts";
import type { GlobalEnv, Spelling } from "../global.ts";

const LINE = "h1-case-adjust";
const FILE = "h1-case-adjust-file";

/** What is wrong with a pair, or "". */
function wrong([from, to]: Spelling): string {
  return from.toLowerCase() === to.toLowerCase() ? "" : `'${from}' and '${to}' differ in more than the case of letters`;
}

function warnOfUpperCase(cursor: Cursor, [from]: Spelling, where: string): void {
  if (from !== from.toLowerCase()) {
    cursor.warn(`'${cursor.keyword}' : '${from}' is not in lower case${where}: it matches no name.`);
  }
}

function parseLine(cursor: Cursor): readonly Spelling[] {
  const at = cursor.at;
  const pair: Spelling = [cursor.take("<from>"), cursor.take("<to>")];
  const problem = wrong(pair);
  if (problem !== "") cursor.fail(`'${LINE}' : ${problem}.`, at);
  warnOfUpperCase(cursor, pair, "");
  return [pair];
}

function parseFile(cursor: Cursor): readonly Spelling[] {
  const at = cursor.at;
  const { key, bytes } = cursor.loadFile("<hdrs-file>");
  const pairs: Spelling[] = [];
  bytesToLatin1(bytes, 0, bytes.length).split("\n").forEach((text, i) => {
    const line = text.replace(/^[ \t]+|[ \t]+$/g, "");
    if (line === "" || line.startsWith("#")) return;
    const where = ` at line ${i + 1} of '${key}'`;
    const [from, to] = line.split(/[ \t]+(.*)/s);
    if (to === undefined) cursor.fail(`'${FILE}' : two names expected${where}.`, at);
    const problem = wrong([from, to]);
    if (problem !== "") cursor.fail(`'${FILE}' : ${problem}${where}.`, at);
    warnOfUpperCase(cursor, [from, to], where);
    pairs.push([from, to]);
  });
  return pairs;
}

/** The statements that count, in order. */
function statements(names: Names): Node<readonly Spelling[]>[] {
  const all: Node[] = [];
  for (const section of names.sections) if (section.kind === "global") all.push(...section.nodes);
  const file = all.findLast((n) => n.keyword === FILE);
  return all.filter((n) => n.keyword === LINE || n === file) as Node<readonly Spelling[]>[];
}

function checkUnique(node: Node<readonly Spelling[]>, names: Names): void {
  const seen = new Set<string>();
  for (const statement of statements(names)) {
    for (const [from] of statement.value) {
      if (seen.has(from) && statement === node) names.error(node.at, `'${node.keyword}' : '${from}' is there twice.`);
      seen.add(from);
    }
    if (statement === node) return;
  }
}

function entry(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => readonly Spelling[],
  build: KeywordEntry<readonly Spelling[], GlobalEnv>["build"],
): KeywordEntry {
  const check: KeywordEntry<readonly Spelling[]>["check"] = (node, _, names) => checkUnique(node, names);
  const entry: KeywordEntry<readonly Spelling[], GlobalEnv> = {
    kind: "keyword",
    name,
    manual: "3.1",
    doc,
    sections: ["global"],
    parse,
    check,
    build,
  };
  return entry as KeywordEntry;
}

export const h1CaseKeywords: readonly KeywordEntry[] = [
  entry(LINE, "Spelling of a header name for bogus HTTP/1 peers.", parseLine, (node, { global }) => {
    global.h1Names.push(...node.value);
  }),
  entry(FILE, "File of spellings of header names for bogus HTTP/1 peers.", parseFile, (node, { global }) => {
    global.h1FileNames = node.value;
  }),
];
