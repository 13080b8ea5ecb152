// Golden cases of the configuration language: files of tests/spec/config, one per area.
//
// A file is a list of cases:
//
//   # rows: CFG-03            every case below shows these rows until the next such line
//   @case the title
//   @env NAME=value           environment of the process (repeatable)
//   @file /path text          a file (repeatable; "\n" in the text is a line feed)
//   @registry gated           another set of test entries, see config_entries.ts
//   @haproxy                  the packaged haproxy must print the same .notice and .warning messages
//   @config t.cfg             the configuration (repeatable); up to the next "@" line
//   @expect                   what comes out; up to the next case
//
// What comes out: a line for each diagnostic, "LEVEL file:line:column text" (first line of the text only), and, unless
// the load failed, a line for each section, "kind name", each followed by its statements, indented:
// "  keyword value @line", where "no keyword" is a negated one, and "^" behind the line marks an inherited one.
import { type Diagnostic, fromByteString, type Model } from "../../src/config/mod.ts";

export interface Case {
  readonly rows: string;
  readonly title: string;
  readonly env: Record<string, string>;
  readonly files: Record<string, string>;
  registry: string;
  haproxy: boolean;
  readonly configs: { name: string; text: string }[];
  expect: string;
}

/** Reads a golden file. Throws on a line it does not know: a mistake in the file. */
export function parseCases(text: string, file: string): Case[] {
  const out: Case[] = [];
  let rows = "";
  /** Takes the lines up to the next "@" line. */
  let target: ((line: string) => void) | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [, word, rest = ""] = /^@([a-z]+)(?: (.*))?$/.exec(line) ?? [];
    if (line.startsWith("# rows: ")) {
      rows = line.slice(8).trim();
      target = null;
    } else if (word === "case") {
      out.push({ rows, title: rest, env: {}, files: {}, registry: "plain", haproxy: false, configs: [], expect: "" });
      target = null;
    } else if (word !== undefined && out.length > 0) {
      target = directive(out[out.length - 1], word, rest, `${file}:${index + 1}`);
    } else if (target !== null) {
      target(line);
    } else if (line !== "" && !line.startsWith("#")) {
      throw new Error(`${file}:${index + 1}: text outside of a case: '${line}'`);
    }
  }
  for (const c of out) c.expect = c.expect.trimEnd();
  return out;
}

function directive(c: Case, word: string, rest: string, place: string): ((line: string) => void) | null {
  switch (word) {
    case "env": {
      const [name, ...value] = rest.split("=");
      c.env[name] = value.join("=");
      return null;
    }
    case "file": {
      const [path, ...text] = rest.split(" ");
      c.files[path] = text.join(" ").replaceAll("\\n", "\n");
      return null;
    }
    case "registry":
      c.registry = rest;
      return null;
    case "haproxy":
      c.haproxy = true;
      return null;
    case "config": {
      const config = { name: rest, text: "" };
      c.configs.push(config);
      return (line) => config.text += `${line}\n`;
    }
    case "expect":
      return (line) => c.expect += `${line}\n`;
    default:
      throw new Error(`${place}: unknown line '@${word}'`);
  }
}

export function show(model: Model | null, diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.map(({ level, at, text }) => {
    const place = at === null ? "-" : `${at.file}:${at.line}:${at.column}`;
    return `${level} ${place} ${fromByteString(text.split("\n")[0])}`;
  });
  for (const section of model?.sections ?? []) {
    lines.push(section.name === "" ? section.kind : `${section.kind} ${section.name}`);
    for (const node of section.nodes) {
      const inherited = node.at.line < section.at.line ? " ^" : "";
      const value = typeof node.value === "string" ? node.value : JSON.stringify(node.value);
      lines.push(`  ${node.negated ? "no " : ""}${node.keyword} ${fromByteString(value)} @${node.at.line}${inherited}`);
    }
  }
  return lines.join("\n");
}
