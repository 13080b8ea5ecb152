// Files of the simulated world: a map from absolute path to content, shared by all threads.
//
// A folder exists because it was made or because a file lies below it. Paths are compared as they are written.
import type { Fs } from "../types.ts";

const ABSENT = "No such file or directory";
const IS_FOLDER = "Is a directory";

export class SimFs implements Fs {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #folders = new Set<string>(["/"]);

  /** Makes a folder and those above it. */
  mkdir(path: string): void {
    for (let at = path; at !== "" && !this.#folders.has(at); at = parent(at)) this.#folders.add(at);
  }

  /** Puts a file there, with the folders above it. */
  add(path: string, content: string | Uint8Array): void {
    this.mkdir(parent(path));
    this.#files.set(path, typeof content === "string" ? new TextEncoder().encode(content) : content.slice());
  }

  readFile(path: string): Uint8Array<ArrayBuffer> | string {
    if (this.#folders.has(path)) return IS_FOLDER;
    return this.#files.get(path)?.slice() ?? ABSENT;
  }

  readDir(path: string): string[] | string {
    if (!this.#folders.has(path)) return this.#files.has(path) ? "Not a directory" : ABSENT;
    const below = path === "/" ? "/" : path + "/";
    const names: string[] = [];
    for (const entry of [...this.#files.keys(), ...this.#folders]) {
      const name = entry.slice(below.length);
      if (entry.startsWith(below) && name !== "" && !name.includes("/")) names.push(name);
    }
    return names;
  }

  kind(path: string): "file" | "dir" | "other" | "absent" {
    if (this.#folders.has(path)) return "dir";
    return this.#files.has(path) ? "file" : "absent";
  }

  writeFile(path: string, bytes: Uint8Array): string {
    if (this.#folders.has(path)) return IS_FOLDER;
    if (!this.#folders.has(parent(path))) return ABSENT;
    this.#files.set(path, bytes.slice());
    return "";
  }

  remove(path: string): string {
    if (this.#folders.has(path)) return IS_FOLDER;
    return this.#files.delete(path) ? "" : ABSENT;
  }
}

function parent(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}
