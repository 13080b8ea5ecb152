// One connection to the master's command line (management.txt 9.4): each command is the master's own or passed on to a
// worker, whose answer is passed back. Text is one code unit a byte.
import {
  type CommandAnswer,
  type CommandEntry,
  type CommandLevel,
  type CommandSession,
  type ControlPlane,
} from "../proxy/mod.ts";
import { LineConn, type LineConnEnv, lineEnded, parseCommandLine, runCommand, uptimeText } from "../obs/mod.ts";
import type { Conn } from "../sys/types.ts";
import type { Worker } from "./master.ts";

/** What a session works with. */
export interface MasterSessionEnv extends LineConnEnv {
  /** Of the master: it has no model, and its commands ask for none. */
  readonly control: ControlPlane;
  readonly commands: readonly CommandEntry[];
  /** The worker of "@1", the only one that is not leaving. */
  current(): Worker | null;
  /** Any worker, also one that is leaving. */
  byPid(pid: number): Worker | undefined;
  connect(worker: Worker): Promise<Conn | number>;
  /** Milliseconds since the master started. */
  uptimeMs(): number;
  readonly reloadFailed: boolean;
}

/** "@1 cmd", "@!123", "@@1 a; b", "@": marks, target, the rest. */
const PREFIX = /^(@@?)(master|!?\d+)?(?:\s+([^]*))?$/;

export class MasterSession implements CommandSession {
  level: CommandLevel;
  experimental = false;
  expert = false;
  severityOutput: CommandSession["severityOutput"] = "none";
  mode: CommandSession["mode"] = "n";
  timedPrompt = false;
  anonKey = 0;
  closing = false;
  readonly #env: MasterSessionEnv;
  readonly #conn: LineConn;
  /** Where commands without prefix go: 0 is the master, else the process of a worker. */
  #context = 0;
  /** The connection to a worker, while a command runs there. */
  #worker: LineConn | null = null;

  constructor(env: MasterSessionEnv, conn: Conn, level: CommandLevel) {
    this.#env = env;
    this.#conn = new LineConn(env, conn, 0);
    this.level = level;
  }

  get timeoutMs(): number {
    return this.#conn.timeoutMs;
  }

  set timeoutMs(ms: number) {
    this.#conn.timeoutMs = ms;
  }

  async run(): Promise<void> {
    try {
      for (let goesOn = true; goesOn;) goesOn = await this.#line();
      await this.#conn.flush();
    } finally {
      this.#conn.close();
    }
  }

  giveSockets(): string {
    return "the master's socket does not give listening sockets";
  }

  /** Ends it now. */
  abort(): void {
    this.closing = true;
    this.#worker?.abort();
    this.#conn.abort();
  }

  /** Takes a line and runs it; false: there is no other. */
  async #line(): Promise<boolean> {
    if (this.mode === "p") await this.#prompt();
    const line = await this.#conn.readLine();
    if (line === null) return false;
    const { pattern } = parseCommandLine(line);
    const payload = pattern === null ? "" : await this.#payload(pattern);
    if (payload === null) return false;
    const commands = splitCommands(line);
    for (let i = 0; i < commands.length && !this.closing && !this.#conn.broken; i++) {
      if (i > 0 && this.mode === "p") await this.#prompt();
      await this.#command(commands[i], i === commands.length - 1 ? payload : "");
    }
    if (this.closing || this.#conn.broken) return false;
    return this.mode !== "n" || this.#conn.lineReady;
  }

