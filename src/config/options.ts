// Options of a bind, server or default-server line: words that are entries of their own, each with arguments.
import type { Cursor } from "./cursor.ts";
import type { Gate, OptionEntry, OptionNode } from "./entry.ts";
import { didYouMean } from "./suggest.ts";

/**
 * Reads options up to the end of the statement. `line` opens the messages: "bind :8000" or "server app/s1".
 */
export function parseOptions(cursor: Cursor, kind: "bind" | "server", line: string): OptionNode[] {
  const { registry, section } = cursor.context;
  const where = `'${line}' in section '${section.kind}'`;
  const nodes: OptionNode[] = [];
  while (!cursor.done) {
    const at = cursor.at;
    const name = cursor.take("an option");
    const entry = registry.find(kind, name) as OptionEntry | undefined;
    if (entry !== undefined) {
      passGate(cursor, entry);
      nodes.push({ name, value: entry.parse(cursor) });
      continue;
    }
    const noop = registry.noop(kind, name);
    if (noop !== undefined) {
      cursor.notice(`${where} : '${name}' has no effect: ${noop.reason}.`, at);
      for (let i = noop.arguments ?? 0; i > 0; i--) cursor.take(`the argument of '${name}'`);
      continue;
    }
    const refused = registry.refused(kind, name);
    if (refused !== undefined) cursor.fail(`${where} : '${name}' : ${refused.reason}.`, at);
    cursor.fail(`${where}: unknown keyword '${name}'${didYouMean(name, registry.names(kind))}`, at);
  }
  return nodes;
}

/** Refuses an experimental entry, and warns about a deprecated one, unless its gate is open. */
export function passGate(cursor: Cursor, entry: { readonly name: string; readonly gate?: Gate }): void {
  const gate = entry.gate;
  if (gate === undefined || cursor.context.state.gates.has(gate)) return;
  if (gate === "experimental") {
    cursor.fail(
      `'${entry.name}' directive is experimental, must be allowed via a global 'expose-experimental-directives'.`,
    );
  }
  cursor.warn(
    `'${entry.name}' directive is deprecated without replacement and will be removed; ` +
      `a global 'expose-deprecated-directives' silences this warning.`,
  );
}
