// Fetches of internal states (configuration.txt 7.3.2): time, chance, the process, rules that ran,
// variables, ACLs.
import { latin1ToBytes } from "../../base/mod.ts";
import { setBoolean, setBytes, setInteger, setText } from "../casts.ts";
import { buildAcl } from "../condition.ts";
import {
  ABSENT,
  type ArgSpec,
  type ConditionFn,
  type FetchEntry,
  FOUND,
  NEEDS,
  NOT_YET,
  type SampleEnv,
  T_ANY,
  T_BOOL,
  T_SINT,
  T_STR,
  type Txn,
} from "../types.ts";
import type { Location } from "../../config/mod.ts";
import type { ProcessView } from "../views.ts";
import { fetch, integerSample, nameFetch, simple } from "./define.ts";
import { unitFactor, validUnit } from "./response.ts";

const MANUAL = "7.3.2";
const needs = NEEDS.internal;

/** An integer of the thread or process. */
function integerFetch(name: string, doc: string, value: (env: SampleEnv) => number): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out: T_SINT,
    needs,
    build: (_args, env) => (_txn, into) => {
      setInteger(into, value(env));
      return FOUND;
    },
  });
}

/** Most names one acl() takes. */
const MOST_ACLS = 12;
const ACL_ARG: ArgSpec = { type: "acl", name: "[!]name", repeat: MOST_ACLS };

/** Places may offer anything: the manual leaves it to the user that the ACLs fit. */
const ANYWHERE = -1;

const aclFetch = fetch({
  name: "acl",
  manual: MANUAL,
  doc: "whether all the named ACLs match",
  out: T_BOOL,
  needs,
  args: [ACL_ARG],
  build(args, env) {
    const conditions: { negated: boolean; condition: ConditionFn }[] = args.map((arg) => {
      const text = arg as string;
      const acl = env.namedAcls![text.replace(/^!/, "")];
      return { negated: text.startsWith("!"), condition: buildAcl(acl, ANYWHERE, env) };
    });
    return (txn, into) => {
      let result = true;
      for (let i = 0; i < conditions.length; i++) {
        const verdict = conditions[i].condition(txn);
        if (verdict === NOT_YET) return NOT_YET;
        if ((verdict === FOUND) === conditions[i].negated) {
          result = false;
          break;
        }
      }
      setBoolean(into, result);
      return FOUND;
    };
  },
});

const variableFetch = fetch({
  name: "var",
  manual: MANUAL,
  doc: "a variable, with the type it was set with; a default is a string",
  out: T_ANY,
  needs,
  args: [{ type: "var", name: "var-name" }, { type: "str", name: "default", optional: true }],
  build([name, fallback], env) {
    const { scope, slot } = env.variables.slot(name as string);
    const bytes = typeof fallback === "string" ? latin1ToBytes(fallback) : null;
    return (txn, into) => {
      if (txn.vars.get(scope, slot, into)) return FOUND;
      if (bytes === null) return ABSENT;
      setBytes(into, T_STR, bytes, 0, bytes.length);
      return FOUND;
    };
  },
});

const environmentFetch = fetch({
  name: "env",
  manual: MANUAL,
  doc: "an environment variable as it was after the last line of the configuration",
  out: T_STR,
  needs,
  args: [{ type: "str", name: "name" }],
  build([name], env) {
    const known = Object.hasOwn(env.environment, name as string);
    const bytes = latin1ToBytes(known ? env.environment[name as string] : "");
    return (_txn, into) => {
      if (!known) return ABSENT;
      setBytes(into, T_STR, bytes, 0, bytes.length);
      return FOUND;
    };
  },
});

/** A figure of the stream. */
function streamFetch(name: string, doc: string, of: (txn: Txn) => number | undefined): FetchEntry[] {
  return simple(name, MANUAL, doc, T_SINT, needs, (txn, into) => integerSample(of(txn), into));
}

function placeOf(rule: Location | null): string | undefined {
  return rule === null ? undefined : `${rule.file}:${rule.line}`;
}

const dateFetch = fetch({
  name: "date",
  manual: MANUAL,
  doc: "current date, seconds since the epoch or in a unit, with an offset in that unit",
  out: T_SINT,
  needs,
  args: [{ type: "sint", name: "offset", optional: true }, { type: "str", name: "unit", optional: true }],
  validate: ([, unit]) => validUnit(unit),
  build([offset, unit], env) {
    const factor = unitFactor(unit);
    const shift = Number(offset ?? 0);
    return (_txn, into) => {
      setInteger(into, Math.floor(env.clock.wall() * factor / 1000) + shift);
      return FOUND;
    };
  },
});

