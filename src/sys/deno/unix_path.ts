// Unix socket paths: bound under a temporary name and renamed, so that a file left behind is replaced, a reload never
// loses the path, and the runtime, which unlinks the name it bound, leaves the file of a successor alone.
import type { ListenSpec } from "../types.ts";
import { reasonOf } from "./errors.ts";

/** Bytes of a path the kernel takes (sun_path with its final zero). */
const SUN_PATH = 108;

/** Whether a path names an abstract socket, which is no file. */
export function isAbstract(path: string): boolean {
  return path.charCodeAt(0) === 0;
}

/** Mode and owners of the file. */
export type PathRights = Pick<ListenSpec, "mode" | "uid" | "gid">;

/** Makes a listening socket at `path` by `bind`, which answers a reason or "". Answers a reason or "". */
export function bindUnixPath(path: string, rights: PathRights, bind: (path: string) => string): string {
  const length = new TextEncoder().encode(path).length;
  if (isAbstract(path)) return length > SUN_PATH ? "socket path too long" : bind(path);
  const temporary = `${path}.tmp`;
  if (new TextEncoder().encode(temporary).length >= SUN_PATH) return "socket path too long";
  try {
    if (exists(path) && !Deno.lstatSync(path).isSocket) return "the path exists and is not a socket";
    if (exists(temporary)) Deno.removeSync(temporary);
    const reason = bind(temporary);
    if (reason !== "") return reason;
    const { mode, uid = null, gid = null } = rights;
    if (uid !== null || gid !== null) Deno.chownSync(temporary, uid, gid);
    if (mode !== undefined) Deno.chmodSync(temporary, mode);
    Deno.renameSync(temporary, path);
    return "";
  } catch (error) {
    return reasonOf(error);
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
