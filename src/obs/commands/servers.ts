// Commands that change servers while they run (management.txt 9.3). A change is in the shared memory, or is told to every
// thread; the answer comes when all have seen it.
import { parseIp } from "../../base/mod.ts";
import type { AddressNode } from "../../config/mod.ts";
import {
  type AdminState,
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  type ControlPlane,
  SEVERITY_NOTICE,
} from "../../proxy/mod.ts";
import type { Address } from "../../sys/types.ts";
import { SERVER, serverWord } from "../../table/mod.ts";
import type { ThreadView } from "../view.ts";
import { threadCommand } from "./define.ts";
import { findServer } from "./find.ts";
import { late } from "./late.ts";

/** What a thread is told: look at what has changed; a server has another address; its streams are to end. */
type Question =
  | { readonly kind: "look" }
  | { readonly kind: "address"; readonly row: number; readonly address: Address }
  | ({ readonly kind: "check"; readonly row: number } & CheckPlace)
  | { readonly kind: "kill"; readonly row: number };

/** Where a server is checked; null, 0: where it serves. */
interface CheckPlace {
  readonly address: AddressNode | null;
  readonly port: number;
}

type Context = CommandContext<Question, null>;

/** In a thread. A hint about changed words came before on the same port: it has been seen. */
function answer(question: Question, { proxies }: ThreadView): null {
  if (question.kind === "look") return null;
  const server = proxies.server(question.row);
  if (question.kind === "kill") {
    server.killStreams("K");
  } else if (question.kind === "check") {
    server.config.checkAddress = question.address;
    server.config.checkPort = question.port;
  } else {
    server.address = question.address;
    server.proxy.touch();
  }
  return null;
}

const USAGE =
  "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | check-port | " +
  "fqdn | health | ssl | state | weight";

/** What `set server` cannot do yet. */
const NOT_YET = ["agent", "agent-addr", "agent-port", "agent-send", "fqdn", "ssl"];

const STATES: readonly string[] = ["ready", "drain", "maint"] satisfies AdminState[];
const HEALTHS: readonly string[] = ["up", "stopping", "down"];

