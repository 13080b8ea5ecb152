// Dates as dumps of the runtime API show them: local time, as logs have it.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "26/Nov/2026:01:13:02.145" with `digits` of the second's fraction. `ms` since the epoch. */
export function localDate(ms: number, digits: number): string {
  const date = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  const fraction = (Math.floor((ms % 1000) * 1000) / 1_000_000).toFixed(6).slice(2, 2 + digits);
  const day = `${two(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}`;
  return `${day}:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
}
