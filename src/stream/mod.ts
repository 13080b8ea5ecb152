export type { Service, StreamEnv } from "./env.ts";
export { Frontend } from "./frontend.ts";
export { Stopping } from "./stopping.ts";
