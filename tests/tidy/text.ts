// What documents may not say, and which names tests mention.

/** A text file with its path from the project's root. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Folders of one machine, and registries reached from it. A manual's own examples (/etc, /var/run) are fine. */
const MACHINE =
  /(?<![\w.~-])\/(?:work|root|home\/\w+|Users\/\w+|tmp\/\w*jobs)(?:\/|\b)|\bregistry\.[\w-]+\.\w+|\bhttps?:\/\/(?!127\.|localhost)[\w.-]*(?:proxy|mirror|registry)[\w.-]*[:/]/g;

/** Paths and hosts of one machine in documents. */
export function machinePaths(files: readonly TextFile[]): string[] {
  const out: string[] = [];
  for (const f of files) {
    f.text.split("\n").forEach((line, i) => {
      for (const m of line.matchAll(MACHINE)) out.push(`${f.path}:${i + 1}: "${m[0]}"`);
    });
  }
  return out;
}

/** An entry as far as this check needs it. */
export interface NamedEntry {
  readonly kind: string;
  readonly name: string;
}

/** Built entries that no test and no golden file mentions. */
export function unmentionedEntries(entries: readonly NamedEntry[], tests: readonly TextFile[]): string[] {
  const all = tests.map((t) => t.text).join("\n");
  const words = new Set(all.match(/[\w.:*+-]+/g) ?? []);
  // "timeout client" may be spelt over more blanks; names of several words are searched as such.
  const flat = all.replace(/[ \t]+/g, " ");
  const mentioned = ({ kind, name }: NamedEntry): boolean => {
    if (kind === "logformat") return new RegExp(`%(?:\\{[^}]*\\})?${escape(name)}(?!\\w)`).test(all);
    if (name.includes(" ")) return new RegExp(`(?<![\\w-])${escape(name)}(?![\\w-])`).test(flat);
    if (kind === "fetch" || kind === "converter") return new RegExp(`(?<![\\w.-])${escape(name)}(?![\\w.])`).test(all);
    return words.has(name) || new RegExp(`(?<![\\w-])${escape(name)}(?![\\w-])`).test(all);
  };
  return entries.filter((e) => !mentioned(e)).map((e) => `${e.kind} "${e.name}"`);
}

function escape(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
