export * from "./endpoint.ts";
export * from "./h1/endpoint.ts";
export * from "./h1/parsers.ts";
export * from "./passthrough/endpoint.ts";
