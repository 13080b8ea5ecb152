export * from "./header.ts";
export { parseNetscalerHeader } from "./netscaler.ts";
export { parseProxyHeader } from "./parse.ts";
export * from "./write.ts";
