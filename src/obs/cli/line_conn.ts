// A connection that speaks lines: text in, text out, one code unit a byte. What is received and not taken, and made and not
// sent, is bounded; every wait for the other side ends after a timeout.
import { Timer, type Wheel } from "../../base/mod.ts";
import { type Conn, WAKE_PEER, WAKE_TIMEOUT } from "../../sys/types.ts";

/** Text sent at once, and sent before other work of main has its turn. */
const CHUNK = 16384;
const AT_ONCE = 65536;

export interface LineConnEnv {
  readonly wheel: Wheel;
  /** Settles in a later turn of the event loop. */
  turn(): Promise<void>;
  /** Bytes of a line, and of what follows it unread. */
  readonly maxInput: number;
}

export class LineConn {
  /** 0: waits for ever. */
  timeoutMs: number;
  /** Nothing more is sent or received. */
  broken = false;
  readonly #env: LineConnEnv;
  readonly #conn: Conn;
  readonly #timer: Timer<LineConn>;
  /** Received and not yet taken as a line. */
  #text = "";
  /** Made and not yet sent. */
  #out = "";
  #sentAtOnce = 0;
  #endPause: (() => void) | null = null;

  constructor(env: LineConnEnv, conn: Conn, timeoutMs: number) {
    this.#env = env;
    this.#conn = conn;
    this.timeoutMs = timeoutMs;
    this.#timer = new Timer<LineConn>(this, (timer) => timer.owner.#timeUp());
  }

  close(): void {
    this.#env.wheel.cancel(this.#timer);
    this.#conn.close();
  }

  /** Ends every wait, and closes. */
  abort(): void {
    this.broken = true;
    this.close();
    this.#timeUp();
  }

  /** Nothing more is sent; receiving goes on. */
  shutdown(): void {
    this.#conn.shutdown();
  }

  /** Ends a wait for what comes: readSome() and readLine() answer null. */
  wake(): void {
    this.#conn.wakeRecv(WAKE_PEER);
  }

  // ---- what is sent -----------------------------------------------------------------------------------------------

  /** Keeps text, and sends what has become enough. */
  async write(text: string): Promise<void> {
    this.#out += text;
    while (this.#out.length >= CHUNK && !this.broken) {
      const part = this.#out.slice(0, CHUNK);
      this.#out = this.#out.slice(CHUNK);
      await this.#send(part);
    }
  }

  async flush(): Promise<void> {
    const text = this.#out;
    this.#out = "";
    if (text !== "" && !this.broken) await this.#send(text);
  }

  async #send(text: string): Promise<void> {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const sending = this.#conn.send(bytes, 0, bytes.length);
    const sent = typeof sending === "number" ? sending : await this.#limited(sending);
    if (sent < 0) this.broken = true;
    this.#sentAtOnce += text.length;
    if (this.#sentAtOnce < AT_ONCE) return;
    this.#sentAtOnce = 0;
    await this.#env.turn();
  }

  // ---- what is received -------------------------------------------------------------------------------------------

  /** The next line without its end; null when there is none: the other side has ended, said nothing, or too much. */
  async readLine(): Promise<string | null> {
    await this.flush();
    for (let from = 0;;) {
      const end = this.#text.indexOf("\n", from);
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      from = this.#text.length;
      if (from >= this.#env.maxInput || this.broken || !await this.#receive()) return null;
    }
  }

  /** What has arrived and is not taken, at least a byte; null when nothing more comes. */
  async readSome(): Promise<string | null> {
    if (this.#text === "" && (this.broken || !await this.#receive())) return null;
    const text = this.#text;
    this.#text = "";
    return text;
  }

  async #receive(): Promise<boolean> {
    const receiving = this.#conn.recv(0);
    const received = typeof receiving === "number" ? receiving : await this.#limited(receiving);
    if (received < 0) return false;
    this.#take();
    return true;
  }

  /** Takes what has arrived already; true when a whole line is there. */
  get lineReady(): boolean {
    if (!this.#text.includes("\n") && this.#conn.tail > this.#conn.head) this.#take();
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

  /** Waits; nothing is received or sent meanwhile. */
  pause(ms: number): Promise<void> {
    if (this.broken) return Promise.resolve();
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
