// The log-profile section: how the lines of `log ... profile <name>` are made, step by step (configuration.txt 8.3.5). Its
// `log-tag` is an entry of src/log.
import type { KeywordEntry, Model, Node } from "../../config/mod.ts";
import { checkExpressions, OFFERS, type SampleEnv } from "../../sample/mod.ts";
import { buildFormat, type FormatNode, takeFormat } from "../formats.ts";
import { LogProfile, PROFILE_STEPS } from "../log_steps.ts";

interface OnNode {
  readonly step: string;
  readonly drop: boolean;
  readonly format: FormatNode | null;
  readonly structured: FormatNode | null;
}

const on: KeywordEntry<OnNode> = {
  kind: "keyword",
  name: "on",
  manual: "8.3.5",
  doc: "How log lines of a step are made, or that none is.",
  sections: ["log-profile"],
  parse(cursor) {
    const step = cursor.oneOf("a logging step", PROFILE_STEPS);
    let drop = false;
    let format: FormatNode | null = null;
    let structured: FormatNode | null = null;
    while (!cursor.done) {
      switch (cursor.oneOf("'drop', 'format' or 'sd'", ["drop", "format", "sd"])) {
        case "drop":
          drop = true;
          break;
        case "format":
          format = takeFormat(cursor, "<fmt>", OFFERS.log, "log");
          break;
        case "sd":
          structured = takeFormat(cursor, "<sd_fmt>", OFFERS.log, "log");
      }
    }
    return { step, drop, format, structured };
  },
  check: (node, section, names) => checkExpressions(node.value, names, node.at, section),
};

/** The log-profile sections of a model, by name, for one thread. */
export function buildLogProfiles(model: Model, env: SampleEnv): Map<string, LogProfile> {
  const all = new Map<string, LogProfile>();
  for (const section of model.sections) {
    if (section.kind !== "log-profile") continue;
    const profile = new LogProfile();
    for (const node of section.nodes) {
      if (node.keyword !== on.name) continue;
      const { step, drop, format, structured } = (node as Node<OnNode>).value;
      profile.set(step, {
        drop,
        format: format === null ? null : buildFormat(format, env),
        structured: structured === null ? null : buildFormat(structured, env),
      });
    }
    all.set(section.name, profile);
  }
  return all;
}

export const logProfileEntries = [on] as const;
