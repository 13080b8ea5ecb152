// Files that a configuration refers to. Relative paths start where default-path says; what is read goes into the model
// under the path as written, which is also the name that the runtime API uses for it.
import type { Fs } from "../sys/types.ts";
import type { FileRef, ParserState } from "./cursor.ts";
import { fromByteString } from "./text.ts";

/** What the loader needs of the file system. */
export type ConfigFs = Pick<Fs, "readFile" | "readDir" | "kind">;

export class FileStore {
  /** Becomes `Model.files`. */
  readonly files: Record<string, Uint8Array<ArrayBuffer>> = Object.create(null);
  readonly #fs: ConfigFs;
  readonly #cwd: string;
  /** Where each file was found, by its key. */
  readonly #paths = new Map<string, string>();

  constructor(fs: ConfigFs, cwd: string) {
    this.#fs = fs;
    this.#cwd = cwd;
  }

  /**
   * Reads a file into the model. `source` is the configuration file that asks. Two files of the same written name (in
   * the directories of two sources) are told apart: the second one's key is its whole path.
   */
  load(path: string, optional: boolean, source: string, state: ParserState): FileRef | string {
    const found = this.resolve(path, source, state);
    const other = this.#paths.get(path);
    const key = other === undefined || other === found ? path : found;
    const known = this.files[key];
    if (known !== undefined) return { key, bytes: known };
    if (optional && this.#fs.kind(found) === "absent") return { key, bytes: null };
    const bytes = this.#fs.readFile(found);
    if (typeof bytes === "string") return bytes;
    this.files[key] = bytes;
    this.#paths.set(key, found);
    return { key, bytes };
  }

  /** The path to open for a path as written. */
  resolve(path: string, source: string, state: ParserState): string {
    const text = fromByteString(path);
    return text.startsWith("/") ? text : join(this.#cwd, join(this.#base(source, state), text));
  }

  #base(source: string, state: ParserState): string {
    const directory = source.slice(0, source.lastIndexOf("/") + 1);
    switch (state.pathPolicy) {
      case "config":
        return directory;
      case "parent":
        return `${directory}..`;
      case "origin":
        return state.pathOrigin;
      case "current":
        return "";
    }
  }

  kindOf(path: string, source: string, state: ParserState): ReturnType<ConfigFs["kind"]> {
    return this.#fs.kind(this.resolve(path, source, state));
  }

  list(path: string, source: string, state: ParserState): string[] | string {
    const names = this.#fs.readDir(this.resolve(path, source, state));
    return typeof names === "string" ? names : [...names].sort(byCodeUnits);
  }
}

/** Puts a relative path behind a directory; an empty directory is where the process is. */
function join(directory: string, path: string): string {
  if (path.startsWith("/") || directory === "") return path;
  return directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}

/** The order of the C locale. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A configuration file: its name as messages show it, and its bytes. */
export interface Source {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A configuration given as text instead of a file. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** Finds and reads the files of `-f`: of a folder its "*.cfg" that are not hidden, in the order of the C locale. */
export function readSources(
  files: readonly (string | SourceText)[],
  fs: ConfigFs,
  cwd: string,
  refuse: (text: string) => void,
): Source[] {
  const out: Source[] = [];
  const read = (name: string) => {
    const bytes = fs.readFile(join(cwd, name));
    if (typeof bytes === "string") refuse(`Cannot open configuration file/directory ${name} : ${bytes}`);
    else out.push({ name, bytes });
  };
  for (const file of files) {
    if (typeof file !== "string") {
      out.push({ name: file.name, bytes: new TextEncoder().encode(file.text) });
      continue;
    }
    if (fs.kind(join(cwd, file)) !== "dir") {
      read(file);
      continue;
    }
    const names = fs.readDir(join(cwd, file));
    if (typeof names === "string") {
      refuse(`Cannot open configuration file/directory ${file} : ${names}`);
      continue;
    }
    for (const name of [...names].sort(byCodeUnits)) {
      if (name.startsWith(".") || !name.endsWith(".cfg")) continue;
      const path = join(file, name);
      if (fs.kind(join(cwd, path)) === "file") read(path);
    }
  }
  return out;
}