  async #prompt(): Promise<void> {
    const flags = `${this.experimental ? "x" : ""}${this.expert ? "e" : ""}`;
    const master = this.#env.reloadFailed ? "master[ReloadFailed]" : "master";
    const name = this.#context === 0 ? master : String(this.#context);
    const time = this.timedPrompt ? `[${uptimeText(this.#env.uptimeMs())}]` : "";
    await this.#conn.write(`${time}${name}${flags === "" ? "" : `(${flags})`}> `);
    await this.#conn.flush();
  }

  /** The lines up to the one that is the pattern, with it: they go to a worker as they are. Null when they do not come. */
  async #payload(pattern: string): Promise<string | null> {
    let payload = "";
    for (;;) {
      const line = await this.#conn.readLine();
      if (line === null || payload.length + line.length > this.#env.maxInput) return null;
      payload += line + "\n";
      if (line === pattern) return payload;
    }
  }

  async #command(text: string, payload: string): Promise<void> {
    const [, marks, target = "", rest = ""] = PREFIX.exec(text) ?? [];
    if (marks === undefined) return await this.#runAt(this.#context, text, payload);
    const pid = this.#find(target);
    if (pid < 0 || (marks === "@@" && pid === 0)) return await this.#noTarget(`${marks}${target}`);
    if (marks === "@@") await this.#enter(pid, rest, payload);
    else if (rest === "") this.#context = pid;
    else await this.#runAt(pid, rest, payload);
  }

  /** The process of a prefix: 0 the master, -1 none. */
  #find(target: string): number {
    if (target === "" || target === "master") return 0;
    if (target.startsWith("!")) return this.#env.byPid(Number(target.slice(1)))?.process.pid ?? -1;
    return Number(target) === 1 ? this.#env.current()?.process.pid ?? -1 : -1;
  }

  /** As HAProxy has it: what follows is not run either, it was meant for that process. */
  async #noTarget(prefix: string): Promise<void> {
    await this.#conn.write(`Can't find the target PID matching the prefix '${prefix}'\n`);
    this.closing = true;
  }

  async #runAt(pid: number, text: string, payload: string): Promise<void> {
    if (pid === 0) return await this.#answer(await this.#runHere(text));
    const worker = await this.#connect(pid);
    if (worker === null) return;
    // One answer: what the client sends meanwhile is for the next command.
    await this.#send(worker, text, payload, "");
    worker.shutdown();
    await this.#passBack(worker);
  }

  #runHere(text: string): CommandAnswer | Promise<CommandAnswer> {
    const [words] = parseCommandLine(text).commands;
    const { control, commands } = this.#env;
    return runCommand(words, {
      session: this,
      control,
      commands,
      payload: null,
      pause: (ms) => this.#conn.pause(ms),
    });
  }

  async #answer(answer: CommandAnswer): Promise<void> {
    const conn = this.#conn;
    // What only changes the session says nothing here.
    if (answer === "") return;
    if (typeof answer === "string") await conn.write(lineEnded(answer));
    else if ("severity" in answer) await conn.write(lineEnded(answer.text));
    else for await (const chunk of answer) await conn.write(chunk);
    await conn.write("\n");
    await conn.flush();
  }

  // ---- workers ----------------------------------------------------------------------------------------------------

  async #connect(pid: number): Promise<LineConn | null> {
    const worker = this.#env.byPid(pid);
    const conn = worker === undefined ? -1 : await this.#env.connect(worker);
    if (typeof conn !== "number") return new LineConn(this.#env, conn, 0);
    await this.#noTarget(`@!${pid}`);
    return null;
  }

  /** Sends a command with what the session has set, whose empty answers are taken out again. */
  async #send(worker: LineConn, text: string, payload: string, mode: string): Promise<void> {
    const first: string[] = [];
    if (this.level !== "admin") first.push(this.level);
    else {
      if (this.experimental) first.push("experimental-mode on");
      if (this.expert) first.push("expert-mode on");
    }
    if (mode !== "") first.push(mode);
    if (first.length > 0 && text === "") await worker.write(`${first.join("; ")}\n`);
    else if (text !== "") await worker.write(`${[...first, text].join("; ")}\n${payload}`);
    await worker.flush();
    for (let answers = first.length; answers > 0; answers--) await worker.readLine();
  }

  async #passBack(worker: LineConn): Promise<void> {
    this.#worker = worker;
    try {
      for (let text = await worker.readSome(); text !== null; text = await worker.readSome()) {
        await this.#conn.write(text);
        await this.#conn.flush();
        if (this.#conn.broken) return;
      }
    } finally {
      this.#worker = null;
      worker.close();
    }
  }

  /** "@@": the line, or everything up to the worker's end, in both directions. */
  async #enter(pid: number, text: string, payload: string): Promise<void> {
    const worker = await this.#connect(pid);
    if (worker === null) return;
    const mode = text !== "" || this.mode === "n" ? "" : `prompt ${this.mode}`;
    await this.#send(worker, text, payload, mode);
    let ended = false;
    const passOn = async () => {
      for (;;) {
        const more = await this.#conn.readSome();
        if (ended) return;
        if (more === null) return worker.shutdown();
        await worker.write(more);
        await worker.flush();
      }
    };
    const passing = passOn();
    await this.#passBack(worker);
    ended = true;
    this.#conn.wake();
    await passing;
    if (text === "" && this.mode === "n") this.closing = true;
  }
}

/** The commands of a line as they are written; what follows "@@" is one. */
export function splitCommands(line: string): string[] {
  const commands: string[] = [];
  let from = 0;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === ";" && !line.slice(from).trimStart().startsWith("@@")) {
      commands.push(line.slice(from, i).trim());
      from = i + 1;
    }
  }
  const last = line.slice(from).trim();
  if (last !== "" || commands.length === 0) commands.push(last);
  return commands;
}
