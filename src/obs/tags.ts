// Tags of values: origin, nature and scope as letters (management.txt 9.2), and their names in JSON.

/** What the letters of the tags are called in JSON. */
export const ORIGINS: Readonly<Record<string, string>> = {
  M: "Metric",
  S: "Status",
  K: "Key",
  C: "Config",
  P: "Product",
};

export const NATURES: Readonly<Record<string, string>> = {
  G: "Gauge",
  L: "Limit",
  m: "Min",
  M: "Max",
  R: "Rate",
  C: "Counter",
  D: "Duration",
  A: "Age",
  T: "Time",
  N: "Name",
  O: "Output",
  a: "Avg",
};

export const SCOPES: Readonly<Record<string, string>> = { C: "Cluster", P: "Process", S: "Service", s: "System" };

/** The three letters as JSON shows them. */
export function jsonTags(tags: string): string {
  return `{"origin":"${ORIGINS[tags[0]]}","nature":"${NATURES[tags[1]]}","scope":"${SCOPES[tags[2]]}"}`;
}
