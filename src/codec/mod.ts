export * from "./client_hello.ts";
export * from "./dns/message.ts";
export * from "./h1/mod.ts";
export * from "./proxy/mod.ts";
export * from "./tls_handshake.ts";
