// Variables of every scope (configuration.txt 2.8): their slots, their values, the limits of tune.vars.*.
//
// Invariants: a value's bytes are the store's own; they are valid until the variable is set again or its scope is
// cleared. Slots of a name are the same in everything one thread builds of one configuration.
import { SharedVariables } from "../table/mod.ts";
import { type Sample, type SampleType, T_BIN, T_IPV6, T_METH, T_SINT, T_STR } from "./types.ts";
import {
  parseVariableName,
  SCOPE_CHECK,
  SCOPE_NAMES,
  SCOPE_PROC,
  SCOPE_PSESS,
  SCOPE_REQ,
  SCOPE_RES,
  SCOPE_SESS,
  SCOPE_TXN,
} from "./variable_names.ts";

/** The variables one transaction sees. Scopes are the SCOPE_ constants. */
export interface VarStore {
  /** Copies the variable into the sample (bytes stay owned by the store); false when it is not set. */
  get(scope: number, slot: number, into: Sample): boolean;
  /** Copies the value; false when its limit (tune.vars.*) forbids it. */
  set(scope: number, slot: number, value: Sample): boolean;
  unset(scope: number, slot: number): void;
  /** It was set before, even if it was unset since. */
  exists(scope: number, slot: number): boolean;
}

/** A variable as built closures know it. */
export interface VarSlot {
  readonly scope: number;
  readonly slot: number;
}

/** Slots of names: one a thread and configuration. The parent's scopes share the slots of its own ("ptxn.a" of "txn.a"). */
export class VarNames {
  readonly #slots: readonly Map<string, number>[] = SCOPE_NAMES.map(() => new Map());
  /** Variables of the process have the same numbers in all threads. */
  readonly #process: SharedVariables;

  constructor(process: SharedVariables) {
    this.#process = process;
  }

