import { assertEquals } from "@std/assert";
import { normalize, NORMALIZER_PARTS } from "./normalizers.ts";
import type { NormalizerName } from "./normalizers.ts";
import { targetPart, withPart } from "../target.ts";

const ROWS: Readonly<Record<NormalizerName, string>> = {
  "fragment-encode": "HTTP-10",
  "fragment-strip": "HTTP-11",
  "path-merge-slashes": "HTTP-12",
  "path-strip-dot": "HTTP-13",
  "path-strip-dotdot": "HTTP-14",
  "percent-decode-unreserved": "HTTP-15",
  "percent-to-uppercase": "HTTP-16",
  "query-sort-by-name": "HTTP-17",
};

/** Cases as the packaged HAProxy answered them: normalizer, target received, target sent on or status. */
const CASES = Deno.readTextFileSync(new URL("../../../tests/spec/rules/normalize_uri.txt", import.meta.url))
  .split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split("\t"));

for (const [name, row] of Object.entries(ROWS) as [NormalizerName, string][]) {
  Deno.test(`${row} normalize-uri ${name} gives HAProxy's targets`, () => {
    let seen = 0;
    for (const [words, target, expected] of CASES) {
      if (words.split(" ")[0] !== name) continue;
      seen++;
      const part = targetPart(target, NORMALIZER_PARTS[name]);
      const normal = part === null ? "" : normalize(name, part, words.includes(" "));
      const result = part === null
        ? target
        : normal === null
        ? "400"
        : withPart(target, NORMALIZER_PARTS[name], normal);
      assertEquals(result, expected, `${words} ${target}`);
    }
    assertEquals(seen >= 40, true);
  });
}
