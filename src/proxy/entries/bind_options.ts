// Options of `bind` lines (configuration.txt 5.1).
import type { Cursor, OptionEntry } from "../../config/mod.ts";
import type { BindConfig } from "../config.ts";
import { parseThreadSet, type Shards, type ThreadRange } from "../thread_set.ts";

/** An option of a bind line. Those of other layers have no apply(): they look into BindConfig.options. */
export interface BindOption<N = unknown> extends OptionEntry<N> {
  apply?(bind: BindConfig, value: N): void;
}

function option<N>(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => N,
  apply: (bind: BindConfig, value: N) => void,
): OptionEntry {
  const entry: BindOption<N> = { kind: "bind", name, manual: "5.1", doc, parse, apply };
  return entry as OptionEntry;
}

/** An option without argument. */
function word(name: string, doc: string, apply: (bind: BindConfig) => void): OptionEntry {
  return option(name, doc, () => true, apply);
}

function count(name: string, min: number, doc: string, apply: (bind: BindConfig, n: number) => void): OptionEntry {
  return option(name, doc, (cursor) => cursor.int(`the number after '${name}'`, min), apply);
}

function text(name: string, what: string, doc: string, apply: (bind: BindConfig, value: string) => void): OptionEntry {
  return option(name, doc, (cursor) => cursor.take(`${what} after '${name}'`), apply);
}

/** Octal permissions of a unix socket. */
export function parseMode(cursor: Cursor): number {
  const at = cursor.at;
  const digits = cursor.take("the octal mode after 'mode'");
  if (!/^[0-7]{1,4}$/.test(digits)) {
    cursor.fail(`'${cursor.keyword}' : 'mode' expects an octal number, but got '${digits}'.`, at);
  }
  return parseInt(digits, 8);
}

/** How long the kernel keeps a connection that says nothing: it counts in retransmits of its own. */
const DEFER_ACCEPT_S = 1;

const MAX_SEGMENT = 65535;
const MAX_SHARDS = 64;

function parseShards(cursor: Cursor): Shards {
  const at = cursor.at;
  const value = cursor.take("a number, 'by-thread' or 'by-group' after 'shards'");
  if (value === "by-thread" || value === "by-group") return value;
  const number = /^[0-9]{1,3}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > MAX_SHARDS) {
    cursor.fail(`'shards' : invalid value '${value}', allowed range is 1..64, 'by-thread' or 'by-group'.`, at);
  }
  return number;
}

function parseThreads(cursor: Cursor): ThreadRange[] {
  const at = cursor.at;
  const set = parseThreadSet(cursor.take("a thread set after 'thread'"));
  return typeof set === "string" ? cursor.fail(`'thread' : ${set}.`, at) : set;
}

export const bindOptions: readonly OptionEntry[] = [
  text("name", "a name", "Names the listener.", (bind, name) => {
    bind.name = name;
  }),
  count("id", 1, "Sets the listener's persistent number.", (bind, id) => {
    bind.id = id;
  }),
  count("maxconn", 0, "Limits the listener's connections.", (bind, n) => {
    bind.maxconn = n;
  }),
  count("backlog", 0, "Length of the socket's listen queue.", (bind, n) => {
    bind.backlog = n;
  }),
  word("accept-proxy", "Connections begin with a PROXY protocol header.", (bind) => {
    bind.acceptProxy = true;
  }),
  count("accept-netscaler-cip", 1, "Connections begin with a NetScaler Client IP header.", (bind, magic) => {
    bind.netscalerMagic = magic;
  }),

  // ---- threads ----
  option("thread", "Which threads the listener runs on.", parseThreads, (bind, set) => {
    bind.threads = set;
  }),
  option("shards", "How many sockets the threads of the listener have.", parseShards, (bind, shards) => {
    bind.shards = shards;
  }),

  // ---- unix sockets ----
  option("mode", "Permissions of a unix socket.", parseMode, (bind, mode) => {
    bind.mode = mode;
  }),
  count("uid", 0, "Owner of a unix socket, by number.", (bind, uid) => {
    bind.uid = uid;
    bind.user = "";
  }),
  count("gid", 0, "Group of a unix socket, by number.", (bind, gid) => {
    bind.gid = gid;
    bind.group = "";
  }),
  text("user", "a name", "Owner of a unix socket, by name.", (bind, user) => {
    bind.user = user;
    bind.uid = -1;
  }),
  text("group", "a name", "Group of a unix socket, by name.", (bind, group) => {
    bind.group = group;
    bind.gid = -1;
  }),

  // ---- TCP sockets ----
  word("defer-accept", "Accepts connections once data arrived.", (bind) => {
    bind.socket = { ...bind.socket, deferAcceptS: DEFER_ACCEPT_S };
  }),
  word("tfo", "TCP Fast Open.", (bind) => {
    // The length of its queue is the listener's backlog.
    bind.socket = { ...bind.socket, fastOpen: 1 };
  }),
  option("mss", "Largest TCP segment, or below 0: how much smaller than usual.", (cursor) => {
    const at = cursor.at;
    const segment = cursor.int("the number after 'mss'", -MAX_SEGMENT, MAX_SEGMENT);
    if (segment === 0) cursor.fail("'mss' : expects an MSS with an absolute value between 1 and 65535.", at);
    return segment;
  }, (bind, maxSegment) => {
    bind.socket = { ...bind.socket, maxSegment };
  }),
  option(
    "tcp-ut",
    "How long data may stay unacknowledged.",
    (cursor) => cursor.time("the time after 'tcp-ut'"),
    (bind, userTimeoutMs) => {
      bind.socket = { ...bind.socket, userTimeoutMs };
    },
  ),
  text("interface", "a name", "Takes what comes in through one network interface.", (bind, name) => {
    bind.socket = { ...bind.socket, interface: name };
  }),
  word("transparent", "Listens on addresses of others.", (bind) => {
    bind.socket = { ...bind.socket, transparent: true };
  }),
  word("v6only", "A socket on :: leaves IPv4 to others.", (bind) => {
    bind.socket = { ...bind.socket, v6only: true };
  }),
  word("v4v6", "A socket on :: takes IPv4 too.", (bind) => {
    if (bind.socket.v6only === undefined) bind.socket = { ...bind.socket, v6only: false };
  }),
];
