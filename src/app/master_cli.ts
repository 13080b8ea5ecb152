// The master's command line (management.txt 9.4, switch -S): its sockets, its commands, its connections.
import { spawn, type Wheel } from "../base/mod.ts";
import { createRegistry, type Diagnostic, loadConfig, type Registry } from "../config/mod.ts";
import { type CommandEntry, commandError, type CommandLevel, type ControlPlane } from "../proxy/mod.ts";
import { connectionCommands, openStatsSockets, statsSettings } from "../obs/mod.ts";
import { type Conn, IO_CLOSED, type Listener, type OpenListener, type Sys } from "../sys/types.ts";
import { facts } from "./load.ts";
import type { Master, MasterSettings, Worker } from "./master.ts";
import { MasterSession, type MasterSessionEnv } from "./master_session.ts";
import type { StartupMessages } from "./startup.ts";
import { HAPROXY_VERSION, SLUICE_VERSION } from "./version.ts";

const VERSION = `${HAPROXY_VERSION}-sluice-${SLUICE_VERSION}`;

/** Connections at once, over all sockets. */
const MAX_SESSIONS = 10;

/** Pause after a failed accept, and while there are too many connections. */
const ACCEPT_PAUSE_MS = 100;

/** Bytes of a line with its payload. */
const MAX_INPUT = 1 << 20;

/** Commands about the connection that the master has too. */
const SHARED = [
  "help",
  "prompt",
  "quit",
  "operator",
  "user",
  "experimental-mode",
  "expert-mode",
  "show cli level",
  "show cli sockets",
];

export interface MasterCliOptions<Loaded extends MasterSettings> {
  readonly sys: Sys;
  readonly wheel: Wheel;
  /** Of the program: it knows how a `bind` is written. */
  readonly registry: Registry;
  readonly messages: StartupMessages;
  readonly master: Master<Loaded>;
  connect(worker: Worker): Promise<Conn | number>;
}

interface ServedSocket {
  readonly name: string;
  readonly level: CommandLevel;
  readonly open: OpenListener;
  readonly listener: Listener;
}

export class MasterCli<Loaded extends MasterSettings> {
  readonly #options: MasterCliOptions<Loaded>;
  readonly #env: MasterSessionEnv;
  readonly #sockets: ServedSocket[] = [];
  readonly #sessions = new Set<MasterSession>();
  /** The session that asked for the reload under way: it is told what became of it. */
  #asking: MasterSession | null = null;

  constructor(options: MasterCliOptions<Loaded>) {
    this.#options = options;
    const { sys, wheel, master, messages } = options;
    const shared = connectionCommands.filter((command) => SHARED.includes(command.name));
    const commands = [...shared, ...this.#commands()];
    const control = {
      registry: createRegistry({ entries: commands, refused: [], noop: [] }),
      sockets: this.#sockets,
      version: VERSION,
      sys,
      wheel,
      get startupLogs() {
        return messages.text;
      },
    } as unknown as ControlPlane;
    this.#env = {
      wheel,
      turn: () => sys.turn(),
      maxInput: MAX_INPUT,
      control,
      commands,
      current: () => master.current,
      byPid: (pid) => [master.current, ...master.old].find((worker) => worker?.process.pid === pid) ?? undefined,
      connect: options.connect,
      uptimeMs: () => sys.clock.now() - master.startedAt,
      get reloadFailed() {
        return master.failedReloads > 0;
      },
    };
    master.onReload = () => this.#closeOthers();
  }

  /** Opens the sockets of -S; "" or, everything told, a reason. */
  async open(binds: readonly string[]): Promise<string> {
    const { sys, registry, messages } = this.#options;
    // As a `stats socket` line has it, with commas for blanks; the first level is what counts when none is given.
    const lines = binds.map((bind) => bind.split(",")).map(([address, ...words]) => {
      return `    stats socket ${address} level admin ${words.join(" ")}\n`;
    });
    const { model, diagnostics } = loadConfig({
      files: [{ name: "master-socket", text: `global\n${lines.join("")}` }],
      fs: sys.fs,
      registry,
      env: {},
      cwd: "",
      facts,
      localPeer: "",
    });
    const wrong = diagnostics.filter((d: Diagnostic) => d.level === "ALERT" && d.at !== null);
    if (model === null || wrong.length > 0) {
      for (const { text } of wrong) messages.say("ALERT", `config : -S : ${text}`);
      return "The master CLI socket cannot be understood.";
    }
    let failed = false;
    const tell = (name: string, reason: string) => {
      failed = true;
      const text = `Binding [master-socket:0] for proxy MASTER: cannot bind socket (${reason}) for [${name}]`;
      messages.say("ALERT", text);
    };
    const opened = await openStatsSockets(
      statsSettings(model, registry),
      sys.fs,
      (spec) => sys.net.open(spec),
      (socket, why) => {
        tell(socket.name, why);
      },
    );
    for (const { socket, open } of opened) {
      const share = open.share();
      const listener = typeof share === "string" ? share : sys.net.adopt(share);
      if (typeof listener === "string") tell(socket.name, listener);
      else this.#sockets.push({ name: socket.name, level: socket.level, open, listener });
    }
    return failed ? "Some protocols failed to start their listeners! Exiting." : "";
  }

