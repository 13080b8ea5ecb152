// The health checks of a thread: those of the servers it owns, by the server's place in the layout modulo the threads
// (CHK-06). At start they are spread over their interval, so that not all servers are asked at once.
import type { Proxies } from "../proxies.ts";
import { Check } from "./check.ts";

export class Checks {
  readonly #proxies: Proxies;
  readonly #checks: Check[] = [];

  constructor(proxies: Proxies) {
    this.#proxies = proxies;
  }

  /** Starts checking. The first ones are due at once. */
  start(): void {
    const { shared, global } = this.#proxies.runtime;
    const checked = this.#proxies.all
      .filter((proxy) => !proxy.config.disabled)
      .flatMap((proxy) => proxy.servers.filter((server) => server.config.check));
    checked.forEach((server, place) => {
      if (server.row % shared.layout.threads !== shared.lane - 1) return;
      const { interMs, fastinterMs } = server.config;
      let delay = Math.floor((fastinterMs || interMs) * place / checked.length);
      if (global.maxSpreadChecksMs > 0) delay = Math.min(delay, global.maxSpreadChecksMs);
      const check = new Check(server);
      this.#checks.push(check);
      check.start(delay);
    });
    this.#proxies.onState = (proxy) => {
      for (const check of this.#checks) if (check.server.proxy === proxy) check.stateChanged();
    };
  }

  /** Ends all; attempts under way are given up. */
  stop(): void {
    this.#proxies.onState = null;
    for (const check of this.#checks) check.stop();
    this.#checks.length = 0;
  }
}
