// Loading without the machine that the configuration is for: files that are not here (certificates, maps, error files) are
// replaced by harmless ones, names are not asked for, and each of it is noticed.
import { latin1ToBytes } from "../../base/mod.ts";
import { type ConfigFs, fromByteString } from "../../config/mod.ts";
import type { Dns } from "../../sys/types.ts";
import { Statements } from "./statements.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A file system on which every file that the configuration wants exists. */
export class OfflineFs implements ConfigFs {
  readonly statements = new Statements();
  /** What was missing, one line each. */
  readonly notices: string[] = [];
  readonly #fs: ConfigFs;
  readonly #sources: readonly string[];

  /** `sources`: files and folders of -f, which must exist. */
  constructor(fs: ConfigFs, sources: readonly string[]) {
    this.#fs = fs;
    this.#sources = sources;
  }

  readFile(path: string): Bytes | string {
    const content = this.#fs.readFile(path);
    if (this.#isSource(path)) {
      if (typeof content !== "string") this.statements.add(path, content);
      return content;
    }
    return typeof content === "string" ? this.#standIn(path, content) : content;
  }

  readDir(path: string): string[] | string {
    const names = this.#fs.readDir(path);
    if (typeof names !== "string" || this.#sources.includes(path)) return names;
    this.#missing(path, names, "taken as empty");
    return [];
  }

  kind(path: string): ReturnType<ConfigFs["kind"]> {
    return this.#fs.kind(path);
  }

  /** What -f names, and "*.cfg" right below a folder of it. */
  #isSource(path: string): boolean {
    const folder = path.slice(0, path.lastIndexOf("/"));
    return this.#sources.includes(path) ||
      path.endsWith(".cfg") && this.#sources.some((source) => source.replace(/\/$/, "") === folder);
  }

  /** What takes the place of a file: a response where one is expected, a body where that is, else nothing at all. */
  #standIn(path: string, reason: string): Bytes {
    const text = this.statements.mentioning(path)?.text ?? "";
    const body = `[content of ${path}]\n`;
    if (/\berrorfile\b/.test(text)) {
      const status = /\berrorfile ([1-5]\d\d) |\bstatus ([2-5]\d\d)\b/.exec(text);
      this.#missing(path, reason, "a page that only names it takes its place");
      return latin1ToBytes(`HTTP/1.1 ${status?.[1] ?? status?.[2] ?? 503} Stand-in\r\n\r\n${body}`);
    }
    if (/ (lf-)?file /.test(text)) {
      this.#missing(path, reason, "a text that only names it takes its place");
      return latin1ToBytes(body);
    }
    this.#missing(path, reason, "taken as empty");
    return latin1ToBytes("");
  }

  #missing(path: string, reason: string, instead: string): void {
    const place = this.statements.mentioning(path)?.at;
    const where = place === undefined ? "" : `${place.file}:${place.line}: `;
    this.notices.push(`${where}${fromByteString(path)}: ${reason}; ${instead}`);
  }
}

/** Stands for every name's address: addresses for documentation, one for each name. The local host is the local host. */
export class OfflineDns implements Dns {
  /** Names by the address that stands for them. */
  readonly names = new Map<string, string>();
  readonly #known = new Map<string, string>();

  lookup(name: string, family: "ipv4" | "ipv6" | "any"): Promise<string[]> {
    if (name.toLowerCase() === "localhost") return Promise.resolve([family === "ipv6" ? "::1" : "127.0.0.1"]);
    const key = `${family === "ipv6"} ${name.toLowerCase()}`;
    let address = this.#known.get(key);
    if (address === undefined) {
      const number = this.names.size + 1;
      address = family === "ipv6" ? `2001:db8:ffff::${number.toString(16)}` : `198.18.${number >> 8}.${number & 255}`;
      this.names.set(address, name);
      this.#known.set(key, address);
    }
    return Promise.resolve([address]);
  }
}
