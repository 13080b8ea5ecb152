// What keeps `src/` deterministic and its modules free of state: globals that do I/O or ask the world, variables of
// modules, size of files.
import { isTest } from "./layers.ts";
import { lineOf, type Source } from "./source.ts";

/** Where the outside world may be touched; everything else gets it through `Sys`. */
const WORLD = ["src/sys/deno/", "src/sys/epoll/", "src/app/", "src/base/runtime.ts"];

/** What touches it: system calls, timers, clocks, randomness, output. */
const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ["Deno", /(?<![\w$.])Deno\s*\./g],
  ["a timer", /(?<![\w$.])(?:setTimeout|setInterval|setImmediate|clearTimeout|clearInterval)\b(?!\s*\(\s*\w+\??\s*:)/g],
  ["Date.now", /(?<![\w$.])Date\s*\.\s*now\b/g],
  ["new Date()", /\bnew\s+Date\s*(?:\(\s*\)|(?=[;,)]))/g],
  ["performance", /(?<![\w$.])performance\s*\./g],
  ["Math.random", /\bMath\s*\.\s*random\b/g],
  ["crypto", /(?<![\w$.])crypto\s*\./g],
  ["console", /(?<![\w$.])console\s*\./g],
  [
    "process",
    /(?<![\w$.#])process\s*\.\s*(?:binding|exit|env|argv|on|nextTick|hrtime|memoryUsage|cwd|pid|stdout|stderr|kill)\b/g,
  ],
  ["fetch", /(?<![\w$.])fetch\s*\(\s*["'`]/g],
  ["Worker", /\bnew\s+Worker\b/g],
  ["globalThis", /(?<![\w$.])globalThis\b/g],
];

/** Uses of forbidden globals and built-in modules, one line each. */
export function forbiddenGlobals(sources: readonly Source[]): string[] {
  const out: string[] = [];
  for (const s of sources) {
    if (isTest(s.path) || !s.path.startsWith("src/") || WORLD.some((w) => s.path.startsWith(w))) continue;
    for (const [what, pattern] of FORBIDDEN) {
      for (const m of s.code.matchAll(pattern)) out.push(`${s.path}:${lineOf(s.code, m.index)}: ${what}`);
    }
    for (const i of s.imports) {
      // A built-in's types alone do nothing.
      if (i.target.startsWith("node:") && !i.typeOnly) out.push(`${s.path}:${i.line}: ${i.target}`);
    }
  }
  return out;
}

/** The one buffer that lives as long as its isolate: what native handles read into. */
const READ_BUFFER = /^src\/sys\/deno\//;

const CONTAINER = /^(?:new\s+(?:Map|Set|WeakMap|WeakSet|Array|\w*Array)\b|\[|\{|Array\b)/;
/** Classes of the language whose instances hold no state that matters, or that CONTAINER judges. */
const BUILTIN =
  /^new\s+(?:Map|Set|WeakMap|WeakSet|Array|\w*Array|ArrayBuffer|TextEncoder|TextDecoder|RegExp|Error|DataView|Intl\.\w+|URL|Function)\b/;

/** State at the top level of modules of src: variables, and constants that functions change. */
export function moduleState(sources: readonly Source[]): string[] {
  const out: string[] = [];
  for (const s of sources) {
    if (isTest(s.path) || !s.path.startsWith("src/") || READ_BUFFER.test(s.path)) continue;
    const code = s.code;
    for (const m of code.matchAll(/^(?:export\s+)?(?:let|var)\s+(\w+)/gm)) {
      out.push(`${s.path}:${lineOf(code, m.index)}: variable ${m[1]} of the module`);
    }
    for (
      const m of code.matchAll(
        /^\s+(?:(?:private|protected|public)\s+)?static\s+(?!readonly\b|async\b|\{|get\b)#?(\w+)\s*[:=;]/gm,
      )
    ) {
      out.push(`${s.path}:${lineOf(code, m.index)}: static field ${m[1]} that is not readonly`);
    }
    const functions = functionTexts(code);
    for (const m of code.matchAll(/^(?:export\s+)?const\s+(\w+)\s*(?::[^=]*?(?:=>[^=]*?)*)?=\s*(?=\S)/gm)) {
      const name = m[1];
      const value = code.slice(m.index + m[0].length, m.index + m[0].length + 60);
      if (/^new\s/.test(value) && !BUILTIN.test(value) && !immutable(/^new\s+(\w+)/.exec(value)?.[1] ?? "", sources)) {
        out.push(`${s.path}:${lineOf(code, m.index)}: ${name} is an object of a class, shared by all of this isolate`);
      }
      if (!CONTAINER.test(value)) continue;
      for (const f of functions) {
        if (changes(f.text, name)) {
          out.push(`${s.path}:${lineOf(code, f.from)}: a function changes ${name} of the module`);
        }
      }
    }
  }
  return out;
}

/** Whether the project's class of that name has only readonly fields. */
function immutable(name: string, sources: readonly Source[]): boolean {
  for (const { code } of sources) {
    const start = new RegExp(`^(?:export )?class ${name}\\b`, "m").exec(code)?.index;
    if (start === undefined) continue;
    const end = code.indexOf("\n}", start);
    const fields = code.slice(start, end).match(/^ {2}(?! )[^(\n]*?[:=;]/gm) ?? [];
    return fields.every((f) => /\breadonly\b/.test(f));
  }
  return false;
}

/** The top-level declarations whose bodies run later than the module: functions, classes, arrow functions. */
function functionTexts(code: string): { from: number; text: string }[] {
  const starts = [...code.matchAll(/^\S/gm)].map((m) => m.index);
  const out: { from: number; text: string }[] = [];
  for (let i = 0; i < starts.length; i++) {
    const text = code.slice(starts[i], starts[i + 1] ?? code.length);
    // A declaration goes on to the next line that begins in column 1, its own closing brace apart.
    const later = /^(?:export\s+)?(?:default\s+)?(?:abstract\s+)?(?:async\s+)?(?:function|class)\b/.test(text) ||
      /^(?:export\s+)?const\s+[^\n]*=\s*(?:async\s*)?(?:<[^>]*>\s*)?\([^\n]*=>/.test(text);
    if (later) out.push({ from: starts[i], text });
  }
  return out;
}

/** Whether the text changes what `name` holds, unless it declares a `name` of its own. */
function changes(text: string, name: string): boolean {
  if (new RegExp(`\\b(?:const|let|var)\\s+${name}\\b|[(,]\\s*${name}\\s*[:,)]`).test(text)) {
    if (new RegExp(`\\b(?:const|let|var)\\s+${name}\\b|[(,]\\s*${name}\\s*:`).test(text)) return false;
  }
  const methods = "set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin";
  const call = new RegExp(`(?<![\\w$.])${name}\\s*\\.\\s*(?:${methods})\\s*\\(`);
  const assign = new RegExp(
    `(?<![\\w$.])${name}(?:\\[[^\\]]*\\]|\\.\\w+)+\\s*(?:\\+\\+|--|(?:[-+*/|&^%]|\\?\\?|<<|>>>?|\\|\\||&&)?=(?![=>]))|(?:\\+\\+|--)${name}[[.]`,
  );
  return call.test(text) || assign.test(text);
}

/** Lines a file may have. */
const MAX_LINES = 800;

/** Files too long to be one thing. Generated data says so in its first line. */
export function longFiles(sources: readonly Source[]): string[] {
  const out: string[] = [];
  for (const s of sources) {
    const lines = s.text.split("\n").length - 1;
    if (lines > MAX_LINES && !/^\/\/ Generated\b/.test(s.text)) out.push(`${s.path}: ${lines} lines`);
  }
  return out;
}

/** Files that do not open with a comment that says what they are. */
export function missingHeaders(sources: readonly Source[]): string[] {
  return sources
    .filter((s) => !s.path.endsWith("/mod.ts") && !s.path.endsWith("_test.ts"))
    .filter((s) => !/^(?:#!.*\n)?(?:\/\/|\/\*)/.test(s.text))
    .map((s) => `${s.path}: no header comment`);
}
