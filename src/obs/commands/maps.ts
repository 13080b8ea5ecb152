// Commands on maps and ACL lists (management.txt 9.3): show, get, add, del, set, clear, prepare, commit. Messages are those of
// HAProxy.
import {
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  type CommandLevel,
  SEVERITY_INFO,
} from "../../proxy/mod.ts";
import {
  cast,
  INPUT_TYPES,
  type ListUse,
  NO_MEMORY,
  parseMapLine,
  type PatternSet,
  Sample,
  setBytes,
  T_ADDR,
  T_SINT,
  T_STR,
} from "../../sample/mod.ts";
import { latin1ToBytes } from "../../base/mod.ts";
import { command } from "./define.ts";

/** Which of the two a command is about: their sets overlap, their messages differ. */
type Kind = "acl" | "map";

const TITLES: Readonly<Record<Kind, string>> = { acl: "ACL", map: "map" };

/** Bytes of a listing that are made at once. */
const CHUNK = 8192;

// ---- arguments ------------------------------------------------------------------------------------------------------

function unknown(kind: Kind): CommandAnswer {
  return commandError(`Unknown ${TITLES[kind]} identifier. Please use #<id> or <file>.`);
}

/** The list of that kind with this name or "#<id>". */
function findList({ control }: CommandContext, kind: Kind, name: string): PatternSet | undefined {
  const { sets } = control.lists;
  const set = /^#[0-9]{1,10}$/.test(name) ? sets.findId(Number(name.slice(1))) : sets.find(name);
  return set !== undefined && (kind === "map" ? set.map : set.acl) ? set : undefined;
}

/** The version of a word "@<ver>" before the others; null without. A string is an error. */
function takeVersion(words: readonly string[]): { version: number | null; rest: readonly string[] } | string {
  const [word] = words;
  if (word === undefined || !word.startsWith("@")) return { version: null, rest: words };
  if (!/^@[0-9]{1,10}$/.test(word)) return `'${word}' is not a version number.`;
  return { version: Number(word.slice(1)) >>> 0, rest: words.slice(1) };
}

/** The address that "#<ref>" gives; NaN when it is none, null when the word is a key. */
function reference(word: string): number | null {
  if (!word.startsWith("#")) return null;
  return /^#(?:0x)?[0-9a-f]{1,13}$/i.test(word) ? parseInt(word.slice(1), 16) : NaN;
}

/** Makes a change: the command's answer, null when there was nothing to change. */
function changed(
  { control }: CommandContext,
  change: () => string | number,
): CommandAnswer | null | Promise<CommandAnswer | null> {
  const outcome = control.lists.change(change);
  return outcome instanceof Promise ? outcome.then(answerOf) : answerOf(outcome);
}

function answerOf(outcome: string | number): CommandAnswer | null {
  if (typeof outcome === "number") return outcome === 0 ? null : "";
  if (outcome === "") return "";
  return commandError(outcome === NO_MEMORY || outcome.endsWith(".") ? outcome : `${outcome}.`);
}

// ---- show, get ------------------------------------------------------------------------------------------------------

function show(kind: Kind): (context: CommandContext) => CommandAnswer {
  return (context) => {
    const { sets } = context.control.lists;
    const taken = takeVersion(context.words);
    if (typeof taken === "string") return commandError(taken);
    const [name] = taken.rest;
    if (name === undefined) return taken.version === null ? summary(context, kind) : unknown(kind);
    const set = findList(context, kind, name);
    if (set === undefined) return unknown(kind);
    return entries(() => sets.list(set, taken.version ?? set.current));
  };
}

function summary({ control }: CommandContext, kind: Kind): string {
  const lists = control.lists.sets.all.filter((set) => kind === "map" ? set.map : set.acl).sort((a, b) => a.id - b.id);
  const lines = lists.map(({ id, name, description, current, next, size }) =>
    `${id} (${name}) ${description}. curr_ver=${current} next_ver=${next} entry_cnt=${size}\n`
  );
  return `# id (file) description\n${lines.join("")}`;
}

function* entries(open: () => ReturnType<CommandContext["control"]["lists"]["sets"]["list"]>): Generator<string> {
  const cursor = open();
  try {
    let chunk = "";
    for (let entry = cursor.next(); entry !== null; entry = cursor.next()) {
      const { address, text, value } = entry;
      chunk += `0x${address.toString(16)} ${oneLine(value === null ? text : `${text} ${value}`)}\n`;
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = "";
    }
    if (chunk !== "") yield chunk;
  } finally {
    cursor.close();
  }
}

/** An answer has one line for each entry, whatever rules put into it. */
function oneLine(text: string): string {
  return text.replaceAll("\n", "\\n");
}

