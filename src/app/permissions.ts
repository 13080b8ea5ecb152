// What of the system a configuration needs, told as permissions of the runtime: each need with the statement that asks for
// it. From this one list come the flags of --print-permissions, the messages about what is not granted, and what threads
// may (grants.ts).
//
// Rules of the runtime behind this: addresses are granted as "host:port" (IPv6 in brackets) or "host" for all its ports; a
// unix socket needs its path in net, read and write; abstract names can only be had with all of net; a UDP socket needs the
// address it is bound to and the one it sends to.
import { type AddressNode, eachObject, type Location, type Model, type Node } from "../config/mod.ts";
import { isGuarded, type LogNode } from "../log/mod.ts";
import {
  type BindConfig,
  connectOptions,
  descriptorsFor,
  type GlobalConfig,
  listenOptions,
  optionInNeed,
  targetAddress,
} from "../proxy/mod.ts";
import type { ProxyConfig, ServerConfig } from "../proxy/mod.ts";
import type { SocketOptions } from "../sys/types.ts";

/** Kinds of permissions, in the order they are printed. */
export const KINDS = ["net", "read", "write", "env", "sys", "run", "ffi"] as const;
/** "all": what nothing less gives. */
export type PermissionKind = (typeof KINDS)[number] | "all";

export interface Need {
  readonly kind: PermissionKind;
  /** What of it: an address, a path, a name; "" for all of the kind. */
  readonly value: string;
  /** The statement, switch or fact that needs it. */
  readonly why: string;
  readonly at: Location | null;
  /** Threads need it too; what they do not need stays with main. */
  readonly threads: boolean;
}

/** All that decides what is needed. */
export interface Known {
  /** As loaded, with host names. */
  readonly loaded: Model;
  /** With addresses instead. */
  readonly model: Model;
  readonly configs: readonly ProxyConfig[];
  readonly global: GlobalConfig;
  /** Descriptors beside those of connections. */
  readonly fixed: number;
  /** Variables of the environment that the configuration looked at. */
  readonly asked: ReadonlyMap<string, Location | null>;
  /** Files and folders that were read for it. */
  readonly paths: Iterable<string>;
  /** The stream layer that is used. */
  readonly io: "public" | "handles";
  /** -n, 0 when not given. */
  readonly maxconn: number;
  /** Written at start; "": none. */
  readonly pidFile: string;
  /** It starts itself again, in the background, or as the worker of a master. */
  readonly daemon: boolean;
  readonly master: boolean;
  /** -x. */
  readonly takesSockets: boolean;
  /** -S, as given; and the folder for temporary files, where sockets to workers are made. */
  readonly masterSockets: readonly string[];
  readonly temporary: () => string;
  /** What NOTIFY_SOCKET holds; null: it is not looked at. */
  readonly notify: string | null;
  /** Signals other processes (-sf, -st). */
  readonly signals: boolean;
  /** The program's own modules, which a new thread reads; the runtime's executable; the C library. */
  readonly program: readonly string[];
  readonly runtime: string;
  readonly libc: string;
  /** Commands of the runtime API may give servers other addresses. */
  readonly commandsSetAddresses: boolean;
  absolute(path: string): string;
}

/** Actions that connect to an address the traffic chooses. */
const FREE_ADDRESS_ACTIONS: ReadonlySet<string> = new Set(["set-dst", "set-dst-port", "do-resolve"]);

/** Fetches that compare with the addresses of this machine. */
const LOCAL_FETCHES = /^(?:fc_dst|fc_src|dst|src|bc_dst|bc_src)_is_local$/;

/** What is set or read by the C library beside options of sockets (listenOptions(), connectOptions()): of connections ... */
const LIBC_ACTIONS = /^set-(?:fc-|bc-)?(?:mark|tos)$/;
const LIBC_FETCHES = /^(?:fc|bc)_(?:rtt|rttvar|unacked|sacked|lost|retrans|fackets|reordering)$/;
/** ... and of the process. */
export const LIBC_PROCESS: ReadonlySet<string> = new Set("user group uid gid chroot setcap ulimit-n".split(" "));

