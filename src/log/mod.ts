export * from "./names.ts";
export * from "./settings.ts";
export * from "./keywords.ts";
export * from "./logger.ts";
export * from "./relay.ts";
export * from "./relays.ts";
export { isGuarded } from "./target.ts";
