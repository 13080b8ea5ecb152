// Persistence by cookie (configuration.txt 4.2 "cookie", "option persist", "force-persist", "ignore-persist"; 8.5, third and
// fourth letter): the server that a client's cookie names, what of it the server gets to see, and the cookie that the client
// gets. Which case is which letter, and what is removed how, is what HAProxy was seen to do.
import { CookieCursor, cookieIs, HeaderName, M_POST, type Message, nextCookie, nextSetCookie } from "../http/mod.ts";
import { latin1ToBytes } from "../base/mod.ts";
import { type CookieConfig, cookieDate, cookieText, CookieValue, isOutdated, type Server } from "../proxy/mod.ts";
import type { Stream } from "./stream.ts";

const SET_COOKIE = new HeaderName("set-cookie");
const CACHE_CONTROL = new HeaderName("cache-control");
/** With one of these a response can be kept although nothing else says so (RFC 9111 4.2.2). */
const FRESHNESS = [new HeaderName("expires"), new HeaderName("last-modified"), new HeaderName("etag")];

/** What the cookies of one exchange came to. */
export class CookieState {
  /** Letters of the termination state: of the client's cookie, of the response. */
  client = "-";
  server = "-";
  /** The server that the client's cookie names, down or not. */
  named: Server | null = null;
  /** Dates of it are to be brought up to date; when it was sent first. */
  stale = false;
  first = -1;
  /** The choice of the server is none of the cookie's business: `use-server`, `ignore-persist`. */
  ignored = false;

  reset(): void {
    this.client = "-";
    this.server = "-";
    this.named = null;
    this.stale = false;
    this.first = -1;
    this.ignored = false;
  }
}

/** Nothing is read out of the cookie and told: its name alone stands in the statement. */
function isPassive(config: CookieConfig): boolean {
  return config.mode === "" && !config.indirect;
}

/** Reads the client's cookie: the server it insists on, null for none. `ruled`: a rule has chosen already. */
export function readCookie(s: Stream, ruled: boolean): Server | null {
  const config = s.backend!.config.cookie;
  const order = s.backRules.persistence(s);
  const state = s.cookies;
  state.ignored = ruled || order === "ignore";
  if (config === null) return null;
  const m = s.request;
  const cursor = new CookieCursor();
  const name = latin1ToBytes(config.name);
  const value = new CookieValue();
  let wanted: Server | null = null;
  let found = false;
  while (nextCookie(m, cursor)) {
    if (!cookieIs(m, cursor, name)) continue;
    if (found) continue;
    found = true;
    value.parse(m.text(cursor.valueFrom, cursor.valueTo), config.mode === "prefix");
    wanted = judge(s, config, value, order === "force");
  }
  if (!found) state.client = "N";
  else if (state.ignored) state.client = "U";
  if (isPassive(config)) state.client = "-";
  else state.server = "N";
  if (found && config.mode === "prefix") editCookies(m, name, withoutPrefix);
  else if (found && config.mode === "insert" && config.indirect) editCookies(m, name, () => null);
  return state.ignored ? null : wanted;
}

/** Who is named by the cookie, and whether the stream is to go there. */
function judge(s: Stream, config: CookieConfig, value: CookieValue, forced: boolean): Server | null {
  const state = s.cookies;
  const now = cookieDate(s.env.sys.clock.wall());
  if (config.mode === "insert" && isOutdated(value.last, config.maxIdle, now)) {
    state.client = "E";
    return null;
  }
  if (config.mode === "insert" && isOutdated(value.first, config.maxLife, now)) {
    state.client = "O";
    return null;
  }
  const named = value.server === "" ? null : s.backend!.cookieServer(value.server);
  state.named = named;
  if (named === null) {
    state.client = "I";
    return null;
  }
  state.first = value.first;
  state.stale = config.maxIdle > 0 ? value.last !== now : value.last >= 0;
  if (config.maxLife > 0 ? value.first < 0 : value.first >= 0) state.stale = true;
  state.client = named.usable ? "V" : "D";
  if (named.usable) {
    s.waiter.forced = forced;
    return named;
  }
  s.waiter.forced = forced || (s.backend!.config.persist && !named.inMaintenance);
  return s.waiter.forced ? named : null;
}

