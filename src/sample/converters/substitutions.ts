// Converters that put strings together: regsub and add_item (configuration.txt 7.3.1).
import { latin1Slice, latin1ToBytes, writeLatin1 } from "../../base/mod.ts";
import { setBytes } from "../casts.ts";
import { compileRegex } from "../regex/mod.ts";
import { replaceMatches, replacementProblem } from "../regex/replacement.ts";
import { type ConverterEntry, T_STR } from "../types.ts";
import { converter } from "./define.ts";
import { variableText } from "./strings.ts";

export const substitutionConverters: readonly ConverterEntry[] = [
  converter({
    name: "regsub",
    doc: "with the first match of a regex replaced, with flag g every one; cut to the size of a buffer",
    input: T_STR,
    out: T_STR,
    args: [{ type: "regex", name: "regex" }, { type: "str", name: "subst" }, {
      type: "str",
      name: "flags",
      optional: true,
    }],
    validate([, replacement, flags]) {
      const bad = /[^gi]/.exec(String(flags ?? ""));
      if (bad !== null) return `invalid regex flag '${bad[0]}', only 'i' and 'g' are supported`;
      return replacementProblem(String(replacement));
    },
    build([pattern, replacement, flags], env) {
      const given = String(flags ?? "");
      const regex = compileRegex(String(pattern), given.includes("i"));
      if (typeof regex === "string") throw new Error(regex);
      const all = given.includes("g");
      return (sample) => {
        const area = env.scratch();
        const text = latin1Slice(sample.bytes, sample.from, sample.to);
        const result = replaceMatches(regex, text, String(replacement), all, area.length);
        if (result === null) return false;
        setBytes(sample, T_STR, area, 0, writeLatin1(area, 0, result));
        return true;
      };
    },
  }),
  converter({
    name: "add_item",
    doc: "followed by a delimiter (unless nothing is before or behind it), a variable and a suffix",
    input: T_STR,
    out: T_STR,
    args: [
      { type: "str", name: "delim" },
      { type: "var", name: "var", optional: true },
      { type: "str", name: "suff", optional: true },
    ],
    validate([, name, suffix]) {
      return name === null && (suffix ?? "") === "" ? "one of the optional arguments has to be nonempty" : null;
    },
    build([delim, name, suffix], env) {
      const between = latin1ToBytes(String(delim));
      const after = latin1ToBytes(String(suffix ?? ""));
      const variable = name === null ? null : variableText(name, env);
      return (sample, txn) => {
        const item = variable === null ? null : variable(txn);
        const itemLength = item === null ? 0 : item.to - item.from;
        const before = sample.to - sample.from;
        const delimited = before > 0 && itemLength + after.length > 0 ? between.length : 0;
        const area = env.scratch();
        const length = before + delimited + itemLength + after.length;
        if (length > area.length) return false;
        let at = 0;
        for (let i = sample.from; i < sample.to; i++) area[at++] = sample.bytes[i];
        for (let i = 0; i < delimited; i++) area[at++] = between[i];
        if (item !== null) { for (let i = item.from; i < item.to; i++) area[at++] = item.bytes[i]; }
        area.set(after, at);
        setBytes(sample, T_STR, area, 0, length);
        return true;
      };
    },
  }),
];
