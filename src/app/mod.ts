export { main } from "./boot.ts";
