// Keywords of the global section that act on the parser itself, from the next line on: its environment, where relative
// paths start, and the gates (configuration.txt 3.1).
import type { Cursor, PathPolicy } from "./cursor.ts";
import type { Entry, Gate, KeywordEntry } from "./entry.ts";

const PATH_POLICIES: readonly PathPolicy[] = ["current", "config", "parent", "origin"];

function keyword<N>(name: string, doc: string, parse: (cursor: Cursor) => N): KeywordEntry<N> {
  return { kind: "keyword", name, manual: "3.1", doc, sections: ["global"], parse };
}

function assignment(name: string, doc: string, overwrite: boolean): KeywordEntry {
  return keyword(name, doc, (cursor) => {
    const { environment } = cursor.context.state;
    const variable = cursor.take("a name and a value");
    const value = cursor.take("a name and a value");
    if (!/^[^=]+$/.test(variable)) cursor.fail(`'${name}' : '${variable}' is not a variable name.`, cursor.place(1));
    cursor.end();
    if (overwrite || !environment.has(variable)) environment.set(variable, value);
    return { name: variable, value };
  });
}

function gate(name: string, opens: Gate): KeywordEntry {
  return keyword(name, `Allows directives marked as ${opens}.`, (cursor) => {
    cursor.end();
    cursor.context.state.gates.add(opens);
    return true;
  });
}

/** The entries of this folder. */
export const configEntries: readonly Entry[] = [
  assignment("setenv", "Sets an environment variable.", true),
  assignment("presetenv", "Sets an environment variable unless it exists.", false),
  keyword("unsetenv", "Removes environment variables.", (cursor) => {
    if (cursor.done) cursor.fail("'unsetenv' expects at least one variable name.");
    const names = cursor.rest();
    for (const name of names) cursor.context.state.environment.delete(name);
    return names;
  }),
  keyword("resetenv", "Removes all environment variables but the ones named.", (cursor) => {
    const kept = cursor.rest();
    cursor.context.state.environment.reset(kept);
    return kept;
  }),
  keyword("default-path", "Chooses where relative paths of files start.", (cursor) => {
    const policy = cursor.oneOf("'current', 'config', 'parent' or 'origin <path>'", PATH_POLICIES);
    const origin = policy === "origin" ? cursor.take("the path of 'origin'") : "";
    cursor.end();
    cursor.context.state.pathPolicy = policy;
    cursor.context.state.pathOrigin = origin;
    return { policy, origin };
  }),
  gate("expose-experimental-directives", "experimental"),
  gate("expose-deprecated-directives", "deprecated"),
];
