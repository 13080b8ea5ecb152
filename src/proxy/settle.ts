// What a configuration leaves open is settled here, the same way in every thread: ids, limits that follow from others,
// timeouts that stand in for others.
import type { Section } from "../config/mod.ts";
import type { BindConfig, ProxyConfig, ServerConfig } from "./config.ts";
import type { BalanceNode } from "./lb/balancer.ts";
import type { GlobalConfig } from "./global.ts";

/** What balances when there is no request to look at. */
const ROUND_ROBIN: BalanceNode = { algorithm: "roundrobin", http: false, value: null };

/** `sections[i]` is what `configs[i]` was built from. */
export function settle(configs: readonly ProxyConfig[], global: GlobalConfig, sections: readonly Section[]): void {
  assignIds(configs);
  for (const config of configs) {
    if (config.hasFrontend && config.maxconn === 0) config.maxconn = global.maxconn;
    if (config.backlog === 0) config.backlog = config.maxconn;
    assignIds(config.servers);
    assignIds(config.binds);
    for (const bind of config.binds) settleBind(bind, global);
    for (const server of config.servers) settleServer(server);
    if (config.balance.http && config.mode !== "http") config.balance = ROUND_ROBIN;
  }
  for (const config of configs) {
    if (config.hasBackend && config.fullconn === 0) config.fullconn = defaultFullconn(config, configs, sections);
  }
}

/** Ids that were not given: the first free ones from 1, in order. */
function assignIds(items: readonly { id: number }[]): void {
  const taken = new Set(items.map((item) => item.id));
  let next = 1;
  for (const item of items) {
    if (item.id !== 0) continue;
    while (taken.has(next)) next++;
    item.id = next;
    taken.add(next);
  }
}

/** What a listener leaves open: sockets as the process's default says, the rights of a unix socket as `unix-bind` does. */
export function settleBind(bind: BindConfig, global: GlobalConfig): void {
  bind.shards = global.noReusePort ? 1 : bind.shards ?? global.defaultShards;
  if (bind.address.family !== "unix") return;
  const { prefix, mode, uid, gid, user, group } = global.unixBind;
  if (prefix !== "") bind.address = { ...bind.address, host: prefix + bind.address.host };
  if (bind.mode < 0) bind.mode = mode;
  if (bind.uid < 0 && bind.user === "") [bind.uid, bind.user] = [uid, user];
  if (bind.gid < 0 && bind.group === "") [bind.gid, bind.group] = [gid, group];
}

function settleServer(server: ServerConfig): void {
  // A minimum alone is also the maximum, and the ramp never starts above its end.
  if (server.minconn > 0 && server.maxconn === 0) server.maxconn = server.minconn;
  if (server.minconn > server.maxconn) server.minconn = server.maxconn;
}

/** A tenth of the connections of all frontends that may branch to the backend by a fixed name (4.2 "fullconn"). */
function defaultFullconn(
  backend: ProxyConfig,
  configs: readonly ProxyConfig[],
  sections: readonly Section[],
): number {
  let total = 0;
  configs.forEach((config, i) => {
    if (!config.hasFrontend) return;
    const branches = config === backend || config.defaultBackend === backend.name ||
      sections[i].nodes.some((node) => node.keyword === "use_backend" && namesBackend(node.value, backend.name));
    if (branches) total += config.maxconn;
  });
  return Math.max(1, Math.floor(total / 10));
}

/** `use_backend` is of a higher layer: of its node only the name counts here, and only when it is a constant. */
function namesBackend(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && (value as { target?: unknown }).target === name;
}
