// Converters of dates since the epoch to text (configuration.txt 7.3.1): in seconds, milliseconds or microseconds, in
// local time or UTC.
import { setText } from "../casts.ts";
import { formatDate, localOffset } from "../time_format.ts";
import { type ConverterEntry, T_SINT, T_STR } from "../types.ts";
import { converter } from "./define.ts";

/** utime and ltime know no "%N"; the zone of UTC is called GMT, as by gmtime(3). */
function formatFor(format: string, fractions: boolean, local: boolean): string {
  return format.replace(/%(?:%|Z|[0-9]?N)/g, (found) => {
    if (found === "%Z") return local ? found : "GMT";
    return found.endsWith("N") && !fractions ? `%${found}` : found;
  });
}

/** `perSecond`: units of the input in a second; "%N" is known to the finer ones only, as an offset is of their unit. */
function dateConverter(name: string, doc: string, perSecond: number, local: boolean): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_SINT,
    out: T_STR,
    args: [{ type: "str", name: "format" }, { type: "sint", name: "offset", optional: true }],
    build([format, offset], env) {
      const text = formatFor(format as string, perSecond > 1, local);
      const shift = Number(offset ?? 0);
      return (sample) => {
        const value = Number(sample.num) + shift;
        const seconds = Math.floor(value / perSecond);
        const micros = (value - seconds * perSecond) * (1_000_000 / perSecond);
        const date = formatDate(text, seconds, micros, local ? localOffset(seconds * 1000) : 0);
        return date !== "" && setText(sample, date, env);
      };
    },
  });
}

export const dateConverters: readonly ConverterEntry[] = [
  dateConverter("ltime", "seconds since the epoch as a local date in a format of strftime(3)", 1, true),
  dateConverter("utime", "seconds since the epoch as a date in UTC in a format of strftime(3)", 1, false),
  dateConverter("ms_ltime", "milliseconds since the epoch as a local date; %N: parts of a second", 1000, true),
  dateConverter("ms_utime", "milliseconds since the epoch as a date in UTC; %N: parts of a second", 1000, false),
  dateConverter("us_ltime", "microseconds since the epoch as a local date; %N: parts of a second", 1_000_000, true),
  dateConverter("us_utime", "microseconds since the epoch as a date in UTC; %N: parts of a second", 1_000_000, false),
];
