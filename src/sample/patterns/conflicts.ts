// What pattern lists of a model contradict each other in: a file cannot have one column for some and two for others, and a
// number (-u) names one list. Found when everything is parsed, as what contradicts may stand anywhere.
import { type Diagnostic, eachObject, type Location, type Model } from "../../config/mod.ts";
import type { AclTest, ConverterNode } from "../types.ts";

/** Names of the converters whose first argument is a map. */
const MAP = /^map(?:_|$)/;

export function listConflicts(model: Model): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<object>();
  /** Whether a file has two columns. */
  const columns = new Map<string, boolean>();
  const ids = new Set<number>();
  const use = (name: string, two: boolean, at: Location) => {
    const known = columns.get(name);
    if (known === undefined) columns.set(name, two);
    if (known === undefined || known === two || name.startsWith("virt@")) return;
    const [already, wanted] = known ? ["two", "one"] : ["one", "two"];
    const text =
      `The file "${name}" is already used as ${already} column file and cannot be used by as ${wanted} column file.`;
    diagnostics.push({ level: "ALERT", at, text });
  };
  for (const { nodes } of model.sections) {
    for (const { value, at } of nodes) {
      eachObject(value, (object) => {
        if (seen.has(object)) return;
        seen.add(object);
        const { lists, patterns, id } = object as Partial<AclTest>;
        if (lists !== undefined && patterns !== undefined) {
          for (const { name, map } of lists) use(name, map, at);
          if (id === undefined || id < 0) return;
          if (ids.has(id)) {
            diagnostics.push({ level: "ALERT", at, text: `the id ${id} of an ACL's patterns is already used.` });
          }
          ids.add(id);
          return;
        }
        const { name, args } = object as Partial<ConverterNode>;
        if (typeof name !== "string" || !MAP.test(name) || !Array.isArray(args)) return;
        if (typeof args[0] === "string") use(args[0], true, at);
      });
    }
  }
  return diagnostics;
}
