// What scripted peers did and saw, line by line, for a seed that is replayed.
import type { Peer, SimWorld } from "../../src/sys/sim/mod.ts";

/** Longer texts are shown by their ends. */
const SHOWN = 160;

/** Lets a peer tell what it does. */
export function traced(peer: Peer, name: string, world: SimWorld, say: (line: string) => void): Peer {
  const tell = (what: string) => say(`${world.core.time.toFixed(3).padStart(10)} ${name} ${what}`);
  const { send, more, shutdown, close, reset } = peer;
  peer.send = async (content) => {
    tell(`sends ${typeof content === "string" ? shown(content) : `${content.length} bytes`}`);
    const result = await send.call(peer, content);
    if (result < 0) tell(`sending failed: ${result}`);
    return result;
  };
  peer.more = async () => {
    const before = peer.received.length;
    const goesOn = await more.call(peer);
    if (peer.received.length > before) tell(`got ${shown(peer.received.slice(before))}`);
    if (!goesOn) tell(`end ${peer.ended}`);
    return goesOn;
  };
  for (const [what, method] of Object.entries({ shutdown, close, reset })) {
    (peer as unknown as Record<string, () => void>)[what] = () => {
      tell(what);
      method.call(peer);
    };
  }
  return peer;
}

function shown(text: string): string {
  if (text.length <= SHOWN) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, SHOWN / 2))} … ${JSON.stringify(text.slice(-SHOWN / 2))} (${text.length})`;
}