  /** `text` was checked by parseVariableName(). */
  slot(text: string): VarSlot {
    const name = parseVariableName(text);
    if (typeof name === "string") throw new Error(`unchecked variable name: ${name}`);
    const { scope } = name;
    if (scope === SCOPE_PROC) return { scope, slot: this.#process.row(name.name) };
    const names = this.#slots[scope >= SCOPE_PSESS ? scope - SCOPE_PSESS + SCOPE_SESS : scope];
    let slot = names.get(name.name);
    if (slot === undefined) names.set(name.name, slot = names.size);
    return { scope, slot };
  }

  /** Names (without the scope) by slot; not of the process. */
  names(scope: number): readonly string[] {
    return [...this.#slots[scope].keys()];
  }
}

/** Bytes of values each scope may take, 0: no limit. Coarse scopes include the finer ones. */
export interface VarLimits {
  readonly global: number;
  readonly proc: number;
  readonly sess: number;
  readonly txn: number;
  readonly reqres: number;
}

export const NO_VAR_LIMITS: VarLimits = { global: 0, proc: 0, sess: 0, txn: 0, reqres: 0 };

const NEVER_SET = 0;
const SET = 1;
const UNSET = 2;

class Value {
  state = NEVER_SET;
  type: SampleType = T_SINT;
  num: number | bigint = 0;
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  length = 0;
}

/** Memory counted for a value that has no bytes. */
const SCALAR_SIZE = 8;

/** Memory above a scope: what the scope takes, it takes of that, too. */
interface Account {
  /** Takes bytes (gives back when negative); false, and nothing changed, when a limit forbids it. */
  account(bytes: number): boolean;
}

/** The variables of one scope. */
export class VarScope implements Account {
  readonly #values: (Value | undefined)[] = [];
  readonly #limit: number;
  #parent: Account | null;
  #used = 0;

  constructor(limit: number, parent: Account | null) {
    this.#limit = limit;
    this.#parent = parent;
  }

  /** Another account above; nothing is set here. */
  under(parent: VarScope): void {
    this.#parent = parent;
  }

  get(slot: number, into: Sample): boolean {
    const value = this.#values[slot];
    if (value === undefined || value.state !== SET) return false;
    into.type = value.type;
    into.num = value.num;
    into.bytes = value.bytes;
    into.from = 0;
    into.to = value.length;
    return true;
  }

  exists(slot: number): boolean {
    const value = this.#values[slot];
    return value !== undefined && value.state !== NEVER_SET;
  }

  set(slot: number, sample: Sample): boolean {
    const value = this.#values[slot] ?? (this.#values[slot] = new Value());
    const length = hasBytes(sample.type) ? sample.to - sample.from : 0;
    const before = value.state === SET ? sizeOf(value) : 0;
    if (!this.account((length > 0 ? length : SCALAR_SIZE) - before)) return false;
    if (length > value.bytes.length) {
      value.bytes = sample.bytes.slice(sample.from, sample.to);
    } else {
      // Forwards: the sample may be a part of this very value.
      for (let i = 0, j = sample.from; i < length; i++, j++) value.bytes[i] = sample.bytes[j];
    }
    value.length = length;
    value.type = sample.type;
    value.num = sample.num;
    value.state = SET;
    return true;
  }

  unset(slot: number): void {
    const value = this.#values[slot];
    if (value === undefined || value.state !== SET) return;
    this.account(-sizeOf(value));
    value.state = UNSET;
  }

  /** The scope ends: no variable exists any more; their memory is kept for the next use of this object. */
  clear(): void {
    for (const value of this.#values) if (value !== undefined) value.state = NEVER_SET;
    if (this.#used > 0) this.account(-this.#used);
  }

  account(bytes: number): boolean {
    if (bytes > 0 && this.#limit > 0 && this.#used + bytes > this.#limit) return false;
    if (this.#parent !== null && !this.#parent.account(bytes)) return false;
    this.#used += bytes;
    return true;
  }
}

function sizeOf(value: Value): number {
  return value.length > 0 ? value.length : SCALAR_SIZE;
}

/** Sets a variable of the process; false when a limit forbids it. */
function setShared(variables: SharedVariables, slot: number, value: Sample): boolean {
  return variables.set(slot, value, hasBytes(value.type) ? value.to - value.from : 0);
}

function hasBytes(type: SampleType): boolean {
  return type === T_STR || type === T_BIN || type === T_IPV6 || type === T_METH;
}

/** Bytes that all variables together may take, over all threads; 0: no limit. */
function processLimit({ global, proc }: VarLimits): number {
  return global > 0 && proc > 0 ? Math.min(global, proc) : global + proc;
}

/** The scopes above sessions: the process's variables and the account of memory. One a thread and configuration. */
export class ProcessVariables {
  readonly limits: VarLimits;
  readonly shared: SharedVariables;

  /** `lane`: 0 main, else the thread's number. */
  constructor(limits: VarLimits, segment: SharedArrayBuffer, lane: number) {
    this.limits = limits;
    this.shared = new SharedVariables(segment, lane, processLimit(limits));
  }

  /** The variables of a new session. */
  session(): VarScope {
    return new VarScope(this.limits.sess, this.shared);
  }
}

/** The variables of one stream (or check). Reused for its next transaction after clear(). */
export class Variables implements VarStore {
  readonly #process: SharedVariables;
  /** All but the process's. */
  readonly #scopes: VarScope[];
  /** The parent stream, of streams that work for another (SPOE, Lua). */
  readonly #parent: Variables | null;

  constructor(process: ProcessVariables, session: VarScope, parent: Variables | null = null) {
    const { limits } = process;
    const txn = new VarScope(limits.txn, session);
    this.#process = process.shared;
    this.#scopes = [];
    this.#scopes[SCOPE_SESS] = session;
    this.#scopes[SCOPE_TXN] = txn;
    this.#scopes[SCOPE_REQ] = new VarScope(limits.reqres, txn);
    this.#scopes[SCOPE_RES] = new VarScope(limits.reqres, txn);
    this.#scopes[SCOPE_CHECK] = txn;
    this.#parent = parent;
  }

  get(scope: number, slot: number, into: Sample): boolean {
    if (scope === SCOPE_PROC) return this.#process.get(slot, into);
    return this.#of(scope)?.get(slot, into) ?? false;
  }

  set(scope: number, slot: number, value: Sample): boolean {
    if (scope === SCOPE_PROC) return setShared(this.#process, slot, value);
    return scope < SCOPE_PSESS && this.#scopes[scope].set(slot, value);
  }

  unset(scope: number, slot: number): void {
    if (scope === SCOPE_PROC) this.#process.unset(slot);
    else if (scope < SCOPE_PSESS) this.#scopes[scope].unset(slot);
  }

  /** Variables of the process exist from the moment a configuration names them. */
  exists(scope: number, slot: number): boolean {
    return scope === SCOPE_PROC || (this.#of(scope)?.exists(slot) ?? false);
  }

  /** The request was sent to a server: "req" ends, "res" begins. */
  endRequest(): void {
    this.#scopes[SCOPE_REQ].clear();
  }

  /** The transaction ends. */
  clear(): void {
    this.#scopes[SCOPE_REQ].clear();
    this.#scopes[SCOPE_RES].clear();
    this.#scopes[SCOPE_TXN].clear();
  }

  /** Another session's variables: the stream's object is used for a new client. Those of the transaction are cleared. */
  attach(session: VarScope): void {
    this.#scopes[SCOPE_SESS] = session;
    this.#scopes[SCOPE_TXN].under(session);
  }

  #of(scope: number): VarScope | undefined {
    if (scope < SCOPE_PSESS) return this.#scopes[scope];
    return this.#parent === null ? undefined : this.#parent.#scopes[scope - SCOPE_PSESS + SCOPE_SESS];
  }
}
