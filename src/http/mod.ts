export * from "./message.ts";
export * from "./methods.ts";
export * from "./names.ts";
export * from "./tokens.ts";
export * from "./uri.ts";
