// Names of variables: "<scope>.<name>" (configuration.txt 2.8).

/** Scopes by number: VarStore takes these. The last four are the parent stream's, read only. */
export const SCOPE_NAMES = [
  "proc",
  "sess",
  "txn",
  "req",
  "res",
  "check",
  "psess",
  "ptxn",
  "preq",
  "pres",
] as const;
export const SCOPE_PROC = 0;
export const SCOPE_SESS = 1;
export const SCOPE_TXN = 2;
export const SCOPE_REQ = 3;
export const SCOPE_RES = 4;
export const SCOPE_CHECK = 5;
/** First scope of the parent stream: SCOPE_PSESS + n is the parent's SCOPE_SESS + n. */
export const SCOPE_PSESS = 6;

export interface VariableName {
  readonly scope: number;
  /** Without the scope. */
  readonly name: string;
  /** As written. */
  readonly text: string;
}

/** A name taken apart, or the reason why it is none. */
export function parseVariableName(text: string): VariableName | string {
  if (text === "") return "Empty variable name cannot be accepted";
  const dot = text.indexOf(".");
  const scope = (SCOPE_NAMES as readonly string[]).indexOf(dot < 0 ? "" : text.slice(0, dot));
  if (scope < 0 || dot === text.length - 1) {
    return `invalid variable name '${text}'. A variable name must be start by its scope. ` +
      "The scope can be 'proc', 'sess', 'txn', 'req', 'res' or 'check'";
  }
  const name = text.slice(dot + 1);
  const bad = /[^A-Za-z0-9_.]/.exec(name);
  if (bad !== null) return `invalid syntax at char '${name.slice(bad.index)}'`;
  return { scope, name, text };
}

/** The scope with which a name may be set: a reason when it is one of the parent's. */
export function parseWritableVariable(text: string): VariableName | string {
  const name = parseVariableName(text);
  if (typeof name !== "string" && name.scope >= SCOPE_PSESS) {
    return `variable '${text}' belongs to the parent stream: it can only be read`;
  }
  return name;
}
