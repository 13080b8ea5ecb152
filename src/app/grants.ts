// Needs (permissions.ts) as flags of the runtime, as what threads may, and compared with what this process was granted.
import type { Diagnostic } from "../config/mod.ts";
import { KINDS, type Need, type PermissionKind } from "./permissions.ts";

/** More ports of one host than this are granted as all of its ports. */
const MAX_PORTS = 64;

/** The values of one kind: "all" when the whole of it is needed. */
function valuesOf(needs: readonly Need[], kind: PermissionKind): "all" | string[] {
  const values = [...new Set(needs.filter((need) => need.kind === kind).map((need) => need.value))];
  if (values.includes("")) return "all";
  return kind === "net" ? withoutLongRanges(values) : values;
}

function withoutLongRanges(values: readonly string[]): string[] {
  const hostOf = (value: string) => value.startsWith("unix:") ? value : value.replace(/:\d+$/, "");
  const count = new Map<string, number>();
  for (const value of values) count.set(hostOf(value), (count.get(hostOf(value)) ?? 0) + 1);
  return [...new Set(values.map((value) => count.get(hostOf(value))! > MAX_PORTS ? hostOf(value) : value))];
}

/** The flags of the runtime that grant exactly this. */
export function permissionFlags(needs: readonly Need[]): string[] {
  if (needs.some((need) => need.kind === "all")) return ["--allow-all"];
  return KINDS.flatMap((kind) => {
    const values = valuesOf(needs, kind);
    if (values === "all") return [`--allow-${kind}`];
    // A comma in a value is written twice.
    return values.length === 0 ? [] : [`--allow-${kind}=${values.map((v) => v.replaceAll(",", ",,")).join(",")}`];
  });
}

/** Flags as one line for a shell. */
export function shellLine(flags: readonly string[]): string {
  return flags.map((flag) => /^[\w@%+=:,./-]*$/.test(flag) ? flag : `'${flag.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** What threads may: nothing but this. */
export function threadPermissions(needs: readonly Need[]): Deno.PermissionOptionsObject {
  const theirs = needs.filter((need) => need.threads);
  const of = (kind: PermissionKind) => {
    const values = valuesOf(theirs, kind);
    return values === "all" ? true : values.length === 0 ? false : values;
  };
  return {
    net: of("net"),
    read: of("read"),
    write: of("write"),
    env: of("env"),
    sys: of("sys"),
    run: false,
    ffi: of("ffi"),
  };
}

/** For the operator: what threads may, and why all of the network where they may have it. */
export function describeThreads(needs: readonly Need[]): string {
  const theirs = needs.filter((need) => need.threads);
  const flags = permissionFlags(theirs).map((flag) => flag.slice("--allow-".length));
  const whole = theirs.find((need) => need.kind === "net" && need.value === "");
  const reason = whole === undefined ? "" : ` (all of net because of ${whole.why})`;
  return flags.length === 0 ? "nothing" : `${flags.join(", ")}${reason}`;
}

/** Whether this process may. */
export function isGranted({ kind, value }: Need): boolean {
  if (kind === "all") return mayEverything();
  const all = value === "";
  const descriptor = {
    name: kind,
    ...(all
      ? {}
      : kind === "net"
      ? { host: value }
      : kind === "env"
      ? { variable: value }
      : kind === "sys"
      ? { kind: value }
      : kind === "run"
      ? { command: value }
      : { path: value }),
  } as Deno.PermissionDescriptor;
  try {
    const { state, partial } = Deno.permissions.querySync(descriptor);
    return state === "granted" && !(all && partial);
  } catch {
    // A form that the runtime does not take, and that needs the whole kind.
    return Deno.permissions.querySync({ name: kind }).state === "granted";
  }
}

/** What is not granted, as messages: each with the statement that needs it and the flag that gives it. */
export function missingPermissions(needs: readonly Need[], granted: (need: Need) => boolean): Diagnostic[] {
  const seen = new Set<string>();
  return needs.filter((need) => !granted(need)).flatMap((need): Diagnostic[] => {
    const [flag] = permissionFlags([need]);
    if (seen.has(flag)) return [];
    seen.add(flag);
    const text = `missing permission ${shellLine([flag])}: it is needed for ${need.why}.`;
    return [{ level: "ALERT", at: need.at, text }];
  });
}

/** For another process of this program: flags for the needs, or for everything when this one may everything. */
export function inheritedFlags(needs: readonly Need[]): string[] {
  return mayEverything() ? ["--allow-all"] : permissionFlags(needs);
}

function mayEverything(): boolean {
  return KINDS.every((kind) => isGranted({ kind, value: "", why: "", at: null, threads: false }));
}

/** Gives up every kind of which nothing is needed: it stays so until the process ends. */
export function giveUpAllBut(needs: readonly Need[]): void {
  for (const name of KINDS) if (!needs.some((need) => need.kind === name)) giveUp(name, needs);
}

/** Gives up a kind; not when something needs everything, which would be lost with any part of it. */
export function giveUp(name: (typeof KINDS)[number], needs: readonly Need[]): void {
  if (!needs.some((need) => need.kind === "all")) Deno.permissions.revokeSync({ name });
}
