// What a rule changed in the heads of a transaction: they are written down before and after it, and compared.
import type { Message } from "../../http/mod.ts";
import type { Txn } from "../../sample/mod.ts";

/** The head of a message: its first line without the version, its fields. */
interface Head {
  readonly first: string;
  readonly fields: readonly string[];
}

/** The heads that are there. */
export interface Heads {
  readonly request: Head | null;
  readonly response: Head | null;
}

export function headsOf(txn: Txn): Heads {
  const { request, response } = txn;
  return {
    request: txn.requestReady ? headOf(request, `${request.methodText()} ${request.targetText()}`) : null,
    response: txn.responseReady ? headOf(response, `${response.status} ${response.reasonText()}`) : null,
  };
}

function headOf(message: Message, first: string): Head {
  const fields: string[] = [];
  for (let row = message.next(0); row >= 0; row = message.next(row + 1)) {
    fields.push(`${message.nameText(row)}: ${message.valueText(row)}`);
  }
  return { first, fields };
}

/** One line for each change: "GET /b", "+ name: value", "- name: value", "name: old -> new". */
export function changesOf(before: Heads, after: Heads): string[] {
  return [...headChanges(before.request, after.request), ...headChanges(before.response, after.response)];
}

function headChanges(before: Head | null, after: Head | null): string[] {
  if (before === null || after === null) return [];
  const out = before.first === after.first ? [] : [`${before.first} -> ${after.first}`];
  const removed = without(before.fields, after.fields);
  const added = without(after.fields, before.fields);
  for (const field of removed) {
    const name = nameOf(field);
    const replaced = added.findIndex((other) => nameOf(other) === name);
    if (replaced < 0) {
      out.push(`- ${field}`);
      continue;
    }
    const [other] = added.splice(replaced, 1);
    out.push(`${field} -> ${other.slice(name.length + 2)}`);
  }
  return [...out, ...added.map((field) => `+ ${field}`)];
}

/** Those of `list` that are not in `other`, as often as they are more often in it. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(":"));
}