/** Descriptors that a process may always have. */
const DESCRIPTORS_SURE = 1024;

/** Everything that is needed, in the order of the configuration. */
export function needsOf(known: Known): Need[] {
  const found = new Finder(known);
  found.process();
  found.global();
  found.names();
  for (const proxy of known.configs) found.proxy(proxy);
  found.statements();
  return found.needs;
}

/** Variables of the environment. What a configuration says may depend on them: they are needed before it can be checked. */
export function variableNeeds(asked: Known["asked"]): Need[] {
  return Array.from(
    asked,
    ([name, at]) => ({ kind: "env", value: name, why: `variable '${name}'`, at, threads: false }),
  );
}

class Finder {
  readonly needs: Need[] = [];
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  #add(kind: PermissionKind, value: string, why: string, at: Location | null, threads = false): void {
    const same = (n: Need) => n.kind === kind && n.value === value && n.threads === threads;
    if (!this.needs.some(same)) this.needs.push({ kind, value, why, at, threads });
  }

  #libc(why: string, at: Location | null, threads = false): void {
    this.#add("ffi", this.#known.libc, why, at, threads);
  }

  /** What every run needs, and what its switches ask for. */
  process(): void {
    const known = this.#known;
    for (const path of known.paths) this.#add("read", known.absolute(path), "the configuration", null);
    this.needs.push(...variableNeeds(known.asked));
    this.#add("sys", "hostname", "the name of the host in logs and of the local peer", null);
    for (const path of known.program) this.#add("read", path, "starting threads", null);
    if (known.pidFile !== "") {
      const path = known.absolute(known.pidFile);
      for (const name of [path, `${path}.tmp`]) this.#write(name, "the pid file");
    }
    if (known.takesSockets) this.#libc("'-x'", null);
    if (known.daemon) {
      this.#add("run", known.runtime, "'daemon'", null);
      this.#add("env", "SLUICE_BACKGROUND", "'daemon'", null);
    }
    if (known.master) {
      this.#add("run", "", "'master-worker': workers are started, and ended by a signal", null);
      this.#add("env", "", "'master-worker': a worker gets the environment", null);
      const why = "'master-worker': sockets under a random name pass commands to workers";
      this.#add("net", "", why, null);
      this.#write(known.temporary(), why);
      for (const bind of known.masterSockets) {
        const path = /^(?:unix@)?(\/[^,]*)/.exec(bind)?.[1];
        if (path !== undefined) { for (const name of [path, `${path}.tmp`]) this.#write(name, "'-S'"); }
      }
    }
    if (known.notify !== null) this.#notify(known.notify);
    if (known.signals) this.#add("run", "", "'-sf' and '-st'", null);
  }

  #notify(socket: string): void {
    const why = "'-Ws'";
    this.#add("env", "NOTIFY_SOCKET", why, null);
    if (socket.startsWith("@")) this.#add("net", "", `${why}: an abstract name`, null);
    else if (socket !== "") {
      this.#write(socket, why);
      this.#add("net", `unix:${socket}`, why, null);
    }
  }

  #write(path: string, why: string, at: Location | null = null, threads = false): void {
    this.#add("read", path, why, at, threads);
    this.#add("write", path, why, at, threads);
  }

  global(): void {
    const { model, maxconn } = this.#known;
    let connections = maxconn;
    let place: Location | null = null;
    for (const section of model.sections) {
      if (section.kind !== "global") continue;
      for (const node of section.nodes) {
        const why = `'${node.keyword}'`;
        if (node.keyword === "maxconn" && maxconn === 0) {
          connections = node.value as number;
          place = node.at;
        }
        if (LIBC_PROCESS.has(node.keyword)) this.#libc(why, node.at);
        if (node.keyword === "stats socket") this.#statsSocket(node as Node<StatsSocket>);
      }
    }
    if (connections === 0) {
      this.#libc("the default of 'maxconn' (it comes from the limit of descriptors; set one to do without)", null);
    } else if (descriptorsFor(connections, this.#known.fixed) > DESCRIPTORS_SURE) {
      this.#libc(`'maxconn ${connections}' (the limit of descriptors is looked at)`, place);
    }
  }

  #statsSocket({ value: { address, options }, at }: Node<StatsSocket>): void {
    this.#listen(address, `'stats socket ${address.text}'`, at);
    const has = (name: string) => options.some((option) => option.name === name);
    if (has("expose-fd")) this.#libc(`'expose-fd' of 'stats socket ${address.text}'`, at);
    this.#owner(has("user"), has("group"), at);
    const admin = options.some(({ name, value }) => name === "level" && value === "admin");
    if (admin && this.#known.commandsSetAddresses) {
      this.#add(
        "net",
        "",
        `'stats socket ${address.text} level admin': commands may give servers any address`,
        at,
        true,
      );
    }
  }

  /** Names of the owners of a unix socket are looked up when it is opened. */
  #owner(user: boolean, group: boolean, at: Location): void {
    if (user) this.#add("read", "/etc/passwd", "'user'", at);
    if (group) this.#add("read", "/etc/group", "'group'", at);
  }

  /** Host names are looked up before anything is opened. */
  names(): void {
    for (const section of this.#known.loaded.sections) {
      for (const node of section.nodes) {
        eachObject(node.value, (object) => {
          const { family, host } = object as unknown as AddressNode;
          if (family === "name" && "portKind" in object) this.#add("net", host, `the name '${host}'`, node.at);
        });
      }
    }
  }

  #listen(node: AddressNode, why: string, at: Location): void {
    const address = targetAddress(node);
    if (address === null) return;
    // On the public layer each thread binds anew.
    const threads = this.#known.io === "public";
    if (address.family !== "unix") {
      this.#add("net", hostPort(address.host, address.port), why, at, threads);
      if (threads) this.#add("net", hostPort(address.host, address.port), why, at);
    } else if (address.path.startsWith("\0")) this.#add("net", "", `${why}: an abstract name`, at, threads);
    else {
      // Bound under a temporary name and renamed.
      const path = this.#known.absolute(address.path);
      this.#write(path, why, at, threads);
      this.#write(`${path}.tmp`, why, at, threads);
      this.#add("net", `unix:${path}.tmp`, why, at, threads);
    }
  }

  #connect(node: AddressNode, port: number, why: string, at: Location, threads = true): void {
    const address = targetAddress(node);
    if (address === null) return;
    if (address.family === "unix") {
      if (address.path.startsWith("\0")) return this.#add("net", "", `${why}: an abstract name`, at, threads);
      const path = this.#known.absolute(address.path);
      this.#write(path, why, at, threads);
      return this.#add("net", `unix:${path}`, why, at, threads);
    }
    if (address.host === "0.0.0.0" || address.host === "::") {
      return this.#add("net", "", `${why}: the address the client asked for`, at, threads);
    }
    this.#add("net", hostPort(address.host, port, true), why, at, threads);
  }

  proxy(proxy: ProxyConfig): void {
    const name = `${proxy.kind} ${proxy.name}`;
    if (!proxy.disabled) { for (const bind of proxy.binds) this.#bind(bind, proxy, name); }
    for (const server of proxy.servers) this.#server(server, proxy);
  }

  #bind(bind: BindConfig, proxy: ProxyConfig, name: string): void {
    const { address, at, user, group } = bind;
    const why = `'bind ${address.text}' of ${name}`;
    this.#listen(address, why, at);
    this.#options(listenOptions(proxy, bind, this.#known.global), why, at, false);
    if (address.family === "unix") this.#owner(user !== "", group !== "", at);
  }

  /** Options of a socket that the runtime has no name for. */
  #options(options: SocketOptions | undefined, why: string, at: Location, threads: boolean): void {
    const option = optionInNeed(options);
    if (option !== "") this.#libc(`'${option}' of ${why}`, at, threads);
  }

  #server(server: ServerConfig, proxy: ProxyConfig): void {
    const { address, at, checkAddress, checkPort } = server;
    const why = `'server ${proxy.name}/${server.name}'`;
    this.#connect(address, address.portKind === "fixed" ? address.port : 0, why, at);
    this.#options(connectOptions(proxy, server, this.#known.global), why, at, true);
    const local = (server.source ?? proxy.source)?.address ?? null;
    if (local !== null && local.family !== "unix") {
      // The kernel, or a range, chooses the port.
      const ranges = (server.source ?? proxy.source)!.portEnd > local.port;
      this.#add("net", hostPort(local.host, ranges ? 0 : local.port, ranges), `'source' of ${why}`, at, true);
    }
    if (!server.check) return;
    const base = checkAddress ?? address;
    const steps = proxy.checkType === "tcp-check" ? proxy.tcpSteps.filter((step) => step.kind === "connect") : [];
    for (const step of steps.length > 0 ? steps : [{ address: null, port: 0 }]) {
      const port = step.port || checkPort || base.port || address.port;
      this.#connect(step.address ?? base, port, `the checks of ${why}`, at);
    }
  }

  /** What is found by its shape, wherever it stands. */
  statements(): void {
    for (const section of this.#known.model.sections) {
      if (section.kind === "defaults") continue;
      for (const node of section.nodes) this.#statement(node);
    }
  }

  #statement(node: Node): void {
    const { keyword, at, value } = node;
    if (keyword === "log") this.#log(node as Node<LogNode>);
    if (keyword === "nameserver") this.#add("net", "", `'${keyword}': servers may get any address`, at, true);
    eachObject(value, ({ action, fetch }) => {
      if (typeof action === "string") {
        if (FREE_ADDRESS_ACTIONS.has(action)) {
          this.#add("net", "", `'${keyword} ${action}': the traffic chooses the address`, at, true);
        }
        if (LIBC_ACTIONS.test(action)) this.#libc(`'${keyword} ${action}'`, at, true);
      }
      if (typeof fetch !== "string") return;
      if (LOCAL_FETCHES.test(fetch)) this.#add("sys", "networkInterfaces", `'${fetch}'`, at, true);
      if (LIBC_FETCHES.test(fetch)) this.#libc(`'${fetch}'`, at, true);
    });
  }

  #log({ value, at }: Node<LogNode>): void {
    if (value.kind !== "line") return;
    const { target } = value;
    const guarded = "the runtime guards what is below /dev, /proc and /sys";
    if (target.kind === "descriptor") {
      if (target.number > 2) this.#add("all", "", `'log fd@${target.number}' (${guarded})`, at);
      return;
    }
    const { address } = target;
    const why = `'log ${address.text}'`;
    if (address.family === "unix" && isGuarded(address.host)) return this.#add("all", "", `${why} (${guarded})`, at);
    const threads = target.kind === "datagram";
    this.#connect(address, address.port || SYSLOG_PORT, why, at, threads);
    if (threads && (address.family === "ipv4" || address.family === "ipv6")) {
      this.#add("net", address.family === "ipv4" ? "0.0.0.0:0" : "[::]:0", why, at, true);
    }
  }
}

const SYSLOG_PORT = 514;

interface StatsSocket {
  readonly address: AddressNode;
  readonly options: readonly { readonly name: string; readonly value: unknown }[];
}

/** "127.0.0.1:80", "[::1]:80"; without a port, or with 0 where that means any: the host with all its ports. */
function hostPort(host: string, port: number, anyPort = false): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return anyPort && port === 0 ? name : `${name}:${port}`;
}
