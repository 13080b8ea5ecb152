// Another process of this program, started with a channel of messages through which listening sockets are handed to it.
//
// The channel is that of `node:child_process`; a socket crosses it as a descriptor (SCM_RIGHTS), so what waits in its queue
// stays there, and who closes it later closes only his own. A message with a socket that is sent before the one before it
// was read is lost by the runtime (measured), so who sends several waits for an answer to each.
import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { deserialize, serialize } from "node:v8";
import type { ListenToken } from "../types.ts";
import { findHandles, type StreamHandle } from "./handles.ts";

/** Plain data on its way: the channel itself carries only JSON. */
interface Envelope {
  readonly data: string;
}

export interface ChildOptions {
  readonly executable: string;
  readonly words: readonly string[];
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  received(message: unknown): void;
  /** It is gone: its exit status, or 128 and the number of the signal that ended it. */
  exited(status: number): void;
}

/** Numbers of the signals that end a process without being asked. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

export class Child {
  readonly pid: number;
  readonly #process: ChildProcess;

  /** Throws when the program cannot be started. */
  constructor(options: ChildOptions) {
    this.#process = spawn(options.executable, [...options.words], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...options.env },
    });
    if (this.#process.pid === undefined) throw new Error("the process does not start");
    this.pid = this.#process.pid;
    this.#process.on("message", (message: Envelope) => options.received(open(message)));
    // It may be gone while it is told something.
    this.#process.on("error", () => {});
    this.#process.on("exit", (code, signal) => {
      options.exited(code ?? 128 + (signal === null ? 0 : SIGNAL_NUMBERS[signal] ?? 0));
    });
  }

  post(message: unknown): void {
    if (this.#process.connected) this.#process.send(close(message), () => {});
  }

  /** Posts a message with a share of a listening socket, which it takes. */
  postSocket(message: unknown, share: ListenToken): void {
    const { fd } = share.backend as { fd: number };
    const handle = findHandles()!.server(false);
    // A handle of TCP carries the descriptor of any socket; one of unix sockets is not sent.
    handle.open(fd);
    if (!this.#process.connected) return handle.close();
    this.#process.send(close(message), handle as never, {}, () => handle.close());
  }

  kill(signal: "SIGTERM" | "SIGINT" | "SIGUSR1" | "SIGKILL"): void {
    try {
      // The channel stays open, unlike with ChildProcess.kill(): the child is not to think that this process is gone.
      Deno.kill(this.pid, signal);
    } catch { /* gone already */ }
  }
}

/** In the child: the channel to who started it. */
export interface ParentLink {
  post(message: unknown): void;
}

export interface ParentOptions {
  /** A message, with the descriptor of a listening socket that came with it, or -1. */
  received(message: unknown, descriptor: number): void;
  /** Who started this process is gone. */
  lost(): void;
}

/** Null: this process was not started by Child. */
export function parentLink(options: ParentOptions): ParentLink | null {
  if (process.send === undefined) return null;
  process.on("message", (message: Envelope, handle: unknown) => {
    let descriptor = -1;
    if (handle !== undefined && handle !== null) {
      descriptor = (handle as StreamHandle).fdForIpc();
      (handle as StreamHandle).close();
    }
    options.received(open(message), descriptor);
  });
  process.on("disconnect", () => options.lost());
  return { post: (message) => void process.send!(close(message)) };
}

function close(message: unknown): Envelope {
  return { data: serialize(message).toString("base64") };
}

function open({ data }: Envelope): unknown {
  return deserialize(Buffer.from(data, "base64"));
}
