// Fetches of the two sides of a stream as their multiplexers know them, fs.* and bs.* (configuration.txt 7.3.4).
import { setBoolean, setInteger, setText } from "../casts.ts";
import { ABSENT, type ArgNode, type FetchEntry, FOUND, NEEDS, T_BOOL, T_SINT, T_STR, type Txn } from "../types.ts";
import type { Address } from "../../sys/types.ts";
import type { ConnView, SideView } from "../views.ts";
import { fetch, simple } from "./define.ts";

const MANUAL = "7.3.4";

/** Layers of "debug_str", as the manual numbers them. */
const LAYER_STREAM = 1;
const LAYER_MUX = 2;
const LAYER_TRANSPORT = 4;
const LAYER_CONNECTION = 8;
const LAYER_SOCKET = 16;
const ALL_LAYERS = 31;

function flag(value: boolean): number {
  return value ? 1 : 0;
}

function textOf(address: Address): string {
  return address.family === "unix" ? `unix:${address.path.replaceAll("\0", "@")}` : `${address.host}:${address.port}`;
}

/** What is known of the layers in the bitmap, "name=value" apart by spaces. */
function describe(layers: number, side: SideView, conn: ConnView): string {
  const parts: string[] = [];
  if (layers & LAYER_STREAM) parts.push(`id=${side.id}`, `aborted=${flag(side.aborted)}`, `rst=${side.resetCode}`);
  if (layers & LAYER_MUX) {
    const { httpVersion, streams, streamsLimit, glitches } = conn;
    parts.push(`http=${httpVersion}`, `streams=${streams}/${streamsLimit}`, `glitches=${glitches}`);
  }
  if (layers & LAYER_TRANSPORT) parts.push(`ssl=${flag(conn.ssl)}`);
  if (layers & LAYER_CONNECTION) parts.push(`err=${conn.error}`, `reused=${flag(conn.reused)}`);
  if (layers & LAYER_SOCKET) {
    parts.push(`src=${textOf(conn.originalSrc)}`, `dst=${textOf(conn.originalDst)}`);
  }
  return parts.join(" ");
}

function validLayers([layers]: readonly ArgNode[]): string | null {
  const bits = Number(layers ?? 0);
  return bits >= 0 && bits <= ALL_LAYERS ? null : `the bitmap is a sum of 1, 2, 4, 8 and 16, got '${layers}'`;
}

function familyOf(
  prefix: string,
  peer: string,
  needs: number,
  side: (txn: Txn) => SideView | null,
  conn: (txn: Txn) => ConnView | null,
): FetchEntry[] {
  return [
    ...simple(
      `${prefix}.id`,
      MANUAL,
      `number of the stream on the ${peer}'s connection`,
      T_SINT,
      needs,
      (txn, into) => {
        const view = side(txn);
        if (view === null) return ABSENT;
        setInteger(into, view.id);
        return FOUND;
      },
    ),
    ...simple(`${prefix}.aborted`, MANUAL, `whether the ${peer} aborted the stream`, T_BOOL, needs, (txn, into) => {
      const view = side(txn);
      if (view === null) return ABSENT;
      setBoolean(into, view.aborted);
      return FOUND;
    }),
    ...simple(`${prefix}.rst_code`, MANUAL, `code of the ${peer}'s reset of the stream`, T_SINT, needs, (txn, into) => {
      const view = side(txn);
      if (view === null || view.resetCode < 0) return ABSENT;
      setInteger(into, view.resetCode);
      return FOUND;
    }),
    ...fetch({
      name: `${prefix}.debug_str`,
      manual: MANUAL,
      doc: `what the layers of the ${peer}'s side know; its form may change`,
      out: T_STR,
      needs,
      args: [{ type: "sint", name: "bitmap", optional: true }],
      validate: validLayers,
      build([bitmap], env) {
        const layers = Number(bitmap ?? 0) || ALL_LAYERS;
        return (txn, into) => {
          const view = side(txn);
          const connection = conn(txn);
          if (view === null || connection === null) return ABSENT;
          return setText(into, describe(layers, view, connection), env) ? FOUND : ABSENT;
        };
      },
    }),
  ];
}

export const sideFetches: readonly FetchEntry[] = [
  ...familyOf("fs", "client", NEEDS.clientL5, (txn) => txn.clientStream, (txn) => txn.session),
  ...familyOf("bs", "server", NEEDS.serverL5, (txn) => txn.serverStream, (txn) => txn.serverConn),
];
