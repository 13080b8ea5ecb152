// How the HTTP/1 of one proxy reads and writes: what the thread's limits, the global section and the proxy's options say
// together. The options about requests are the frontend's where they are read and the backend's where they are written,
// those about responses the other way round.
import { H1CaseMap } from "../codec/mod.ts";
import type { H1Options, H1Thread } from "../mux/mod.ts";
import type { GlobalConfig, ProxyConfig } from "../proxy/mod.ts";

export class ProxyH1 {
  readonly #common: H1Thread & Pick<H1Options, "acceptAnyPayload" | "closeOnInsecure">;
  readonly #names: H1CaseMap | null;

  constructor(thread: H1Thread, global: GlobalConfig) {
    this.#common = {
      ...thread,
      acceptAnyPayload: global.h1AcceptAnyPayload,
      closeOnInsecure: global.h1CloseOnInsecure,
    };
    const names = [...global.h1Names, ...global.h1FileNames];
    this.#names = names.length > 0 ? new H1CaseMap(names) : null;
  }

  /** The client side of a proxy's connections. */
  client(proxy: ProxyConfig): H1Options {
    return {
      ...this.#common,
      noLinger: proxy.noLinger,
      dropTrailers: proxy.dropResponseTrailers,
      relaxed: proxy.relaxedRequests,
      caseMap: proxy.h1BogusClient ? this.#names : null,
    };
  }

  /** The server side of a proxy's connections. */
  server(proxy: ProxyConfig): H1Options {
    return {
      ...this.#common,
      noLinger: proxy.noLinger,
      dropTrailers: proxy.dropRequestTrailers,
      relaxed: proxy.relaxedResponses,
      caseMap: proxy.h1BogusServer ? this.#names : null,
    };
  }
}
