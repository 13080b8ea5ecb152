// Scripted clients and servers of TCP mode. A client's first line, "tag mode up down", says how many bytes go each way and
// who ends first.
import type { Prng } from "../../src/base/mod.ts";
import { IO_END } from "../../src/sys/types.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { bodyOf, notPrefix } from "./content.ts";
import { Gate, type ServerWorld } from "./http_server.ts";

/** Both directions at once; the answer after the client's FIN; the server's FIN first. */
const GOOD_MODES = ["both", "clientfin", "serverfin"] as const;
const BAD_MODES = ["hole", "noread", "reset", "cut", "late"] as const;
type Mode = (typeof GOOD_MODES)[number] | (typeof BAD_MODES)[number];

/** How tags begin whose clients may end their sending early. */
const SHORT = "short";

export interface TcpPlan {
  readonly tag: string;
  readonly mode: Mode;
  readonly up: number;
  readonly down: number;
  readonly startMs: number;
  readonly pauseMs: number;
  readonly stallMs: number;
  readonly holds: boolean;
  readonly abort: "" | "close" | "reset" | "fin";
  readonly abortMs: number;
}

export function planTcp(prng: Prng, number: number, legal: boolean): TcpPlan {
  const bad = (probability: number) => !legal && prng.chance(probability);
  const abort = bad(0.25) ? prng.pick(["close", "reset", "fin"] as const) : "";
  return {
    tag: `${abort === "" ? "t" : SHORT}${number}`,
    mode: prng.pick<Mode>(legal ? GOOD_MODES : [...GOOD_MODES, ...GOOD_MODES, ...BAD_MODES]),
    up: prng.below(prng.chance(0.3) ? 60000 : 3000),
    down: prng.below(prng.chance(0.3) ? 60000 : 3000),
    startMs: prng.float() * 400,
    pauseMs: prng.chance(0.3) ? prng.float() * 60 : 0,
    stallMs: prng.chance(0.2) ? prng.float() * 300 : 0,
    holds: bad(0.08),
    abort,
    abortMs: prng.float() * 1000,
  };
}

export function isLegalTcp(plan: TcpPlan): boolean {
  return !plan.holds && plan.abort === "" && (GOOD_MODES as readonly string[]).includes(plan.mode);
}

/** `maxconn`: how many connections the proxy may have here at once, 0 any number. */
export function tcpServer(world: ServerWorld, maxconn: number): (peer: Peer) => Promise<void> {
  const gate = new Gate(world, maxconn);
  return async (peer) => {
    const line = await peer.until("\n");
    const [tag, mode, upText, downText] = line.trimEnd().split(" ");
    // A health check says nothing.
    if (!line.endsWith("\n")) return;
    gate.enter();
    const up = Number(upText);
    const down = bodyOf(tag, Number(downText));
    const take = async () => {
      const text = await peer.rest();
      const wrong = notPrefix(text, tag, up);
      if (wrong !== "") world.wrong(`server: ${wrong}`);
      if (peer.ended === IO_END && text.length < up && world.lossless && !tag.startsWith(SHORT)) {
        world.wrong(`server: ${tag}: FIN after ${text.length} of ${up} bytes`);
      }
    };
    switch (mode as Mode) {
      case "both": {
        const taking = take();
        await peer.send(down);
        await taking;
        return gate.leave();
      }
      case "clientfin":
        await take();
        await peer.send(down);
        return gate.leave();
      case "serverfin":
        await peer.send(down);
        // The proxy may be done before this script is.
        gate.leave();
        peer.shutdown();
        await take();
        return;
      case "hole":
        await take();
        await world.released;
        return;
      case "noread":
        await world.released;
        return;
      case "reset":
        await peer.more();
        await peer.send(down);
        peer.reset();
        return;
      case "cut":
        await peer.send(down);
        return;
      case "late":
        await Promise.race([world.sleep(9000), take()]);
        return;
    }
  };
}

/** Plays the plan; what the client got, and whether it ended in order. */
export async function playTcp(
  peer: Peer,
  plan: TcpPlan,
  prng: Prng,
  world: ServerWorld,
): Promise<{ readonly got: number; readonly finished: boolean }> {
  const { tag, mode, up, down } = plan;
  const wire = `${tag} ${mode} ${up} ${down}\n${bodyOf(tag, up)}`;
  const sendFrom = async (from: number, to: number) => {
    let pauses = 0;
    for (let at = from; at < to;) {
      const n = plan.pauseMs === 0 || pauses++ > 8 ? to - at : Math.min(to - at, prng.between(1, 5000));
      if (await peer.send(wire.slice(at, at + n)) < 0) return;
      at += n;
      if (plan.pauseMs > 0) await world.sleep(prng.float() * plan.pauseMs);
    }
  };
  const line = wire.indexOf("\n") + 1;
  const first = mode === "serverfin" ? line : wire.length;
  const sending = sendFrom(0, first).then(() => {
    if (mode !== "serverfin") peer.shutdown();
  });
  if (plan.holds) {
    await sending;
    await world.released;
    return { got: 0, finished: false };
  }
  if (plan.stallMs > 0) await world.sleep(plan.stallMs);
  const text = await peer.rest();
  const wrong = notPrefix(text, tag, down);
  if (wrong !== "") world.wrong(`client: ${wrong}`);
  await sending;
  if (mode === "serverfin") {
    await sendFrom(first, wire.length);
    peer.shutdown();
  }
  return { got: text.length, finished: peer.finished };
}
