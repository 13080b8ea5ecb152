// Runs the golden cases of tests/spec/config, see config_cases.ts.
import { assertEquals } from "@std/assert";
import { loadConfig, type LoadRequest, renderDiagnostics } from "../../src/config/mod.ts";
import { type Case, parseCases, show } from "./config_cases.ts";
import { registries } from "./config_entries.ts";

const folder = new URL("./config/", import.meta.url);
const encoder = new TextEncoder();

/** Files of a case as a file system: paths are absolute, folders follow from them. */
function memoryFs(files: Readonly<Record<string, string>>): LoadRequest["fs"] {
  const normal = (path: string) => {
    const parts: string[] = [];
    for (const part of path.split("/")) {
      if (part === "..") parts.pop();
      else if (part !== "" && part !== ".") parts.push(part);
    }
    return `/${parts.join("/")}`;
  };
  const below = (path: string) => Object.keys(files).filter((name) => name.startsWith(`${normal(path)}/`));
  return {
    readFile: (path) => {
      const text = files[normal(path)];
      return text === undefined ? "No such file or directory" : encoder.encode(text);
    },
    readDir: (path) => [...new Set(below(path).map((name) => name.slice(normal(path).length + 1).split("/")[0]))],
    kind: (path) => files[normal(path)] !== undefined ? "file" : below(path).length > 0 ? "dir" : "absent",
  };
}

function load(c: Case) {
  return loadConfig({
    files: c.configs.map(({ name, text }) => name.endsWith("/") ? name : { name, text }),
    fs: memoryFs(c.files),
    registry: registries[c.registry],
    env: c.env,
    cwd: "/start",
    facts: { version: "3.2.0", features: ["OPENSSL", "LUA"], enabled: ["POLL"] },
    localPeer: "here",
  });
}

for (const entry of [...Deno.readDirSync(folder)].map((e) => e.name).sort()) {
  for (const c of parseCases(Deno.readTextFileSync(new URL(entry, folder)), entry)) {
    Deno.test(`${c.rows} ${c.title} (${entry})`, () => {
      const { model, diagnostics } = load(c);
      assertEquals(show(model, diagnostics), c.expect);
    });
    if (c.haproxy) {
      Deno.test({
        name: `${c.rows} ${c.title}, as the packaged haproxy (${entry})`,
        ignore: !installed("/usr/sbin/haproxy"),
        fn: () => assertEquals(messages(renderDiagnostics(load(c).diagnostics, RENDER)), packaged(c)),
      });
    }
  }
}

const RENDER = { pid: 1, diagnosticMode: false };

function installed(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The messages about lines, with level, line and text, in order; both spellings of the place are one. */
function messages(output: string): string[] {
  const found = output.matchAll(/^\[([A-Z]+)\] +\(\d+\) : config : parsing \[[^\]]*?(\d+)\] ?: (.*)$/gm);
  return [...found].map(([, level, line, text]) => `${level} ${line} ${text}`);
}

/** What the packaged haproxy says about the case. */
function packaged(c: Case): string[] {
  const path = Deno.makeTempFileSync({ suffix: ".cfg" });
  try {
    Deno.writeTextFileSync(path, c.configs[0].text);
    const command = new Deno.Command("/usr/sbin/haproxy", { args: ["-c", "-f", path], env: c.env });
    return messages(new TextDecoder("latin1").decode(command.outputSync().stderr));
  } finally {
    Deno.removeSync(path);
  }
}
