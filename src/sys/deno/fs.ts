// Files: whole, synchronous, a fault is a reason.
import type { Fs } from "../types.ts";
import { reasonOf } from "./errors.ts";

const STANDARD_INPUT: readonly string[] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

export class DenoFs implements Fs {
  /** What standard input held: it can be read once, and is asked for again by a reload and by a start in the background. */
  standardInput: Uint8Array<ArrayBuffer> | null = null;

  readFile(path: string): Uint8Array<ArrayBuffer> | string {
    const isInput = STANDARD_INPUT.includes(path);
    if (isInput && this.standardInput !== null) return this.standardInput;
    try {
      const bytes = Deno.readFileSync(path);
      if (isInput) this.standardInput = bytes;
      return bytes;
    } catch (error) {
      return reasonOf(error);
    }
  }

  readDir(path: string): string[] | string {
    try {
      return Array.from(Deno.readDirSync(path), (entry) => entry.name);
    } catch (error) {
      return reasonOf(error);
    }
  }

  kind(path: string): "file" | "dir" | "other" | "absent" {
    try {
      const { isFile, isDirectory } = Deno.statSync(path);
      return isFile ? "file" : isDirectory ? "dir" : "other";
    } catch {
      return "absent";
    }
  }

  writeFile(path: string, bytes: Uint8Array): string {
    const temporary = `${path}.tmp`;
    try {
      Deno.writeFileSync(temporary, bytes);
      Deno.renameSync(temporary, path);
      return "";
    } catch (error) {
      this.remove(temporary);
      return reasonOf(error);
    }
  }

  remove(path: string): string {
    try {
      Deno.removeSync(path);
      return "";
    } catch (error) {
      return reasonOf(error);
    }
  }
}
