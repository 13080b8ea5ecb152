// The header of `http-check send-state` (configuration.txt 4.2): tells a server what is thought of it.
import type { Server } from "../server.ts";
import { S_GOING_DOWN } from "../server_state.ts";

/** "UP 1/3; address=…; port=…; name=be/s1; node=…; weight=1/3; scur=1/9; qcur=0". */
export function serverStateHeader(server: Server): string {
  const { proxy, health, address } = server;
  const { rise, fall } = server.config;
  const state = server.state >= S_GOING_DOWN ? `UP ${health - rise + 1}/${fall}` : `DOWN ${health}/${rise}`;
  const where = address === null
    ? ""
    : address.family === "unix"
    ? `; address=unix; port=0`
    : `; address=${address.host}; port=${address.port}`;
  let total = 0;
  for (const other of proxy.servers) if (other.inService) total += other.weight;
  const weight = server.inService ? server.weight : 0;
  return `${state}${where}; name=${proxy.name}/${server.name}; node=${proxy.runtime.sys.proc.hostname}; ` +
    `weight=${weight}/${total}; scur=${server.served}/${proxy.beConns.value}; qcur=${server.queued}`;
}
