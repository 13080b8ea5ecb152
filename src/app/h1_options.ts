// How the HTTP/1 of one proxy reads and writes: what the thread's limits, the global section and the proxy's options say
// together. The options about requests are the frontend's where they are read and the backend's where they are written,
// those about responses the other way round.
import type { H1Options, H1Thread } from "../mux/mod.ts";
import type { ProxyConfig } from "../proxy/mod.ts";

/** The client side of a proxy's connections. */
export function clientH1(thread: H1Thread, proxy: ProxyConfig): H1Options {
  return { ...thread, dropTrailers: proxy.dropResponseTrailers, relaxed: proxy.relaxedRequests };
}

/** The server side of a proxy's connections. */
export function serverH1(thread: H1Thread, proxy: ProxyConfig): H1Options {
  return { ...thread, dropTrailers: proxy.dropRequestTrailers, relaxed: proxy.relaxedResponses };
}
