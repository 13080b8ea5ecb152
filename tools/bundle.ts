// `deno task bundle [output]`: the program and its runtime in one executable file, for where `deno compile` cannot get what
// it needs. The file is tools/stub.sh with a tar.gz behind it. The same sources and runtime give the same bytes.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const ROOT = new URL("../", import.meta.url);
const BLOCK = 512;

/** A file of the archive. */
export interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** A tar archive (ustar) without anything of who made it, and when. */
export function tar(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;
  const size = entries.reduce((sum, { bytes }) => sum + BLOCK + padded(bytes.length), 2 * BLOCK);
  const archive = new Uint8Array(size);
  let at = 0;
  for (const { name, mode, bytes } of entries) {
    const header = archive.subarray(at, at + BLOCK);
    const put = (text: string, from: number) => header.set(new TextEncoder().encode(text), from);
    const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0") + "\0";
    put(name, 0);
    put(octal(mode, 7), 100);
    put(octal(0, 7), 108);
    put(octal(0, 7), 116);
    put(octal(bytes.length, 11), 124);
    put(octal(0, 11), 136);
    put("        ", 148);
    put("0", 156);
    put("ustar\0" + "00", 257);
    put(octal(header.reduce((sum, byte) => sum + byte, 0), 6) + " ", 148);
    archive.set(bytes, at + BLOCK);
    at += BLOCK + padded(bytes.length);
  }
  return archive;
}

/** The executable: `stub` with its places filled in, and the archive. */
export function executable(
  stub: string,
  version: string,
  entries: readonly Entry[],
  level = 6,
): Uint8Array<ArrayBuffer> {
  const payload = gzipSync(tar(entries), { level });
  const hash = createHash("sha256").update(payload).digest("hex").slice(0, 20);
  const lines = stub.split("\n").length;
  const script = new TextEncoder().encode(
    stub.replaceAll("@VERSION@", version).replaceAll("@HASH@", hash).replaceAll("@LINES@", String(lines)),
  );
  const whole = new Uint8Array(script.length + payload.length);
  whole.set(script);
  whole.set(payload, script.length);
  return whole;
}

/** All modules of the program in one, also those that are loaded when they are first needed. */
export async function bundleProgram(): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "main.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`deno bundle: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

/** Builds the executable into a file. */
export async function build(output: string, level?: number): Promise<void> {
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT))) as { version: string };
  const stub = Deno.readTextFileSync(new URL("tools/stub.sh", ROOT));
  const runtime: Entry = { name: "deno", mode: 0o755, bytes: Deno.readFileSync(Deno.execPath()) };
  const program: Entry = { name: "app.js", mode: 0o644, bytes: await bundleProgram() };
  const temporary = `${output}.tmp`;
  Deno.writeFileSync(temporary, executable(stub, version, [runtime, program], level), { mode: 0o755 });
  Deno.renameSync(temporary, output);
}

if (import.meta.main) {
  const output = Deno.args[0] ?? new URL("dist/sluice", ROOT).pathname;
  Deno.mkdirSync(output.replace(/[^/]*$/, "") || ".", { recursive: true });
  await build(output);
  console.log(`${output}: ${(Deno.statSync(output).size / 1e6).toFixed(1)} MB`);
}
