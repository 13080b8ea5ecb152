export * from "./address.ts";
export * from "./cursor.ts";
export * from "./diagnostics.ts";
export * from "./entry.ts";
export * from "./model.ts";
export * from "./options.ts";
export * from "./registry.ts";
export * from "./suggest.ts";