function withoutPrefix(value: string): string {
  const end = value.indexOf("~");
  return end < 0 ? value : value.slice(end + 1);
}

/** Gives the cookies of a name other values, or (null) takes them out, and the fields that become empty. */
function editCookies(m: Message, name: Uint8Array, edit: (value: string) => string | null): void {
  const cursor = new CookieCursor();
  // The rows as they are now: each edit makes a field anew.
  const texts = new Map<number, string[]>();
  while (nextCookie(m, cursor)) {
    const { row } = cursor;
    const parts = texts.get(row) ?? [];
    texts.set(row, parts);
    const pair = m.text(cursor.nameFrom, cursor.valueTo);
    if (!cookieIs(m, cursor, name)) {
      parts.push(pair);
      continue;
    }
    const value = edit(m.text(cursor.valueFrom, cursor.valueTo));
    if (value !== null) parts.push(`${m.text(cursor.nameFrom, cursor.nameTo)}=${value}`);
  }
  for (const [row, parts] of texts) {
    const text = parts.join("; ");
    if (text === "") m.remove(row);
    else if (text !== m.valueText(row) && !m.setValueText(row, text)) m.remove(row);
  }
}

/** The stream went to another server than its cookie names, as that one is down or would not take it. */
function wentElsewhere(s: Stream): boolean {
  return s.cookies.named !== s.server;
}

/** Sees to the cookie of a response that goes to the client. False: no room for it. */
export function setCookies(s: Stream, config: CookieConfig): boolean {
  if (isPassive(config)) return true;
  const state = s.cookies;
  const value = s.server!.config.cookie;
  if (state.client === "V" && wentElsewhere(s)) state.client = "D";
  if (!editSetCookies(s, config, value)) return false;
  const wants = config.mode === "insert" && value !== "" && state.server !== "P" && !state.ignored &&
    (!config.postonly || s.request.method === M_POST);
  if (!wants || (!wentElsewhere(s) && !state.stale)) return true;
  state.server = wentElsewhere(s) ? "I" : "U";
  const now = cookieDate(s.env.sys.clock.wall());
  const text = cookieText(config, value, now, wentElsewhere(s) ? -1 : state.first);
  if (!s.response.add(SET_COOKIE, `${config.name}=${text}${config.attributes}`)) return false;
  return !config.nocache || !isCacheable(s.response) || s.response.add(CACHE_CONTROL, "private");
}

/** What the server set itself: left alone, taken out, or made to name the server. */
function editSetCookies(s: Stream, config: CookieConfig, value: string): boolean {
  const m = s.response;
  const state = s.cookies;
  const cursor = new CookieCursor();
  const name = latin1ToBytes(config.name);
  const removes = (config.mode === "insert" && value !== "") || (config.indirect && state.client === "V");
  // Rows that edits add come last, and are not to be looked at again.
  const rows = m.count;
  while (nextSetCookie(m, cursor) && cursor.row < rows) {
    if (!cookieIs(m, cursor, name)) continue;
    const { row } = cursor;
    if (config.preserve) state.server = "P";
    else if (removes) {
      m.remove(row);
      state.server = "D";
    } else if (value !== "" && (config.mode === "rewrite" || config.mode === "prefix")) {
      const before = m.text(m.valueFrom(row), cursor.valueFrom);
      const own = m.text(cursor.valueFrom, cursor.valueTo);
      const behind = m.text(cursor.valueTo, m.valueTo(row));
      const text = config.mode === "rewrite" ? value : `${value}~${own}`;
      if (!m.setValueText(row, `${before}${text}${behind}`)) return false;
      state.server = "R";
    } else state.server = "P";
    cursor.next = -1;
  }
  return true;
}

/** Whether a cache might keep the response: `nocache` is about those. */
function isCacheable(m: Message): boolean {
  let said = false;
  for (let row = m.findName(CACHE_CONTROL); row >= 0; row = m.findName(CACHE_CONTROL, row + 1)) {
    const text = m.valueText(row).toLowerCase();
    if (/\b(?:no-store|no-cache|private)\b/.test(text)) return false;
    if (/\b(?:public|max-age|s-maxage)\b/.test(text)) said = true;
  }
  return said || FRESHNESS.some((name) => m.findName(name) >= 0);
}
