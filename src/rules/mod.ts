export * from "./types.ts";
export * from "./env.ts";
export * from "./runner.ts";
export * from "./proxy_rules.ts";
export * from "./replies/errors.ts";
export * from "./captures.ts";
