// The runtime API of a simulated proxy, for tests: one line in, everything up to the end of the connection out.
import type { Address } from "../../src/sys/types.ts";
import type { Peer, SimWorld } from "../../src/sys/sim/mod.ts";

/** Where the tests' sockets are: of level admin, operator, user. */
export const ADMIN: Address = { family: "unix", path: "/run/admin.sock" };
export const OPERATOR: Address = { family: "unix", path: "/run/operator.sock" };
export const USER: Address = { family: "unix", path: "/run/user.sock" };

/** Lines of the global section that open them. */
export const CLI = `
    stats socket /run/admin.sock level admin
    stats socket /run/operator.sock
    stats socket unix@/run/user.sock level user
`;

export async function open(world: SimWorld, to: Address = ADMIN): Promise<Peer> {
  const peer = await world.connect(to);
  if (typeof peer === "number") throw new Error(`connect to the runtime API: code ${peer}`);
  return peer;
}

/** Sends text as a script does: all of it, then the end; the whole answer. */
export async function cli(world: SimWorld, text: string, to: Address = ADMIN): Promise<string> {
  const peer = await open(world, to);
  await peer.send(text.endsWith("\n") ? text : `${text}\n`);
  peer.shutdown();
  const answer = await peer.rest();
  peer.close();
  return answer;
}
