// What the runtime's errors and the kernel's numbers mean: a short reason for the operator, or a code of an operation.
import { IO_DENIED, IO_NO_DESCRIPTOR, IO_REFUSED, IO_RESET, IO_UNREACHABLE } from "../types.ts";

/** Linux error numbers that are told apart, as the native handles give them (negative). */
const EACCES = -13;
export const EADDRINUSE = -98;
export const EINVAL = -22;
const EPERM = -1;
const ENOENT = -2;
const ENFILE = -23;
const EMFILE = -24;
const ECONNREFUSED = -111;

/** One line without the runtime's decoration: "Address already in use", "No such file or directory". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Deno.errors.NotCapable) return missingPermission(error.message);
  const end = error.message.indexOf(" (os error");
  return end < 0 ? error.message : error.message.slice(0, end);
}

/** 'Requires net access to "127.0.0.1:80", run again with …' as "missing permission: net access to "127.0.0.1:80"". */
function missingPermission(message: string): string {
  const what = /^Requires (.*?), /.exec(message);
  return `missing permission: ${what === null ? message : what[1]}`;
}

/** The code of a failed connect() or accept(). */
export function connectCode(error: unknown): number {
  if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) return IO_DENIED;
  const number = error instanceof Error ? osError(error) : 0;
  return number === 0 ? IO_UNREACHABLE : connectCodeOf(number);
}

/** As connectCode(), of a negative error number. */
export function connectCodeOf(number: number): number {
  switch (number) {
    case ECONNREFUSED:
    case ENOENT:
      return IO_REFUSED;
    case EPERM:
    case EACCES:
      return IO_DENIED;
    case EMFILE:
    case ENFILE:
      return IO_NO_DESCRIPTOR;
    default:
      return IO_UNREACHABLE;
  }
}

/** The code of a failed accept(). */
export function acceptCode(error: unknown): number {
  const number = error instanceof Error ? osError(error) : 0;
  return number === EMFILE || number === ENFILE ? IO_NO_DESCRIPTOR : IO_RESET;
}

/** The negative number of an error of the system, or 0. */
function osError(error: Error): number {
  const match = /\(os error (\d+)\)/.exec(error.message);
  return match === null ? 0 : -Number(match[1]);
}
