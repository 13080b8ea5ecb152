export * from "./h1/mod.ts";