function get(kind: Kind): (context: CommandContext) => CommandAnswer {
  return (context) => {
    const [name, text] = context.words;
    if (name === undefined || text === undefined) {
      return commandError(`Missing ${TITLES[kind]} identifier and/or key.`);
    }
    const set = findList(context, kind, name);
    if (set === undefined) return unknown(kind);
    return set.uses.map((use) => `${found(context, kind, set, use, text)}\n`).join("");
  };
}

/** What one use of a list finds for a text, as a line. */
function found({ control }: CommandContext, kind: Kind, set: PatternSet, use: ListUse, text: string): string {
  const { store, sets } = control.lists;
  const { method, ignoreCase, out } = use;
  const title = `type=${method}, case=${ignoreCase ? "insensitive" : "sensitive"}`;
  const word = kind === "acl" ? "match" : "found";
  const bytes = latin1ToBytes(text);
  const sample = new Sample();
  setBytes(sample, T_STR, bytes, 0, bytes.length);
  const matches = cast(sample, INPUT_TYPES[method], control.samples);
  const address = matches ? store.read(set).index(method, ignoreCase).match(sample) : 0;
  if (address === 0) return `${title}, ${word}=no`;
  const { pattern, value, ordered } = sets.describe(set, address, use);
  const index = `${title}, ${word}=yes, idx=${ordered ? "list" : "tree"}`;
  if (kind === "acl") return `${index}, pattern="${pattern}"`;
  if (out === null || value === null) return `${index}, key="${pattern}", value=none`;
  const type = out === T_SINT ? "sint" : out === T_ADDR ? (value.includes(":") ? "ipv6" : "ipv4") : "str";
  return `${index}, key="${pattern}", value="${value}", type="${type}"`;
}

// ---- add, set, del --------------------------------------------------------------------------------------------------

const ADD_MAP =
  "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) " +
  "and a payload";

/** The list and version that entries are added to, or the error. */
function target(
  context: CommandContext,
  kind: Kind,
  name: string,
  version: number | null,
): { set: PatternSet; version: number } | CommandAnswer {
  const set = findList(context, kind, name);
  if (set === undefined) return unknown(kind);
  if (kind === "acl" && set.map) {
    return commandError(
      "This ACL is shared with a map containing samples. You must use the command 'add map' to add values.",
    );
  }
  if (version !== null && set.inFuture(version)) {
    return commandError(`Version number in the future, please use 'prepare ${kind}' before.`);
  }
  return { set, version: version ?? set.current };
}

function isTarget(value: ReturnType<typeof target>): value is { set: PatternSet; version: number } {
  return typeof value === "object" && "set" in value;
}

async function addAcl(context: CommandContext): Promise<CommandAnswer> {
  const taken = takeVersion(context.words);
  if (typeof taken === "string") return commandError(taken);
  const [name, pattern] = taken.rest;
  if (name === undefined || pattern === undefined) {
    return commandError("'add acl' expects two parameters: ACL identifier and pattern.");
  }
  const to = target(context, "acl", name, taken.version);
  if (!isTarget(to)) return to;
  return await changed(context, () => context.control.lists.sets.add(to.set, to.version, pattern, null)) ?? "";
}

async function addMap(context: CommandContext): Promise<CommandAnswer> {
  const taken = takeVersion(context.words);
  if (typeof taken === "string") return commandError(taken);
  const { payload } = context;
  const [name, key, value] = taken.rest;
  if (name === undefined || (payload === null && value === undefined) || (payload !== null && key !== undefined)) {
    return commandError(ADD_MAP);
  }
  const to = target(context, "map", name, taken.version);
  if (!isTarget(to)) return to;
  const { sets } = context.control.lists;
  if (payload === null) return await changed(context, () => sets.add(to.set, to.version, key, value)) ?? "";
  for (const raw of payload.split("\n")) {
    const line = raw.replace(/^[ \t]+/, "");
    if (line === "") continue;
    const entry = parseMapLine(line);
    if (entry === null) return commandError(`The value is missing behind the key '${line}'.`);
    const added = changed(context, () => sets.add(to.set, to.version, entry.pattern, entry.value));
    const answer = added instanceof Promise ? await added : added;
    if (answer !== "") return answer ?? "";
  }
  return "";
}

async function setMap(context: CommandContext): Promise<CommandAnswer> {
  const [name, key, value] = context.words;
  if (name === undefined || key === undefined || value === undefined) {
    return commandError("'set map' expects three parameters: map identifier, key and value.");
  }
  const set = findList(context, "map", name);
  if (set === undefined) return unknown("map");
  const { sets } = context.control.lists;
  const address = reference(key);
  const answer = await changed(
    context,
    () => address === null ? sets.set(set, key, value) : sets.setEntry(set, address, value),
  );
  return answer ?? commandError(address === null ? "entry not found." : "key or pattern not found.");
}

