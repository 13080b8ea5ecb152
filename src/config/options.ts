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
    const { entry, parameter } = entryOf(cursor, kind, name);
    if (entry !== undefined) {
      passGate(cursor, entry);
      nodes.push({ name: entry.name, value: entry.parse(cursor, parameter) });
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

/** The entry of a name, which may carry a parameter: "set-proxy-v2-tlv-fmt(0x20)". */
function entryOf(
  cursor: Cursor,
  kind: "bind" | "server",
  name: string,
): { readonly entry: OptionEntry | undefined; readonly parameter: string } {
  const { registry } = cursor.context;
  const open = name.indexOf("(");
  if (open < 0 || !name.endsWith(")")) {
    const entry = registry.find(kind, name) as OptionEntry | undefined;
    return { entry: entry?.parameter ? undefined : entry, parameter: "" };
  }
  const entry = registry.find(kind, name.slice(0, open)) as OptionEntry | undefined;
  return { entry: entry?.parameter ? entry : undefined, parameter: name.slice(open + 1, -1) };
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
