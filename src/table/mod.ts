export * from "./columns.ts";
export * from "./layout.ts";
export * from "./rate.ts";
export * from "./shared.ts";
export * from "./arena.ts";
export * from "./trie.ts";
export * from "./process_variables.ts";