function del(kind: Kind): (context: CommandContext) => Promise<CommandAnswer> {
  return async (context) => {
    const [name, key] = context.words;
    if (name === undefined || key === undefined) {
      return commandError(`This command expects two parameters: ${TITLES[kind]} identifier and key.`);
    }
    const set = findList(context, kind, name);
    if (set === undefined) return unknown(kind);
    const { sets } = context.control.lists;
    const address = reference(key);
    const answer = await changed(
      context,
      () => address === null ? sets.remove(set, key) : Number(sets.removeEntry(set, address)),
    );
    return answer ?? commandError("Key not found.");
  };
}

// ---- versions -------------------------------------------------------------------------------------------------------

function clear(kind: Kind): (context: CommandContext) => Promise<CommandAnswer> {
  return async (context) => {
    const taken = takeVersion(context.words);
    if (typeof taken === "string") return commandError(taken);
    const [name] = taken.rest;
    if (name === undefined) return commandError(`Missing ${TITLES[kind]} identifier.`);
    const set = findList(context, kind, name);
    if (set === undefined) return unknown(kind);
    return await changed(context, () => context.control.lists.sets.clear(set, taken.version ?? set.current)) ?? "";
  };
}

function prepare(kind: Kind): (context: CommandContext) => Promise<CommandAnswer> {
  return async (context) => {
    const set = findList(context, kind, context.words[0] ?? "");
    if (set === undefined) return unknown(kind);
    // Behind the changes asked for before.
    const version = await context.control.lists.change(() => String(context.control.lists.sets.prepare(set)));
    return { severity: SEVERITY_INFO, text: `New version created: ${version}` };
  };
}

function commit(kind: Kind): (context: CommandContext) => Promise<CommandAnswer> {
  return async (context) => {
    const taken = takeVersion(context.words);
    if (typeof taken === "string") return commandError(taken);
    const { version, rest: [name] } = taken;
    if (version === null) return commandError("Missing version number.");
    const set = findList(context, kind, name ?? "");
    if (set === undefined) return unknown(kind);
    return await changed(context, () => context.control.lists.sets.commit(set, version)) ?? "";
  };
}

// ---- entries --------------------------------------------------------------------------------------------------------

/** Reading is for everybody, a change is none that `level user` permits (configuration.txt 5.1, "level"). */
const READ: CommandLevel = "user";
const CHANGE: CommandLevel = "operator";

export const mapCommands: readonly CommandEntry[] = [
  command("add acl", "add acl [@<ver>] <acl> <pattern>", "add an acl entry", CHANGE, addAcl),
  command(
    "add map",
    "add map [@<ver>] <map> <key> <val>",
    "add a map entry (payload supported instead of key/val)",
    CHANGE,
    addMap,
  ),
  command("clear acl", "clear acl [@<ver>] <acl>", "clear the contents of this acl", CHANGE, clear("acl")),
  command("clear map", "clear map [@<ver>] <map>", "clear the contents of this map", CHANGE, clear("map")),
  command("commit acl", "commit acl @<ver> <acl>", "commit the ACL at this version", CHANGE, commit("acl")),
  command("commit map", "commit map @<ver> <map>", "commit the map at this version", CHANGE, commit("map")),
  command("del acl", "del acl <acl> [<key>|#<ref>]", "delete acl entries matching <key>", CHANGE, del("acl")),
  command("del map", "del map <map> [<key>|#<ref>]", "delete map entries matching <key>", CHANGE, del("map")),
  command("get acl", "get acl <acl> <value>", "report the patterns matching a sample for an ACL", READ, get("acl")),
  command(
    "get map",
    "get map <acl> <value>",
    "report the keys and values matching a sample for a map",
    READ,
    get("map"),
  ),
  command(
    "prepare acl",
    "prepare acl <acl>",
    "prepare a new version for atomic ACL replacement",
    CHANGE,
    prepare("acl"),
  ),
  command(
    "prepare map",
    "prepare map <acl>",
    "prepare a new version for atomic map replacement",
    CHANGE,
    prepare("map"),
  ),
  command("set map", "set map <map> [<key>|#<ref>] <value>", "modify a map entry", CHANGE, setMap),
  command("show acl", "show acl [@<ver>] <acl>]", "report available acls or dump an acl's contents", READ, show("acl")),
  command("show map", "show map [@ver] [map]", "report available maps or dump a map's contents", READ, show("map")),
];
