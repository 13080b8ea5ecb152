// The lines of "show sess": one a stream, or several (management.txt 9.3).
import type { Address } from "../../sys/types.ts";
import type { Hide } from "../anon.ts";
import { localDate } from "../dates.ts";
import type { StreamFacts, StreamProxy } from "./streams.ts";

/** "11m34s", "5s", "2d3h": the two largest units. */
function humanTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h${Math.floor(seconds / 60) % 60}m`;
  return `${Math.floor(seconds / 86400)}d${Math.floor(seconds / 3600) % 24}h`;
}

/** A time that is left; "" when none runs. */
function left(ms: number): string {
  return ms < 0 ? "" : humanTime(ms);
}

function never(ms: number): string {
  return ms < 0 ? "<NEVER>" : humanTime(ms);
}

function expires({ clientLeftMs, serverLeftMs }: StreamFacts): number {
  if (clientLeftMs < 0) return serverLeftMs;
  return serverLeftMs < 0 ? clientLeftMs : Math.min(clientLeftMs, serverLeftMs);
}

const PROTOCOLS = { ipv4: "tcpv4", ipv6: "tcpv6", unix: "unix_stream" } as const;

function hex(id: number): string {
  return `0x${id.toString(16)}`;
}

export class StreamLines {
  readonly #hide: Hide;
  readonly #uri: boolean;

  /** `uri`: short lines tell the request's. */
  constructor(hide: Hide, uri: boolean) {
    this.#hide = hide;
    this.#uri = uri;
  }

  short(s: StreamFacts): string {
    const server = s.server === null ? "<none>" : this.#hide(s.server.name);
    const backend = s.backend === null ? "<NONE>" : this.#hide(s.backend.name);
    const gone = s.clientGone ? 1 : 0;
    const line = `${hex(s.id)}: proto=${PROTOCOLS[s.source.family]} src=${this.#address(s.source, s)} ` +
      `fe=${this.#hide(s.frontend.name)} be=${backend} srv=${server} ts=00 epoch=0 age=${humanTime(s.ageMs)} ` +
      `calls=1 rate=0 cpu=0 lat=0 rq[f=${gone}h,i=0,an=00h,rx=${left(s.clientLeftMs)},wx=,ax=] ` +
      `rp[f=0h,i=0,an=00h,rx=${left(s.serverLeftMs)},wx=,ax=] scf=[8,0h,fd=-1] scb=[8,1h,fd=-1] ` +
      `exp=${left(expires(s))} rc=${s.retries} c_exp=`;
    return this.#uri && s.uri !== "" ? `${line} uri="${this.#requestUri(s)}"\n` : `${line}\n`;
  }

  /** What is known of a stream, several lines. */
  long(s: StreamFacts): string {
    const lines = [
      `${hex(s.id)}: [${localDate(s.date, 6)}] id=${s.request} proto=${PROTOCOLS[s.source.family]} ` +
      `source=${this.#address(s.source, s)}`,
      `  flags=0x0, conn_retries=${s.retries}, conn_exp=<NEVER> conn_et=0x000 pend_pos=${s.queued ? "0x1" : "(nil)"} ` +
      `waiting=0 epoch=0`,
      `  frontend=${this.#proxy(s.frontend)}, listener=${s.listener.name || "?"} (id=${s.listener.id}) ` +
      `addr=${this.#address(s.listener.address, s)}`,
      s.backend === null ? "  backend=<NONE> (id=-1 mode=-)" : `  backend=${this.#proxy(s.backend)}`,
      this.#server(s),
      `  task=thread ${s.thread} (exp=${never(expires(s))} age=${humanTime(s.ageMs)})`,
    ];
    if (s.frontend.mode === "http" && s.uri !== "") lines.push(`  txn=uri:"${this.#requestUri(s)}" status=${s.status}`);
    lines.push(`  scf=client rex=${never(s.clientLeftMs)}${s.clientGone ? " closed" : ""}`);
    lines.push(`  scb=server rex=${never(s.serverLeftMs)}`);
    lines.push(`  req=total:${s.bytesIn}`, `  res=total:${s.bytesOut}`);
    return lines.join("\n") + "\n";
  }

  #server({ server, ...s }: StreamFacts): string {
    if (server === null) return "  server=<NONE> (id=-1)";
    const address = server.address === null ? "" : ` addr=${this.#address(server.address, { ...s, server })}`;
    return `  server=${this.#hide(server.name)} (id=${server.id})${address}`;
  }

  #proxy({ name, id, mode }: StreamProxy): string {
    return `${this.#hide(name)} (id=${id} mode=${mode})`;
  }

  #address(address: Address, { listener }: StreamFacts): string {
    if (address.family === "unix") return `unix:${listener.id}`;
    return `${this.#hide(address.host)}:${address.port}`;
  }

  #requestUri({ uri }: StreamFacts): string {
    const text = uri.replace(/[^ -~]|["\\]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
    return this.#hide(text);
  }
}
