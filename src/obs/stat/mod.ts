export * from "./columns.ts";
export * from "./render.ts";
export * from "./rows.ts";
export * from "./select.ts";