const randFetch = fetch({
  name: "rand",
  manual: MANUAL,
  doc: "a random integer below a range, by default 2^32; not for secrets",
  out: T_SINT,
  needs,
  args: [{ type: "sint", name: "range", optional: true }],
  validate: ([range]) =>
    range === null || (Number(range) > 0 && Number(range) <= 4294967296)
      ? null
      : "range must be between 1 and 4294967296",
  build([range], env) {
    const limit = range === null ? 4294967296 : Number(range);
    return (_txn, into) => {
      setInteger(into, limit === 4294967296 ? env.rand.u32() : Math.floor(env.rand.float() * limit));
      return FOUND;
    };
  },
});

const uuidFetch = fetch({
  name: "uuid",
  manual: MANUAL,
  doc: "a UUID of version 4 (random) or 7 (time and random)",
  out: T_STR,
  needs,
  args: [{ type: "sint", name: "version", optional: true }],
  validate: ([version]) => version === null || version === 4 || version === 7 ? null : "version must be 4 or 7",
  build([version], env) {
    const time = version === 7;
    return (_txn, into) => {
      const { rand } = env;
      let text = hex(rand.u32(), 8) + hex(rand.u32(), 8);
      if (time) text = hex(Math.floor(env.clock.wall()), 12) + hex(rand.u32() & 0xffff, 4);
      const tail = hex(rand.u32(), 8) + hex(rand.u32(), 8);
      const variant = (8 + (parseInt(tail[0], 16) & 3)).toString(16);
      const uuid = `${text.slice(0, 8)}-${text.slice(8, 12)}-${time ? 7 : 4}${text.slice(13, 16)}-` +
        `${variant}${tail.slice(1, 4)}-${tail.slice(4)}`;
      return setText(into, uuid, env) ? FOUND : ABSENT;
    };
  },
});

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0").slice(-digits);
}

function processFlag(name: string, doc: string, flag: (process: ProcessView) => boolean): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out: T_BOOL,
    needs,
    build: (_args, env) => (_txn, into) => {
      setBoolean(into, flag(env.process));
      return FOUND;
    },
  });
}

export const internalFetches: readonly FetchEntry[] = [
  ...aclFetch,
  ...variableFetch,
  ...dateFetch,
  ...integerFetch(
    "date_us",
    "microseconds of the current date",
    (env) => Math.floor(env.clock.wall() * 1000) % 1_000_000,
  ),
  ...environmentFetch,
  ...randFetch,
  ...uuidFetch,
  ...fetch({
    name: "hostname",
    manual: MANUAL,
    doc: "name of this machine",
    out: T_STR,
    needs,
    build(_args, env) {
      const bytes = latin1ToBytes(env.hostname);
      return (_txn, into) => {
        setBytes(into, T_STR, bytes, 0, bytes.length);
        return FOUND;
      };
    },
  }),
  ...integerFetch("pid", "process id", (env) => env.pid),
  ...integerFetch("thread", "number of this thread, from 0", (env) => env.thread - 1),
  ...integerFetch("act_conn", "connections of the process", (env) => env.process.connections),
  ...processFlag("stopping", "whether the process is stopping", (process) => process.stopping),
  ...integerFetch("proc", "1: there is one process", () => 1),
  ...integerFetch("uptime", "seconds since the start", (env) => Math.floor(env.clock.now() / 1000)),
  ...processFlag("quic_enabled", "whether HTTP/3 may be served", (process) => process.quic),
  ...streamFetch("prio_class", "class of `set-priority-class`", (txn) => txn.priorityClass),
  ...streamFetch("prio_offset", "offset of `set-priority-offset`, ms", (txn) => txn.priorityOffsetMs),
  ...nameFetch(
    "last_rule_file",
    MANUAL,
    "file of the rule that ended a rule set last",
    needs,
    (txn) => txn.lastRule?.file,
  ),
  ...streamFetch("last_rule_line", "line of the rule that ended a rule set last", (txn) => txn.lastRule?.line),
  ...nameFetch(
    "last_entity",
    MANUAL,
    "place of the rule that ended a rule set last",
    needs,
    (txn) => placeOf(txn.lastRule),
  ),
  ...nameFetch("term_events", MANUAL, "what ended the layers of the stream", needs, (txn) => txn.termEvents),
  ...nameFetch(
    "waiting_entity",
    MANUAL,
    "place of the rule that waited when the stream ended",
    needs,
    (txn) => placeOf(txn.waitingRule),
  ),
];
