export * from "./columns.ts";
export * from "./define.ts";
export * from "./modules.ts";
export * from "./render.ts";
export * from "./rows.ts";
export * from "./select.ts";
