// What SIGHUP tells: the state of every server and proxy, in HAProxy's lines (management.txt 4).
import { inMaintenance, type ProxyConfig } from "../proxy/mod.ts";
import { backendRow, C, frontendRow, type Layout, PROXY, proxyWord, SERVER, serverRow } from "../table/mod.ts";
import { serverWord, type Shared } from "../table/mod.ts";

export interface ServerStates {
  readonly configs: readonly ProxyConfig[];
  readonly layout: Layout;
  readonly shared: Shared;
}

/** One line a server and one a proxy. */
export function serverStates({ configs, layout, shared }: ServerStates): string[] {
  const lines = ["SIGHUP received, dumping servers states."];
  let row = 0;
  configs.forEach((proxy, index) => {
    let up = 0;
    let backups = 0;
    for (const server of proxy.servers) {
      const word = serverWord(layout, row++);
      const health = shared.load(word + SERVER.health);
      const usable = !inMaintenance(shared.load(word + SERVER.admin)) && health >= server.rise;
      if (usable && server.backup) backups++;
      else if (usable) up++;
      lines.push(
        `SIGHUP: Server ${proxy.name}/${server.name} is ${usable ? "UP" : "DOWN"}. ` +
          `Conn: ${shared.load(word + SERVER.served)} act, ${shared.load(word + SERVER.queued)} pend, ` +
          `${shared.total(serverRow(layout, row - 1), C.stot)} tot.`,
      );
    }
    const word = proxyWord(index);
    const servers = proxy.servers.length === 0
      ? "has no servers"
      : up + backups === 0
      ? "has no server available !"
      : `has ${up} active servers and ${backups} backup servers available`;
    lines.push(
      `SIGHUP: Proxy ${proxy.name} ${servers}${servers.endsWith("!") ? "" : "."} ` +
        `Conn: act(FE+BE): ${shared.load(word + PROXY.feConns)}+${shared.load(word + PROXY.beConns)}, ` +
        `${shared.load(word + PROXY.totalQueued)} pend (${shared.load(word + PROXY.queued)} unass), ` +
        `tot(FE+BE): ${shared.total(frontendRow(index), C.stot)}+${shared.total(backendRow(layout, index), C.stot)}.`,
    );
  });
  return lines;
}
