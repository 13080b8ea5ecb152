// One connection to the runtime API: lines in, answers out (management.txt 9.3).
//
// Invariants: one command runs at a time; what is received and not yet run, and what is made and not yet sent, is bounded;
// a line that is not complete when the client ends is not run. Every wait for the client ends after the session's timeout.
import { Timer } from "../../base/mod.ts";
import type { CommandAnswer, CommandLevel, CommandMessage, CommandSession } from "../../proxy/mod.ts";
import { type Conn, WAKE_TIMEOUT } from "../../sys/types.ts";
import { type CommandLine, parseCommandLine } from "./line.ts";
import { runCommand } from "./dispatch.ts";
import type { CliEnv } from "./server.ts";

/** Text sent at once, and sent before other work of main has its turn. */
const CHUNK = 16384;
const AT_ONCE = 65536;

/** Names of severities for `set severity-output string`. */
const SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/** How the session of a socket begins. */
export interface SessionStart {
  readonly level: CommandLevel;
  readonly severityOutput: CommandSession["severityOutput"];
  readonly timeoutMs: number;
}

export class CliSession implements CommandSession {
  level: CommandLevel;
  experimental = false;
  expert = false;
  severityOutput: CommandSession["severityOutput"];
  mode: CommandSession["mode"] = "n";
  timedPrompt = false;
  timeoutMs: number;
  anonKey: number;
  closing = false;

  readonly #env: CliEnv;
  readonly #conn: Conn;
  readonly #timer: Timer<CliSession>;
  /** Received and not yet taken as a line. */
  #text = "";
  /** Made and not yet sent. */
  #out = "";
  #sentAtOnce = 0;
  #broken = false;
  #endPause: (() => void) | null = null;

  constructor(env: CliEnv, conn: Conn, start: SessionStart) {
    this.#env = env;
    this.#conn = conn;
    this.level = start.level;
    this.severityOutput = start.severityOutput;
    this.timeoutMs = start.timeoutMs;
    this.anonKey = env.control.global.anonKey;
    this.#timer = new Timer<CliSession>(this, (timer) => timer.owner.#timeUp());
  }

  /** Serves it to its end. */
  async run(): Promise<void> {
    try {
      for (let goesOn = true; goesOn;) goesOn = await this.#line();
      await this.#flush();
    } finally {
      this.#env.wheel.cancel(this.#timer);
      this.#conn.close();
    }
  }

  /** Ends it now. */
  abort(): void {
    this.closing = true;
    this.#broken = true;
    this.#env.wheel.cancel(this.#timer);
    this.#conn.close();
    this.#timeUp();
  }

  /** Takes a line and runs it; false: there is no other. */
  async #line(): Promise<boolean> {
    const text = await this.#readLine();
    if (text === null) return false;
    const line = parseCommandLine(text);
    const payload = line.pattern === null ? null : await this.#payload(line.pattern);
    if (line.pattern !== null && payload === null) return false;
    await this.#commands(line, payload);
    if (this.closing || this.#broken) return false;
    // Without a mode that waits, the lines that came together with this one are still run.
    return this.mode !== "n" || this.#text.includes("\n") || this.#received();
  }

