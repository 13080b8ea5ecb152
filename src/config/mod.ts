export * from "./cursor.ts";
export * from "./diagnostics.ts";
export * from "./entry.ts";
export * from "./model.ts";
