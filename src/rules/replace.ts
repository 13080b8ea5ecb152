// Replacing each value of a header that is a list (configuration.txt 4.4 "replace-value").

/** Calls `replace` for each value of a comma-separated list, blanks around it aside; quoted commas separate nothing. */
export function mapListValues(list: string, replace: (value: string) => string): string {
  let out = "";
  let from = 0;
  let quoted = false;
  for (let i = 0; i <= list.length; i++) {
    const c = list[i];
    if (c === '"') quoted = !quoted;
    else if (c === "\\" && quoted) i++;
    if (i < list.length && (c !== "," || quoted)) continue;
    const value = list.slice(from, i);
    const start = value.length - value.trimStart().length;
    const end = value.trimEnd().length;
    out += start >= end ? value : value.slice(0, start) + replace(value.slice(start, end)) + value.slice(end);
    if (i < list.length) out += ",";
    from = i + 1;
  }
  return out;
}
