// "show info [typed|json] [desc] [float]" (management.txt 9.3).
import type { CommandAnswer, CommandContext, CommandEntry } from "../../proxy/mod.ts";
import { threadCommand } from "../commands/define.ts";
import { jsonTags } from "../tags.ts";
import { InfoFacts, type ThreadShare, threadShare } from "./facts.ts";
import { INFO_FIELDS, type InfoField } from "./fields.ts";

/** Fields that `float` shows with fractions. */
const FLOATS: readonly string[] = [
  "Uptime_sec",
  "ConnRate",
  "SessRate",
  "SslRate",
  "SslFrontendKeyRate",
  "SslBackendKeyRate",
  "Start_time_sec",
];

/** The value of a field as text; null: it is not shown. */
function valueText(field: InfoField, facts: InfoFacts, float: boolean): string | null {
  const value = field.value(facts);
  if (value === null || typeof value === "string") return value;
  if (float && FLOATS.includes(field.name)) return value.toFixed(6).replace(/\.?0+$/, "");
  return String(Math.floor(value));
}

function typeOf(field: InfoField, float: boolean): string {
  return float && FLOATS.includes(field.name) ? "flt" : field.type;
}

function infoText(facts: InfoFacts, words: readonly string[]): string {
  const typed = words.includes("typed");
  const desc = words.includes("desc");
  const float = words.includes("float");
  if (words.includes("json")) return infoJson(facts, float);
  let text = "";
  for (const field of INFO_FIELDS) {
    const value = valueText(field, facts, float);
    if (value === null) continue;
    const { position, name, tags } = field;
    text += typed ? `${position}.${name}.1:${tags}:${typeOf(field, float)}:${value}` : `${name}: ${value}`;
    text += desc ? `:"${field.doc}"\n` : "\n";
  }
  return text;
}

function infoJson(facts: InfoFacts, float: boolean): string {
  const fields: string[] = [];
  for (const field of INFO_FIELDS) {
    const value = valueText(field, facts, float);
    if (value === null) continue;
    const { position, name, tags, type } = field;
    fields.push(
      `{"field":{"pos":${position},"name":"${name}"},"processNum":1,` +
        `"tags":${jsonTags(tags)},` +
        `"value":{"type":"${typeOf(field, float)}","value":${type === "str" ? JSON.stringify(value) : value}}}`,
    );
  }
  return `[${fields.join(",")}]\n`;
}

async function showInfo({ ask, control, words }: CommandContext<null, ThreadShare>): Promise<CommandAnswer> {
  const { answers } = await ask(null);
  return infoText(new InfoFacts(control, answers.map((a) => a.value)), words);
}

export const infoCommands: readonly CommandEntry[] = [
  threadCommand<null, ThreadShare>(
    "show info",
    "show info [desc|json|typed|float]*",
    "report information about the running process",
    "user",
    showInfo,
    (_question, view) => threadShare(view),
  ),
];