  start(): void {
    for (const socket of this.#sockets) spawn(this.#accept(socket), this.#bug);
  }

  close(): void {
    for (const { open, listener } of this.#sockets) {
      listener.close();
      open.close();
    }
    for (const session of this.#sessions) session.abort();
  }

  readonly #bug = (error: unknown): void => {
    this.#options.messages.say("ALERT", `master CLI: a session ended by an internal error: ${String(error)}`);
  };

  async #accept({ level, listener }: ServedSocket): Promise<void> {
    for (;;) {
      if (this.#sessions.size >= MAX_SESSIONS) {
        await pause();
        continue;
      }
      let conn = listener.accept();
      if (conn instanceof Promise) conn = await conn;
      if (conn === IO_CLOSED) return;
      if (typeof conn === "number") await pause();
      else spawn(this.#serve(new MasterSession(this.#env, conn, level)), this.#bug);
    }
  }

  async #serve(session: MasterSession): Promise<void> {
    this.#sessions.add(session);
    try {
      await session.run();
    } finally {
      this.#sessions.delete(session);
    }
  }

  /** A reload closes all connections but the one that waits for its result (management.txt 9.4.1 "reload"). */
  #closeOthers(): void {
    for (const session of this.#sessions) if (session !== this.#asking) session.abort();
  }

  // ---- commands ---------------------------------------------------------------------------------------------------

  #commands(): CommandEntry[] {
    const { messages } = this.#options;
    const command = (
      name: string,
      usage: string,
      doc: string,
      level: CommandLevel,
      run: CommandEntry["run"],
    ): CommandEntry => ({ kind: "command", name, usage, doc, level, manual: "management 9.4.1", run });
    // Prefixes are understood before any command is looked for: these entries are for `help`.
    const prefix = (usage: string, doc: string) => command(usage, usage, doc, "user", () => commandError("No target."));
    return [
      prefix("@!<pid>", "send a command to the <pid> process"),
      prefix("@<relative pid>", "send a command to the <relative pid> process"),
      prefix("@master", "send a command to the master process"),
      prefix("@@<relative pid>|@@!<pid>", "send a line, or open a session, to a worker process"),
      command("reload", "reload", "reload haproxy", "operator", ({ session }) => this.#reload(session, false)),
      command("hard-reload", "hard-reload", "reload haproxy, ending the worker at once", "operator", ({ session }) => {
        return this.#reload(session, true);
      }),
      command("show proc", "show proc", "show processes status", "user", () => this.#processes()),
      command("show version", "show version", "show version of the current process", "user", () => `${VERSION}\n`),
      command("show startup-logs", "show startup-logs", "report logs emitted during HAProxy startup", "user", () => {
        return messages.text;
      }),
      command("mcli-debug-mode", "", "commands of a worker in the master", "admin", () => {
        return commandError("The master of this program has no command of a worker: send it to one ('@1 ...').");
      }),
    ];
  }

  async #reload(session: unknown, hard: boolean): Promise<string> {
    const { master, messages } = this.#options;
    this.#asking = session as MasterSession;
    const done = await master.reload(hard);
    (session as MasterSession).closing = true;
    return `Success=${done ? 1 : 0}\n--\n${messages.text}`;
  }

  #processes(): string {
    const { sys, master } = this.#options;
    const now = sys.clock.now();
    const row = (pid: number, type: string, reloads: string, startedAt: number) =>
      [pid, type, reloads, age(now - startedAt), VERSION].map((cell) => String(cell).padEnd(15)).join(" ").trimEnd();
    const worker = ({ process, reloads, startedAt }: Worker) => row(process.pid, "worker", String(reloads), startedAt);
    const lines = [
      ["#<PID>", "<type>", "<reloads>", "<uptime>", "<version>"].map((cell) => cell.padEnd(15)).join(" "),
      row(sys.proc.pid, "master", `${master.reloads} [failed: ${master.failedReloads}]`, master.startedAt),
      "# workers",
      ...(master.current === null ? [] : [worker(master.current)]),
      ...(master.old.size === 0 ? [] : ["# old workers", ...[...master.old].map(worker)]),
      "# programs",
    ];
    return lines.join("\n") + "\n";
  }
}

/** "0d00h00m01s". */
function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const [days, hours, minutes] = [86400, 3600, 60].map((unit) => Math.floor(seconds / unit));
  return `${days}d${two(hours % 24)}h${two(minutes % 60)}m${two(seconds % 60)}s`;
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, ACCEPT_PAUSE_MS));
}
