// How many idle connections the scenario "idle" makes.

/** Connections of the scenario "idle": as many of these as descriptors allow, each with one to the server behind it. */
const IDLE_CONNECTIONS = 10_000;
const OTHER_DESCRIPTORS = 1000;

export function idleConnections(): number {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits"))?.[1] ?? 1024);
  return Math.min(IDLE_CONNECTIONS, (limit - OTHER_DESCRIPTORS) >> 1);
}