async function setServer(context: Context): Promise<CommandAnswer> {
  const { control, words } = context;
  const row = findServer(control, words[0]);
  if (typeof row === "string") return commandError(row);
  const [, what = "", value] = words;
  const { servers } = control;
  switch (what) {
    case "state":
      if (!STATES.includes(value)) {
        return commandError("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
      }
      servers.setState(row, value as AdminState);
      return await seen(context);
    case "weight":
      return await setWeight(context, row, value);
    case "health":
      if (!HEALTHS.includes(value)) {
        return commandError("'set server <srv> health' expects 'up', 'stopping', or 'down'.");
      }
      return await done(context, servers.setHealth(row, value as "up" | "stopping" | "down"));
    case "addr":
      return await setAddress(context, row);
    case "check-addr":
    case "check-port":
      return await setCheck(context, row);
  }
  if (NOT_YET.includes(what)) return commandError(`'set server ${what}' is not supported yet.`);
  return commandError(USAGE);
}

function setWeight(context: Context, row: number, value: string | undefined): Promise<CommandAnswer> | CommandAnswer {
  if (value === undefined) return commandError("Require <weight> or <weight%>.");
  return done(context, context.control.servers.setWeight(row, value));
}

/** Answers when all threads have seen what was changed; `failure`: it was not. */
async function done(context: Context, failure: string): Promise<CommandAnswer> {
  return failure === "" ? await seen(context) : commandError(failure);
}

async function seen({ ask }: Context): Promise<CommandAnswer> {
  return late((await ask({ kind: "look" })).missing);
}

// ---- addresses ----------------------------------------------------------------------------------------------------

const MAX_PORT = 65535;
const BY = " by 'stats socket command'";

async function setAddress(context: Context, row: number): Promise<CommandAnswer> {
  const { control, words } = context;
  const [, , host, keyword, port = ""] = words;
  if (host === undefined) return commandError("set server <b>/<s> addr requires an address and optionally a port.");
  const { server, backend } = control.servers.at(row);
  const ip = parseIp(host);
  if (ip === null) return commandError(`Invalid addr '${host}'${BY}`);
  const family = ip.length === 4 ? "ipv4" : "ipv6";
  const old = control.servers.address(row);
  if (old === null || old.family === "unix" || server.address.portKind !== "fixed") {
    return commandError("'set server addr' of a server without an address and port of its own is not supported yet.");
  }
  const changes = [old.host === host ? "no need to change the addr" : `IP changed from '${old.host}' to '${host}'`];
  let newPort = old.port;
  if (keyword === "port") {
    if (/^[+-][0-9]+$/.test(port)) return commandError("port mapping of a running server is not supported yet.");
    if (!/^[0-9]{1,6}$/.test(port)) {
      return commandError(`${changes[0]}, problem converting port '${port}' to an int${BY}`);
    }
    if (Number(port) > MAX_PORT) return commandError(`${changes[0]}, provided port is not valid${BY}`);
    newPort = Number(port);
    changes.push(
      newPort === old.port ? "no need to change the port" : `port changed from '${old.port}' to '${newPort}'`,
    );
  }
  if (old.host !== host || newPort !== old.port) {
    const address: Address = { family, host, port: newPort };
    control.servers.setAddress(row, address);
    const { missing } = await context.change(
      { kind: "address", row, address },
      `address ${backend.name}/${server.name}`,
    );
    if (missing.length > 0) return late(missing);
  }
  return { severity: SEVERITY_NOTICE, text: `${changes.join(", ")}${BY}` };
}

/** `check-addr <ip> [port <port>]`, `check-port <port>`: the next check goes there. */
async function setCheck(context: Context, row: number): Promise<CommandAnswer> {
  const { words, control } = context;
  const { server, backend } = control.servers.at(row);
  const [, what, value] = words;
  const withAddress = what === "check-addr";
  if (value === undefined) {
    const wanted = withAddress ? "an address and optionally a port" : "a port";
    return commandError(`set server <b>/<s> ${what} requires ${wanted}.`);
  }
  let { checkAddress: address, checkPort: port } = server;
  if (withAddress) {
    const ip = parseIp(value);
    if (ip === null) return commandError(`invalid addr '${value}'`);
    address = { ...NO_PORT, family: ip.length === 4 ? "ipv4" : "ipv6", host: value, text: value };
  }
  const portText = withAddress ? (words[3] === "port" ? words[4] ?? "" : null) : value;
  if (portText !== null) {
    if (!/^[0-9]{1,9}$/.test(portText)) return commandError("provided port is not an integer");
    if (Number(portText) > MAX_PORT) return commandError("provided port is invalid");
    port = Number(portText);
  }
  if (!server.check) return commandError("health checks are not enabled on this server");
  server.checkAddress = address;
  server.checkPort = port;
  const key = `check ${backend.name}/${server.name}`;
  return late((await context.change({ kind: "check", row, address, port }, key)).missing);
}

/** An address without a port of its own. */
const NO_PORT = { transport: "stream", resolve: "any", port: 0, portEnd: 0, portKind: "none", mptcp: false } as const;

// ---- the shorter commands -----------------------------------------------------------------------------------------

/** A command about one server, which `act` does something to. */
function onServer(
  name: string,
  usage: string,
  doc: string,
  act: (context: Context, row: number) => CommandAnswer | Promise<CommandAnswer>,
  level: CommandEntry["level"] = "admin",
): CommandEntry {
  return threadCommand<Question, null>(name, usage, doc, level, (context) => {
    const row = findServer(context.control, context.words[0]);
    return typeof row === "string" ? commandError(row) : act(context, row);
  }, answer);
}

function currentWeight(control: ControlPlane, row: number): number {
  const { shared } = control;
  return shared.load(serverWord(shared.layout, row) + SERVER.weight);
}

async function shutdownSessions(context: Context, row: number): Promise<CommandAnswer> {
  return late((await context.ask({ kind: "kill", row })).missing);
}

/** A kind of check that does not exist here: it cannot be enabled, and is disabled as it is. */
const agentEnable = () => commandError("Agent was not configured on this server, cannot enable.");

export const serverCommands: readonly CommandEntry[] = [
  threadCommand(
    "set server",
    "set server <bk>/<srv> [opts]",
    "change a server's state, weight, address or ssl",
    "admin",
    setServer,
    answer,
  ),
  onServer(
    "set weight",
    "set weight <bk>/<srv>  (DEPRECATED)",
    "change a server's weight (use 'set server' instead)",
    (context, row) => setWeight(context, row, context.words[1]),
  ),
  onServer(
    "get weight",
    "get weight <bk>/<srv>",
    "report a server's current weight",
    ({ control }, row) => `${currentWeight(control, row)} (initial ${control.servers.at(row).server.weight})`,
    "user",
  ),
  onServer(
    "enable server",
    "enable server  (DEPRECATED)",
    "enable a disabled server (use 'set server' instead)",
    async (context, row) => {
      context.control.servers.setState(row, "ready");
      return await seen(context);
    },
  ),
  onServer(
    "disable server",
    "disable server (DEPRECATED)",
    "disable a server for maintenance (use 'set server' instead)",
    async (context, row) => {
      context.control.servers.setState(row, "maint");
      return await seen(context);
    },
  ),
  onServer("enable health", "enable health", "enable health checks", (context, row) => {
    return done(context, context.control.servers.setChecks(row, true));
  }),
  onServer("disable health", "disable health", "disable health checks", (context, row) => {
    return done(context, context.control.servers.setChecks(row, false));
  }),
  onServer("enable agent", "enable agent", "enable agent checks", agentEnable),
  onServer("disable agent", "disable agent", "disable agent checks", () => ""),
  onServer(
    "set maxconn server",
    "set maxconn server <bk>/<srv>",
    "change a server's maxconn setting",
    (context, row) => {
      const [, value] = context.words;
      if (value === undefined) return commandError("Require <maxconn>.");
      return done(context, context.control.servers.setMaxconn(row, value));
    },
  ),
  onServer(
    "shutdown sessions server",
    "shutdown sessions server <bk>/<srv>",
    "kill sessions on a server",
    shutdownSessions,
  ),
];
