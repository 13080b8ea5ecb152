// The header each log format puts before a line (configuration.txt 4.2 "log", <format>; RFC 3164 4.1, RFC 5424 6.2).
// Texts that change once a second are kept; the rest is fixed per target and level.
import type { LogFormat } from "./settings.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** Local dates of one thread, made anew when the second changes. */
export class LogDates {
  #second = -1;
  #rfc3164 = "";
  /** "2026-11-21T10:29:25" and the offset "+00:00". */
  #isoStart = "";
  #isoOffset = "";

  /** "Nov 21 10:29:25" with the day padded by a blank. `wallMs`: milliseconds since the epoch. */
  rfc3164(wallMs: number): string {
    this.#refresh(wallMs);
    return this.#rfc3164;
  }

  /** "2026-11-21T10:29:25.373914+00:00". */
  iso(wallMs: number): string {
    this.#refresh(wallMs);
    const micros = Math.floor((wallMs - this.#second * 1000) * 1000);
    return this.#isoStart + "." + String(micros).padStart(6, "0") + this.#isoOffset;
  }

  #refresh(wallMs: number): void {
    const second = Math.floor(wallMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    const date = new Date(second * 1000);
    const time = two(date.getHours()) + ":" + two(date.getMinutes()) + ":" + two(date.getSeconds());
    const day = date.getDate();
    this.#rfc3164 = MONTHS[date.getMonth()] + (day < 10 ? "  " : " ") + day + " " + time;
    this.#isoStart = date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(day) + "T" + time;
    const offset = -date.getTimezoneOffset();
    const minutes = Math.abs(offset);
    this.#isoOffset = (offset < 0 ? "-" : "+") + two(Math.floor(minutes / 60)) + ":" + two(minutes % 60);
  }
}

function two(value: number): string {
  return value < 10 ? "0" + value : String(value);
}

/** What the header of one target is made of. */
export interface HeaderParts {
  readonly format: LogFormat;
  readonly facility: number;
  /** As `log-send-hostname` says; empty: none was asked for. */
  readonly hostname: string;
  readonly tag: string;
  readonly pid: number;
}

/** The header of a line. `structured`: the STRUCTURED-DATA of RFC 5424, empty for none. */
export function logHeader(
  parts: HeaderParts,
  level: number,
  structured: string,
  dates: LogDates,
  wallMs: number,
): string {
  switch (parts.format) {
    case "rfc3164":
      return `<${priority(parts, level)}>${dates.rfc3164(wallMs)} ${parts.hostname || "localhost"} ${process(parts)}`;
    case "local":
      return `<${priority(parts, level)}>${dates.rfc3164(wallMs)} ${process(parts)}`;
    case "rfc5424":
      return `<${priority(parts, level)}>1 ${dates.iso(wallMs)} ${parts.hostname || "-"} ${parts.tag} ${parts.pid} - ${
        structured || "-"
      } `;
    case "priority":
      return `<${priority(parts, level)}>`;
    case "short":
      return `<${level}>`;
    case "timed":
      return `<${level}>${dates.iso(wallMs)} `;
    case "iso":
      return `${dates.iso(wallMs)} `;
    case "raw":
      return "";
  }
}

function priority(parts: HeaderParts, level: number): number {
  return parts.facility * 8 + level;
}

function process(parts: HeaderParts): string {
  return `${parts.tag}[${parts.pid}]: `;
}
