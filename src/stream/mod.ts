export type { Service, StreamEnv } from "./env.ts";
export { type Fault, Faults } from "./faults.ts";
export { Frontend } from "./frontend.ts";
export { StreamPool } from "./pool.ts";
export type { Session } from "./session.ts";
export { Stopping } from "./stopping.ts";
export type { Stream } from "./stream.ts";
export { EventTrace } from "./trace.ts";
