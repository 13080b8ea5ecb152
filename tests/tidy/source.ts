// Reads TypeScript just well enough to judge it: comments and literals are blanked out, imports and exports are listed.
// Not a parser: it relies on formatted source (`deno fmt`), where statements of a module begin in column 1.

/** A source file as the checks see it. */
export interface Source {
  /** Path from the project's root, e.g. "src/base/ring.ts". */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the contents of strings and regular expressions blanked; same length, same lines. */
  readonly code: string;
  readonly imports: readonly Import[];
  readonly exports: readonly string[];
}

export interface Import {
  /** Path from the project's root of a relative specifier, else the specifier itself ("node:net", "@std/assert"). */
  readonly target: string;
  /** Only types: nothing is left of it at run time. */
  readonly typeOnly: boolean;
  /** `export … from`. */
  readonly reexport: boolean;
  /** Names in the target; ["*"] for all of them. */
  readonly names: readonly string[];
  readonly line: number;
}

/** Builds a Source from a path and its text. */
export function source(path: string, text: string): Source {
  const code = mask(text);
  return { path, text, code, imports: importsOf(path, text, code), exports: exportsOf(code) };
}

/** The line, from 1, of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset; i = text.indexOf("\n", i + 1)) line++;
  return line;
}

const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|await|yield|else|do))\s*$/;

/** Blanks comments, strings, template texts and regular expressions; keeps their delimiters and all line ends. */
export function mask(text: string): string {
  const out: string[] = [];
  let done = 0;
  const blank = (from: number, to: number) => {
    out.push(text.slice(done, from), text.slice(from, to).replace(/[^\n]/g, " "));
    done = to;
  };
  // Open "${" of templates: the depth of braces at which each ends.
  const templates: number[] = [];
  let depth = 0;
  let i = 0;
  const endOfTemplateText = (from: number): number => {
    let at = from;
    while (at < text.length && text[at] !== "`" && !(text[at] === "$" && text[at + 1] === "{")) {
      at += text[at] === "\\" ? 2 : 1;
    }
    return Math.min(at, text.length);
  };
  const template = (from: number) => {
    const end = endOfTemplateText(from);
    blank(from, end);
    if (text[end] === "`") return end + 1;
    templates.push(depth++);
    return end + 2;
  };
  while (i < text.length) {
    const c = text[i];
    if (c === "/" && text[i + 1] === "/") {
      const end = text.indexOf("\n", i);
      const to = end < 0 ? text.length : end;
      blank(i, to);
      i = to;
    } else if (c === "/" && text[i + 1] === "*") {
      const end = text.indexOf("*/", i + 2);
      const to = end < 0 ? text.length : end + 2;
      blank(i, to);
      i = to;
    } else if (c === '"' || c === "'") {
      let end = i + 1;
      while (end < text.length && text[end] !== c && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
      blank(i + 1, Math.min(end, text.length));
      i = end + 1;
    } else if (c === "`") {
      i = template(i + 1);
    } else if (c === "/" && BEFORE_REGEX.test(text.slice(Math.max(0, i - 40), i))) {
      let end = i + 1;
      let inClass = false;
      while (end < text.length && text[end] !== "\n" && (inClass || text[end] !== "/")) {
        if (text[end] === "[") inClass = true;
        else if (text[end] === "]") inClass = false;
        end += text[end] === "\\" ? 2 : 1;
      }
      blank(i + 1, Math.min(end, text.length));
      i = end + 1;
    } else {
      if (c === "{") depth++;
      else if (c === "}") {
        depth--;
        if (templates.length > 0 && templates[templates.length - 1] === depth) {
          templates.pop();
          i = template(i + 1);
          continue;
        }
      }
      i++;
    }
  }
  out.push(text.slice(done));
  return out.join("");
}

/** Joins a relative specifier to the folder of the file that has it. */
function resolve(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const parts = path.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function importsOf(path: string, text: string, code: string): Import[] {
  const out: Import[] = [];
  const specifier = (quote: number): string => text.slice(quote + 1, text.indexOf(text[quote], quote + 1));
  const add = (start: number, quote: number, fields: Pick<Import, "typeOnly" | "reexport" | "names">) =>
    out.push({ target: resolve(path, specifier(quote)), line: lineOf(text, start), ...fields });
  for (const m of code.matchAll(/^(import|export)\s+(type\s+)?([\w$*\s{},]*?)\s*from\s*["']/gm)) {
    const quote = m.index + m[0].length - 1;
    const braces = /\{([^}]*)\}/.exec(m[3]);
    const items = (braces?.[1] ?? "").split(",").map((s) => s.trim()).filter((s) => s !== "");
    const names = items.map((s) => s.replace(/^type\s+/, "").split(/\s+as\s+/)[0].trim());
    const outside = m[3].replace(/\{[^}]*\}/, "");
    if (outside.includes("*")) names.push("*");
    else if (/[\w$]/.test(outside)) names.push("default");
    const typeOnly = m[2] !== undefined ||
      (items.length > 0 && !/[\w$*]/.test(outside) && items.every((s) => s.startsWith("type ")));
    add(m.index, quote, { typeOnly, reexport: m[1] === "export", names });
  }
  for (const m of code.matchAll(/^import\s*["']/gm)) {
    add(m.index, m.index + m[0].length - 1, { typeOnly: false, reexport: false, names: [] });
  }
  for (const m of code.matchAll(/\bimport\(\s*["']/g)) {
    add(m.index, m.index + m[0].length - 1, { typeOnly: false, reexport: false, names: ["*"] });
  }
  for (const m of code.matchAll(/\bnew URL\(\s*["']/g)) {
    // A module that is started, not a file that is read.
    if (specifier(m.index + m[0].length - 1).endsWith(".ts")) {
      add(m.index, m.index + m[0].length - 1, { typeOnly: true, reexport: false, names: [] });
    }
  }
  return out;
}

function exportsOf(code: string): string[] {
  const out: string[] = [];
  const declaration =
    /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|const|let|var|interface|type|enum|namespace)\s+([A-Za-z_$][\w$]*)/gm;
  for (const m of code.matchAll(declaration)) out.push(m[1]);
  for (const m of code.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}(?!\s*from)/gm)) {
    for (const item of m[1].split(",")) {
      const name = item.trim().replace(/^type\s+/, "").split(/\s+as\s+/).pop()!.trim();
      if (name !== "") out.push(name);
    }
  }
  if (/^export\s+default\b/m.test(code)) out.push("default");
  return out;
}