  async #commands(line: CommandLine, payload: string | null): Promise<void> {
    const { commands } = line;
    for (let i = 0; i < commands.length && !this.closing && !this.#broken; i++) {
      const last = i === commands.length - 1;
      await this.#answer(await this.#run(commands[i], last ? payload : null));
    }
  }

  #run(words: readonly string[], payload: string | null): CommandAnswer | Promise<CommandAnswer> {
    const { control, commands } = this.#env;
    return runCommand(words, { session: this, control, commands, payload, pause: (ms) => this.#pause(ms) });
  }

  // ---- what is sent -----------------------------------------------------------------------------------------------

  /** An answer, the empty line that ends it, and the prompt for the next command. */
  async #answer(answer: CommandAnswer): Promise<void> {
    if (this.closing && answer === "") return;
    if (typeof answer === "string") {
      await this.#write(lineEnded(answer));
    } else if ("severity" in answer) {
      await this.#write(lineEnded(this.#message(answer)));
    } else {
      for await (const chunk of answer) {
        await this.#write(chunk);
        if (this.#broken) return;
      }
    }
    await this.#write("\n");
    if (this.mode === "p" && !this.closing) await this.#prompt();
    if (this.mode !== "n") await this.#flush();
  }

  #message({ severity, text }: CommandMessage): string {
    if (this.severityOutput === "none" || text === "") return text;
    return `[${this.severityOutput === "number" ? severity : SEVERITIES[severity]}]: ${text}`;
  }

  async #prompt(sign = ">"): Promise<void> {
    await this.#write(this.timedPrompt ? `[${uptime(this.#env.control.sys.clock.now())}]${sign} ` : `${sign} `);
    await this.#flush();
  }

  /** Keeps text for the client, and sends what has become enough. */
  async #write(text: string): Promise<void> {
    this.#out += text;
    while (this.#out.length >= CHUNK && !this.#broken) {
      const part = this.#out.slice(0, CHUNK);
      this.#out = this.#out.slice(CHUNK);
      await this.#send(part);
    }
  }

  async #flush(): Promise<void> {
    const text = this.#out;
    this.#out = "";
    if (text !== "" && !this.#broken) await this.#send(text);
  }

  async #send(text: string): Promise<void> {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const sending = this.#conn.send(bytes, 0, bytes.length);
    const sent = typeof sending === "number" ? sending : await this.#limited(sending);
    if (sent < 0) this.#broken = true;
    this.#sentAtOnce += text.length;
    if (this.#sentAtOnce < AT_ONCE) return;
    this.#sentAtOnce = 0;
    await this.#env.control.sys.turn();
  }

  // ---- what is received -------------------------------------------------------------------------------------------

  /** The next line without its end; null when there is none: the client has ended, said nothing, or too much. */
  async #readLine(): Promise<string | null> {
    await this.#flush();
    for (let from = 0;;) {
      const end = this.#text.indexOf("\n", from);
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      from = this.#text.length;
      if (from >= this.#env.maxInput || this.#broken) return null;
      const receiving = this.#conn.recv(0);
      const received = typeof receiving === "number" ? receiving : await this.#limited(receiving);
      if (received < 0) return null;
      this.#take();
    }
  }

  /** The lines up to the one that is the pattern; null when they do not come, or are too many. */
  async #payload(pattern: string): Promise<string | null> {
    let payload = "";
    for (;;) {
      if (this.mode === "p") await this.#prompt("+");
      const line = await this.#readLine();
      if (line === null || payload.length + line.length > this.#env.maxInput) return null;
      if (line === pattern) return payload;
      payload += line + "\n";
    }
  }

  /** Takes what has arrived already; true when a whole line is there. */
  #received(): boolean {
    if (this.#conn.tail > this.#conn.head) this.#take();
    return this.#text.includes("\n");
  }

  #take(): void {
    const { block, head, tail } = this.#conn;
    let text = "";
    for (let i = head; i < tail; i++) text += String.fromCharCode(block[i]);
    this.#text += text;
    this.#conn.consume(tail - head);
  }

  // ---- waiting ----------------------------------------------------------------------------------------------------

  async #limited(wait: Promise<number>): Promise<number> {
    if (this.timeoutMs > 0) this.#env.wheel.armIn(this.#timer, this.timeoutMs);
    const result = await wait;
    this.#env.wheel.cancel(this.#timer);
    return result;
  }

  /** A command waits; nothing is received or sent meanwhile. */
  #pause(ms: number): Promise<void> {
    if (this.#broken) return Promise.resolve();
    this.#env.wheel.armIn(this.#timer, ms);
    return new Promise((end) => {
      this.#endPause = end;
    });
  }

  #timeUp(): void {
    const end = this.#endPause;
    this.#endPause = null;
    if (end !== null) return end();
    if (!this.#conn.wakeRecv(WAKE_TIMEOUT)) this.#conn.wakeSend(WAKE_TIMEOUT);
  }
}

function lineEnded(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + "\n";
}

/** As the timed prompt shows it: "d:hh:mm:ss". */
function uptime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n % 60).padStart(2, "0");
  const hours = String(Math.floor(seconds / 3600) % 24).padStart(2, "0");
  return `${Math.floor(seconds / 86400)}:${hours}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
}
