// Dates as strftime(3) writes them in the C locale, with "%N" for parts of a second (configuration.txt 7.3.1 "ms_ltime").

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** Longest text a format may make. */
const LONGEST = 1024;

/** Minutes that local time is ahead of UTC at an instant (ms since the epoch). */
export function localOffset(ms: number): number {
  return -new Date(ms).getTimezoneOffset();
}

/** A conversion of strftime(3): flags, width, modifier, letter; glibc's extensions among them. */
const CONVERSION = /%([-_0^#]*)([0-9]*)([EO]?)([A-Za-z%])/g;

/**
 * Writes a date. `seconds` since the epoch (integer), `micros` of that second, `offset`: minutes ahead of UTC.
 * "" for a date that cannot be written, or is longer than 1024 bytes.
 */
export function formatDate(format: string, seconds: number, micros: number, offset: number): string {
  const date = new Date((seconds + offset * 60) * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const text = format.replace(CONVERSION, (all, flags: string, width: string, _modifier, letter: string) => {
    if (letter === "N") return fraction(micros, width === "" ? 9 : Number(width));
    const value = field(letter, date, seconds, offset);
    if (value === null) return all;
    return flags === "" && width === "" ? value : padded(value, flags, Number(width));
  });
  return text.length > LONGEST ? "" : text;
}

/** Flags: "-" without padding, "_" padding of spaces, "0" of zeroes, "^" upper case, "#" the other case. */
function padded(value: string, flags: string, width: number): string {
  const isNumber = /^ ?[0-9]+$/.test(value);
  const padding = flags.replace(/[\^#]/g, "").slice(-1);
  let text = isNumber && padding !== "" ? value.replace(/^[ 0]+(?=[0-9])/, "") : value;
  if (flags.includes("^")) text = text.toUpperCase();
  else if (flags.includes("#")) text = /^[A-Z]+$/.test(text) ? text.toLowerCase() : text.toUpperCase();
  const least = isNumber && padding !== "-" ? Math.max(width, value.length) : width;
  const zeroes = padding === "0" || (padding === "" && isNumber && !value.startsWith(" "));
  return text.padStart(Math.min(least, LONGEST + 1), zeroes ? "0" : " ");
}

function fraction(micros: number, digits: number): string {
  return String(micros).padStart(6, "0").padEnd(9, "0").slice(0, digits);
}

/** Null for a letter that stands for nothing. */
function field(letter: string, date: Date, seconds: number, offset: number): string | null {
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const day = date.getUTCDate();
  const weekday = date.getUTCDay();
  const hour = date.getUTCHours();
  const minute = date.getUTCMinutes();
  const second = date.getUTCSeconds();
  switch (letter) {
    case "a":
      return DAYS[weekday].slice(0, 3);
    case "A":
      return DAYS[weekday];
    case "b":
    case "h":
      return MONTHS[month].slice(0, 3);
    case "B":
      return MONTHS[month];
    case "c":
      return compose("%a %b %e %H:%M:%S %Y", date, seconds, offset);
    case "C":
      return two(Math.floor(year / 100));
    case "d":
      return two(day);
    case "D":
    case "x":
      return compose("%m/%d/%y", date, seconds, offset);
    case "e":
      return String(day).padStart(2);
    case "F":
      return compose("%Y-%m-%d", date, seconds, offset);
    case "g":
      return two(isoWeek(date).year % 100);
    case "G":
      return String(isoWeek(date).year);
    case "H":
      return two(hour);
    case "I":
      return two(hour % 12 === 0 ? 12 : hour % 12);
    case "j":
      return String(yearDay(date) + 1).padStart(3, "0");
    case "k":
      return String(hour).padStart(2);
    case "l":
      return String(hour % 12 === 0 ? 12 : hour % 12).padStart(2);
    case "m":
      return two(month + 1);
    case "M":
      return two(minute);
    case "n":
      return "\n";
    case "p":
      return hour < 12 ? "AM" : "PM";
    case "P":
      return hour < 12 ? "am" : "pm";
    case "r":
      return compose("%I:%M:%S %p", date, seconds, offset);
    case "R":
      return compose("%H:%M", date, seconds, offset);
    case "s":
      return String(seconds);
    case "S":
      return two(second);
    case "t":
      return "\t";
    case "T":
    case "X":
      return compose("%H:%M:%S", date, seconds, offset);
    case "u":
      return String(weekday === 0 ? 7 : weekday);
    case "U":
      return two(Math.floor((yearDay(date) + 7 - weekday) / 7));
    case "V":
      return two(isoWeek(date).week);
    case "w":
      return String(weekday);
    case "W":
      return two(Math.floor((yearDay(date) + 7 - (weekday + 6) % 7) / 7));
    case "y":
      return two(year % 100);
    case "Y":
      return String(year);
    case "z":
      return `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
    case "Z":
      return offset === 0 ? "UTC" : "";
    case "%":
      return "%";
    default:
      return null;
  }
}

function compose(format: string, date: Date, seconds: number, offset: number): string {
  return format.replace(/%(.)/g, (_all, letter) => field(letter, date, seconds, offset)!);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

const DAY_MS = 86_400_000;

/** From 0. */
function yearDay(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS);
}

/** ISO 8601: week 1 is the one with the year's first Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const day = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(date.getTime() + (3 - day) * DAY_MS);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1 };
}

/** Writes dates of one format, the last one kept: most lines of a second have the same. Whole seconds only. */
export class DateWriter {
  readonly #format: string;
  readonly #local: boolean;
  #second = NaN;
  #text = "";

  constructor(format: string, local: boolean) {
    this.#format = format;
    this.#local = local;
  }

  /** `ms` since the epoch. */
  write(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = formatDate(this.#format, second, 0, this.#local ? localOffset(ms) : 0);
    }
    return this.#text;
  }
}
