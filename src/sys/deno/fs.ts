// Files: whole, synchronous, a fault is a reason.
import type { Fs } from "../types.ts";
import { reasonOf } from "./errors.ts";

export class DenoFs implements Fs {
  readFile(path: string): Uint8Array<ArrayBuffer> | string {
    try {
      return Deno.readFileSync(path);
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
