// One connection to the runtime API: lines in, answers out (management.txt 9.3).
//
// Invariants: one command runs at a time; a line that is not complete when the client ends is not run.
import type { CommandAnswer, CommandLevel, CommandMessage, CommandSession } from "../../proxy/mod.ts";
import type { Conn } from "../../sys/types.ts";
import { C } from "../../table/mod.ts";
import { type CommandLine, parseCommandLine } from "./line.ts";
import { runCommand } from "./dispatch.ts";
import { LineConn } from "./line_conn.ts";
import type { CliEnv } from "./server.ts";

/** Names of severities for `set severity-output string`. */
const SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/** How the session of a socket begins. */
export interface SessionStart {
  readonly level: CommandLevel;
  readonly severityOutput: CommandSession["severityOutput"];
  /** `expose-fd listeners`. */
  readonly exposesSockets: boolean;
  readonly timeoutMs: number;
}

export class CliSession implements CommandSession {
  level: CommandLevel;
  experimental = false;
  expert = false;
  severityOutput: CommandSession["severityOutput"];
  mode: CommandSession["mode"] = "n";
  timedPrompt = false;
  anonKey = 0;
  closing = false;

  readonly #env: CliEnv;
  readonly #conn: LineConn;
  readonly #give: () => string;

  constructor(env: CliEnv, conn: Conn, start: SessionStart) {
    const { sys } = env.control;
    this.#env = env;
    this.#conn = new LineConn(
      { wheel: env.wheel, turn: () => sys.turn(), maxInput: env.maxInput },
      conn,
      start.timeoutMs,
    );
    this.#give = start.exposesSockets ? () => env.give(conn) : () => "this socket does not expose listening sockets";
    this.level = start.level;
    this.severityOutput = start.severityOutput;
  }

  get timeoutMs(): number {
    return this.#conn.timeoutMs;
  }

  set timeoutMs(ms: number) {
    this.#conn.timeoutMs = ms;
  }

  /** Serves it to its end. */
  async run(): Promise<void> {
    try {
      for (let goesOn = true; goesOn;) goesOn = await this.#line();
      await this.#conn.flush();
    } finally {
      this.#conn.close();
    }
  }

  giveSockets(): string {
    return this.#give();
  }

  /** Ends it now. */
  abort(): void {
    this.closing = true;
    this.#conn.abort();
  }

  /** Takes a line and runs it; false: there is no other. */
  async #line(): Promise<boolean> {
    const text = await this.#conn.readLine();
    if (text === null) return false;
    const line = parseCommandLine(text);
    const payload = line.pattern === null ? null : await this.#payload(line.pattern);
    if (line.pattern !== null && payload === null) return false;
    await this.#commands(line, payload);
    if (this.closing || this.#conn.broken) return false;
    // Without a mode that waits, the lines that came together with this one are still run.
    return this.mode !== "n" || this.#conn.lineReady;
  }

  async #commands(line: CommandLine, payload: string | null): Promise<void> {
    const { commands } = line;
    for (let i = 0; i < commands.length && !this.closing && !this.#conn.broken; i++) {
      const last = i === commands.length - 1;
      this.#env.counters.add(C.req_tot);
      await this.#answer(await this.#run(commands[i], last ? payload : null));
    }
  }

  #run(words: readonly string[], payload: string | null): CommandAnswer | Promise<CommandAnswer> {
    const { control, commands } = this.#env;
    return runCommand(words, { session: this, control, commands, payload, pause: (ms) => this.#conn.pause(ms) });
  }

  /** An answer, the empty line that ends it, and the prompt for the next command. */
  async #answer(answer: CommandAnswer): Promise<void> {
    const conn = this.#conn;
    if (this.closing && answer === "") return;
    if (typeof answer === "string") {
      await conn.write(lineEnded(answer));
    } else if ("severity" in answer) {
      await conn.write(lineEnded(this.#message(answer)));
    } else {
      for await (const chunk of answer) {
        await conn.write(chunk);
        if (conn.broken) return;
      }
    }
    await conn.write("\n");
    if (this.mode === "p" && !this.closing) await this.#prompt();
    if (this.mode !== "n") await conn.flush();
  }

  #message({ severity, text }: CommandMessage): string {
    if (this.severityOutput === "none" || text === "") return text;
    return `[${this.severityOutput === "number" ? severity : SEVERITIES[severity]}]: ${text}`;
  }

  async #prompt(sign = ">"): Promise<void> {
    await this.#conn.write(
      this.timedPrompt ? `[${uptimeText(this.#env.control.sys.clock.now())}]${sign} ` : `${sign} `,
    );
    await this.#conn.flush();
  }

  /** The lines up to the one that is the pattern; null when they do not come, or are too many. */
  async #payload(pattern: string): Promise<string | null> {
    let payload = "";
    for (;;) {
      if (this.mode === "p") await this.#prompt("+");
      const line = await this.#conn.readLine();
      if (line === null || payload.length + line.length > this.#env.maxInput) return null;
      if (line === pattern) return payload;
      payload += line + "\n";
    }
  }
}

export function lineEnded(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + "\n";
}

/** As the timed prompt shows it: "d:hh:mm:ss". */
export function uptimeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n % 60).padStart(2, "0");
  const hours = String(Math.floor(seconds / 3600) % 24).padStart(2, "0");
  return `${Math.floor(seconds / 86400)}:${hours}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
}
