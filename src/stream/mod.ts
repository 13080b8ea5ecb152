export type { Service, StreamEnv } from "./env.ts";
export { Frontend } from "./frontend.ts";
export { StreamPool } from "./pool.ts";
export { Stopping } from "./stopping.ts";
export { EventTrace } from "./trace.ts";
