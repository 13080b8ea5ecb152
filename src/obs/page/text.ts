// How the statistics page writes values.

/** Text that is shown as it is, in HTML and in the values of its attributes. */
export function escape(text: string): string {
  return text.replace(
    /[&<>"']|[^\t\n\r -~\x80-\uffff]/g,
    (c) => `&#${c.charCodeAt(0) < 32 ? 65533 : c.charCodeAt(0)};`,
  );
}

/** A number with its thousands apart. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "&#8239;");
}

/** "2d3h", "4m5s": the two largest units of a number of seconds. */
export function duration(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0s";
  const [size, name] = units[first];
  const rest = units[first + 1];
  const text = `${Math.floor(seconds / size)}${name}`;
  if (rest === undefined) return text;
  const more = Math.floor((seconds % size) / rest[0]);
  return more === 0 ? text : `${text}${more}${rest[1]}`;
}
