// `deno task compile [target ...]`: the program as executables of `deno compile`, for this machine or for others. It takes
// the runtime of each target from dl.deno.land, or the file that DENORT_BIN names; `deno task bundle` needs neither.
const ROOT = new URL("../", import.meta.url);

/** What the runtime is published for. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
] as const;

/** The words of `deno compile` for a target; null: this machine. */
export function compileWords(target: string | null): string[] {
  const output = target === null ? "dist/sluice-compiled" : `dist/sluice-${target}`;
  const flags = ["--allow-all", "--no-prompt", "--unstable-net", "--unstable-worker-options", "--output", output];
  return ["compile", ...flags, ...(target === null ? [] : ["--target", target]), "main.ts"];
}

/** What is wrong with the targets asked for; "" when nothing is. */
export function unknownTargets(targets: readonly string[]): string {
  const unknown = targets.filter((target) => !(TARGETS as readonly string[]).includes(target));
  return unknown.length === 0 ? "" : `unknown target ${unknown.join(", ")}; known are ${TARGETS.join(", ")}, all`;
}

if (import.meta.main) {
  const asked = Deno.args.includes("all") ? [...TARGETS] : Deno.args;
  const wrong = unknownTargets(asked);
  if (wrong !== "") {
    console.error(wrong);
    Deno.exit(1);
  }
  for (const target of asked.length === 0 ? [null] : asked) {
    const { code } = await new Deno.Command(Deno.execPath(), { args: compileWords(target), cwd: ROOT }).spawn().status;
    if (code !== 0) {
      console.error(
        "deno compile failed. Where dl.deno.land cannot be reached, 'deno task bundle' makes one file as well.",
      );
      Deno.exit(code);
    }
  }
}
