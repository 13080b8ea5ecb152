// How the columns of the statistics are written: what an entry is, and the shapes that repeat (management.txt 9.1, 9.2).
import type { Column } from "../../table/mod.ts";
import type { BackendRow, FrontendRow, ListenerRow, ServerRow, StatRow } from "./rows.ts";

export type StatValue = number | string | null;

/** Where the values of a column come from. */
export interface Sources {
  readonly F?: (row: FrontendRow) => StatValue;
  readonly L?: (row: ListenerRow) => StatValue;
  readonly S?: (row: ServerRow) => StatValue;
  readonly B?: (row: BackendRow) => StatValue;
}

export interface StatColumn {
  readonly name: string;
  /** Origin, nature, scope: a letter each (9.2). */
  readonly tags: string;
  /** The same for backends, where it differs. */
  readonly backendTags?: string;
  readonly type: "u32" | "u64" | "s32" | "str";
  readonly doc: string;
  readonly of: Sources;
  /** Shown to who may see addresses and names only: levels operator and admin, pages with `stats show-legends`. */
  readonly private?: true;
}

type Kind = "F" | "L" | "S" | "B";

/** A counter that only grows; `http`: HTTP proxies only. */
export function sum(name: string, kinds: string, column: Column, doc: string, http = false): StatColumn {
  return {
    name,
    tags: "MCP",
    type: "u64",
    doc,
    of: everywhere(kinds, (row) => http && !row.http ? null : row.total(column)),
  };
}

/** The largest value of something. */
export function maximum(name: string, kinds: string, column: Column, doc: string, http = false): StatColumn {
  return {
    name,
    tags: "MMP",
    type: "u32",
    doc,
    of: everywhere(kinds, (row) => http && !row.http ? null : row.total(column)),
  };
}

/** A mean or maximum of times, ms. */
export function time(name: string, column: Column, tags: string, doc: string, http = false): StatColumn {
  const value = (row: StatRow) => http && !row.http ? 0 : Math.round(row.total(column));
  return { name, tags, type: "u32", doc, of: { S: value, B: value } };
}

export function everywhere(kinds: string, value: (row: StatRow) => StatValue): Sources {
  return Object.fromEntries([...kinds].map((kind) => [kind as Kind, value]));
}

/** Nothing here has such a value yet: the column is empty, as the manual has it where the feature is not in use. */
export function empty(name: string, tags: string, type: StatColumn["type"], doc: string): StatColumn {
  return { name, tags, type, doc, of: {} };
}

/** How many of something there are now. */
export function level(name: string, column: Column, doc: string): StatColumn {
  return { name, tags: "MGP", type: "u64", doc, of: everywhere("FB", (row) => row.total(column)) };
}

/** The value of a column for a row; null: it has none. */
export function valueOf(column: StatColumn, row: StatRow): StatValue {
  const value = column.of[row.kind] as ((row: StatRow) => StatValue) | undefined;
  return value === undefined ? null : value(row);
}

/** The tags of a column for a row. */
export function tagsOf(column: StatColumn, row: StatRow): string {
  return row.kind === "B" ? column.backendTags ?? column.tags : column.tags;
}
