// Dates of HTTP (RFC 9110 5.6.7) and of HAProxy's logs (configuration.txt 8.2). Times are milliseconds since the epoch.

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** "Sun, 06 Nov 1994 08:49:37 GMT". */
export function imfFixdate(ms: number): string {
  const d = new Date(ms);
  const day = two(d.getUTCDate());
  return `${DAYS[d.getUTCDay()]}, ${day} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()} ${clock(d)} GMT`;
}

/**
 * The time a date of any of the three forms of RFC 9110 5.6.7 tells; NaN when it is none. A year of two digits that
 * seems more than 50 years after `nowMs` is one of the century before.
 */
export function parseHttpDate(text: string, nowMs: number): number {
  const imf = /^(\w{3}), (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text);
  if (imf !== null) return time(+imf[4], imf[3], +imf[2], +imf[5], +imf[6], +imf[7]);
  const asctime = /^(\w{3}) (\w{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/.exec(text);
  if (asctime !== null) return time(+asctime[7], asctime[2], +asctime[3], +asctime[4], +asctime[5], +asctime[6]);
  const old = /^(\w{6,9}), (\d{2})-(\w{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text);
  if (old === null) return NaN;
  const now = new Date(nowMs).getUTCFullYear();
  let year = now - now % 100 + Number(old[4]);
  if (year > now + 50) year -= 100;
  return time(year, old[3], +old[2], +old[5], +old[6], +old[7]);
}

/** "06/Nov/1994:08:49:37", in a zone `offsetMinutes` east of Greenwich. */
export function logDate(ms: number, offsetMinutes: number): string {
  const d = new Date(ms + offsetMinutes * 60000);
  return `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${clock(d)}`;
}

/** "+0130", the offset of a zone as logs write it. */
export function zoneText(offsetMinutes: number): string {
  const minutes = Math.abs(offsetMinutes);
  return (offsetMinutes < 0 ? "-" : "+") + two(Math.floor(minutes / 60)) + two(minutes % 60);
}

function time(year: number, month: string, day: number, hour: number, minute: number, second: number): number {
  const m = (MONTHS as readonly string[]).indexOf(month);
  if (m < 0 || day < 1 || hour > 23 || minute > 59 || second > 60) return NaN;
  const ms = Date.UTC(year, m, day, hour, minute, second);
  // The 31st of a shorter month would be the first of the next.
  return second < 60 && new Date(ms).getUTCDate() !== day ? NaN : ms;
}

function clock(d: Date): string {
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

function two(n: number): string {
  return n < 10 ? "0" + n : String(n);
}
