// The text of statements, from the lines of the configuration files: what the operator wrote, before environment variables
// are put in.
import { bytesToLatin1 } from "../../base/mod.ts";
import type { Location } from "../../config/mod.ts";

export class Statements {
  readonly #files = new Map<string, readonly string[]>();

  /** Takes a file of the configuration. */
  add(name: string, bytes: Uint8Array): void {
    this.#files.set(name, bytesToLatin1(bytes).split("\n").map(statementOf));
  }

  /** "" when there is no such line. */
  at(place: Location): string {
    return this.#files.get(place.file)?.[place.line - 1] ?? "";
  }

  /** The first statement with this word, or with a word that ends with it behind a slash; null when there is none. */
  mentioning(word: string): { readonly at: Location; readonly text: string } | null {
    for (const [file, lines] of this.#files) {
      for (let i = 0; i < lines.length; i++) {
        const words = lines[i].split(/[ ,()"]/);
        if (words.some((w) => w === word || w.endsWith(`/${word}`) || word.endsWith(`/${w}`) && w !== "")) {
          return { at: { file, line: i + 1, column: 0 }, text: lines[i] };
        }
      }
    }
    return null;
  }
}

/** A line without its comment, and with one space where it has several outside of quotes. */
function statementOf(line: string): string {
  let out = "";
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (c === "\\" && quote !== "'") {
      out += c + (line[++i] ?? "");
    } else if (quote !== "") {
      if (c === quote) quote = "";
      out += c;
    } else if (c === "#") {
      break;
    } else if (c === " " || c === "\t" || c === "\r") {
      if (!out.endsWith(" ")) out += " ";
    } else {
      if (c === "'" || c === '"') quote = c;
      out += c;
    }
  }
  return out.trim();
}
