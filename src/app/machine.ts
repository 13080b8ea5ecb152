// What the switches -dc and -dL tell of the machine: the processors that threads may use, the libraries that are loaded.

/** -dc: the processors of the threads (management.txt 3). All are in one group, and the system places them. */
export function threadProcessors(threads: number): string {
  const list = allowedProcessors();
  const range = threads === 1 ? "1" : `1-${threads}`;
  const row = (group: string, thread: string, set: string) => `  ${group.padEnd(10)} ${thread.padEnd(10)} ${set}\n`;
  return "Thread CPU Bindings:\n" + row("Tgrp/Thr", "Tid", "CPU set") +
    row(`1/${range}`, range, `${count(list)}: ${list}`);
}

/** Numbers of processors as the system writes them: "0-3,6". */
function allowedProcessors(): string {
  try {
    const found = /^Cpus_allowed_list:\s*(\S+)$/m.exec(Deno.readTextFileSync("/proc/self/status"));
    if (found !== null) return found[1];
  } catch { /* the system does not tell, or may not be asked */ }
  const last = navigator.hardwareConcurrency - 1;
  return last === 0 ? "0" : `0-${last}`;
}

function count(list: string): number {
  return list.split(",").reduce((sum, part) => {
    const [from, to = from] = part.split("-").map(Number);
    return sum + to - from + 1;
  }, 0);
}

/** -dL: the files of the program, one a line; `ranges`: with where they are in memory. A string without lines: none is told. */
export function loadedLibraries(ranges: boolean): string {
  let maps: string;
  try {
    maps = Deno.readTextFileSync("/proc/self/maps");
  } catch {
    return "";
  }
  const places = new Map<string, [from: string, to: string]>();
  for (const line of maps.split("\n")) {
    const found = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ +(\/.*)$/.exec(line);
    if (found === null || found[3].endsWith("(deleted)")) continue;
    const [, from, to, path] = found;
    places.set(path, [places.get(path)?.[0] ?? from, to]);
  }
  return [...places].map(([path, [from, to]]) => `${ranges ? `${from}-${to} ` : ""}${path}\n`).join("");
}
