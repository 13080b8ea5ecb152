export * from "./assert.ts";
export * from "./blocks.ts";
export * from "./bytes.ts";
export * from "./ip.ts";
export * from "./prng.ts";
export * from "./units.ts";
export * from "./wheel.ts";
export * from "./runtime.ts";
