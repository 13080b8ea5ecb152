// `deno task clean`: removes what building, testing and measuring leave behind, and nothing else.
const ROOT = new URL("../", import.meta.url);

/** Folders of generated files, as .gitignore names them. */
export const GENERATED = ["dist", "coverage", ".cache", "node_modules"] as const;

/** Removes the generated folders below a folder; which ones there were. */
export function clean(root: URL): string[] {
  return GENERATED.filter((name) => {
    try {
      Deno.removeSync(new URL(`${name}/`, root), { recursive: true });
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  });
}

if (import.meta.main) {
  const removed = clean(ROOT);
  console.log(removed.length === 0 ? "nothing to clean" : `removed ${removed.join(", ")}`);
}
