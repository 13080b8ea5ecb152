// The statistics as text: CSV, typed lines, JSON (management.txt 9.1, 9.2, 9.3 "show stat"). One object at a time, so that
// who sends them need not hold them all.
import { STATIC_COLUMNS } from "./columns.ts";
import { type StatColumn, tagsOf, valueOf } from "./define.ts";
import { STAT_MODULES } from "./modules.ts";
import { jsonTags, NATURES, ORIGINS, SCOPES } from "../tags.ts";
import type { StatRow } from "./rows.ts";

export interface RenderOptions {
  readonly format: "csv" | "typed" | "json";
  /** Typed lines end with what the value is. */
  readonly desc: boolean;
  /** Addresses and names that not everybody may see are shown. */
  readonly legends: boolean;
}

const MODULE_COLUMNS: readonly StatColumn[] = STAT_MODULES.flatMap((module) => module.columns);

/** The numbers of the module columns go on behind the static ones; the "-" of CSV has none. */
const COLUMNS: readonly StatColumn[] = [...STATIC_COLUMNS, ...MODULE_COLUMNS];

/** Writes objects in a format: what begins the output, each object, what ends it. */
export class StatWriter {
  readonly #options: RenderOptions;
  #first = true;

  constructor(options: RenderOptions) {
    this.#options = options;
  }

  begin(): string {
    switch (this.#options.format) {
      case "csv":
        return `# ${STATIC_COLUMNS.map((c) => c.name).join(",")},-,${
          MODULE_COLUMNS.map((c) => c.name + ",").join("")
        }\n`;
      case "json":
        return "[";
      default:
        return "";
    }
  }

  row(row: StatRow): string {
    switch (this.#options.format) {
      case "csv":
        return this.#csv(row);
      case "json":
        return this.#json(row);
      default:
        return this.#typed(row);
    }
  }

  end(): string {
    return this.#options.format === "json" ? "]\n" : "";
  }

  #value(column: StatColumn, row: StatRow): number | string | null {
    return column.private === true && !this.#options.legends ? null : valueOf(column, row);
  }

  #csv(row: StatRow): string {
    let line = "";
    for (const column of STATIC_COLUMNS) line += csvText(this.#value(column, row)) + ",";
    line += "-,";
    for (const column of MODULE_COLUMNS) line += csvText(this.#value(column, row)) + ",";
    return line + "\n";
  }

  #typed(row: StatRow): string {
    let text = "";
    for (let i = 0; i < COLUMNS.length; i++) {
      const column = COLUMNS[i];
      const value = this.#value(column, row);
      if (value === null) continue;
      const what = `${row.kind}.${row.proxy.id}.${row.id}.${i}.${column.name}.1`;
      const desc = this.#options.desc ? `:"${column.doc}"` : "";
      text += `${what}:${tagsOf(column, row)}:${column.type}:${value}${desc}\n`;
    }
    return text;
  }

  #json(row: StatRow): string {
    const fields: string[] = [];
    for (let i = 0; i < COLUMNS.length; i++) {
      const column = COLUMNS[i];
      const value = this.#value(column, row);
      if (value === null) continue;
      const tags = tagsOf(column, row);
      fields.push(
        `{"objType":"${OBJECTS[row.kind]}","proxyId":${row.proxy.id},"id":${row.id},` +
          `"field":{"pos":${i},"name":"${column.name}"},"processNum":1,` +
          `"tags":${jsonTags(tags)},` +
          `"value":{"type":"${column.type}","value":${JSON.stringify(value)}}}`,
      );
    }
    const separator = this.#first ? "" : ",";
    this.#first = false;
    return `${separator}[${fields.join(",")}]`;
  }
}

/** Quoted where a comma, quote or line end would be ambiguous; quotes are doubled. */
function csvText(value: number | string | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const OBJECTS = { F: "Frontend", B: "Backend", L: "Listener", S: "Server" } as const;

function values(names: Readonly<Record<string, string>>): unknown {
  return { type: "string", enum: [...Object.values(names), "Unknown"] };
}

function number(type: string, minimum: number, maximum: number): unknown {
  return typed(type, { type: "integer", minimum, maximum });
}

function typed(type: string, value: unknown): unknown {
  return { properties: { type: { type: "string", enum: [type] }, value }, required: ["type", "value"] };
}

const SAFE = Number.MAX_SAFE_INTEGER;

const ITEM = {
  field: { $ref: "#/definitions/field" },
  processNum: { $ref: "#/definitions/processNum" },
  tags: { $ref: "#/definitions/tags" },
  value: { $ref: "#/definitions/typedValue" },
};

/** The schema of `show info json` and `show stat json` (9.3 "show schema json"), without white space. */
export function jsonSchema(): string {
  const object = { objType: { enum: [...Object.values(OBJECTS), "Unknown"] } };
  const id = { type: "integer", minimum: 0 };
  return JSON.stringify({
    $schema: "http://json-schema.org/draft-04/schema#",
    oneOf: [
      {
        title: "Info",
        type: "array",
        items: { title: "InfoItem", type: "object", properties: ITEM, required: Object.keys(ITEM) },
      },
      {
        title: "Stat",
        type: "array",
        items: {
          title: "StatObject",
          type: "array",
          items: {
            title: "StatItem",
            type: "object",
            properties: { ...object, proxyId: id, id, ...ITEM },
            required: ["objType", "proxyId", "id", ...Object.keys(ITEM)],
          },
        },
      },
      { title: "Error", type: "object", properties: { errorStr: { type: "string" } }, required: ["errorStr"] },
    ],
    definitions: {
      field: {
        type: "object",
        properties: { pos: { type: "integer", minimum: 0 }, name: { type: "string" } },
        required: ["pos", "name"],
      },
      processNum: { type: "integer", minimum: 1 },
      tags: {
        type: "object",
        properties: { origin: values(ORIGINS), nature: values(NATURES), scope: values(SCOPES) },
        required: ["origin", "nature", "scope"],
      },
      typedValue: {
        type: "object",
        oneOf: ["s32", "s64", "u32", "u64", "str"].map((t) => ({
          $ref: `#/definitions/typedValue/definitions/${t}Value`,
        })),
        definitions: {
          s32Value: number("s32", -2147483648, 2147483647),
          s64Value: number("s64", -SAFE, SAFE),
          u32Value: number("u32", 0, 4294967295),
          u64Value: number("u64", 0, SAFE),
          strValue: typed("str", { type: "string" }),
        },
      },
    },
  }) + "\n";
}
