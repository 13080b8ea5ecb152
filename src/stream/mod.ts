export type { Service, StreamEnv } from "./env.ts";
export { Frontend } from "./frontend.ts";
