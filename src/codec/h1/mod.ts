export * from "./case_map.ts";
export * from "./chunks.ts";
export * from "./errors.ts";
export * from "./parse.ts";
export * from "./reframe.ts";
export * from "./serialize.ts";
