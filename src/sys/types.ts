// Everything nondeterministic enters through `Sys`: the wire, time, files, randomness, names, the process and messages
// between threads. Two backends implement it: `sys/deno` (this runtime) and `sys/sim` (virtual time and network), under
// one contract suite. This file is the contract; it imports nothing that does I/O.
import type { BlockPool } from "../base/mod.ts";

// ---- results of I/O -------------------------------------------------------------------------------------------
// A peer's fault is a code, a throw is a bug. Codes of Conn operations; a waker passes one of the WAKE_ codes.

/** The peer has finished sending (FIN); what was received before it is still unread. */
export const IO_END = -1;
/** The connection is broken: reset by the peer, or the transport failed. */
export const IO_RESET = -2;
/** The receive block is full: nothing more can be read before something is consumed. */
export const IO_FULL = -3;
/** This side closed the connection while the operation was pending. */
export const IO_CLOSED = -4;
/** connect(): refused by the peer. */
export const IO_REFUSED = -5;
/** connect(): no route, unknown address, or a local resource (ports, descriptors) is exhausted. */
export const IO_UNREACHABLE = -6;
/** connect()/accept(): no descriptor left. */
export const IO_NO_DESCRIPTOR = -7;
/** An operation the permissions of this process do not allow. */
export const IO_DENIED = -8;
/** Woken by a timer. */
export const WAKE_TIMEOUT = -16;
/** Woken because the other side of the stream ended. */
export const WAKE_PEER = -17;
/** Woken by a command or rule that kills the stream. */
export const WAKE_KILL = -18;
/** Woken because the thread is stopping. */
export const WAKE_STOP = -19;
/** Woken because a resting connection is taken out of its pool. */
export const WAKE_REUSED = -20;

/** An address of a socket. Unix paths starting with "\0" are abstract. */
export type Address =
  | { readonly family: "ipv4" | "ipv6"; readonly host: string; readonly port: number }
  | { readonly family: "unix"; readonly path: string };

// ---- connections ----------------------------------------------------------------------------------------------

/**
 * One stream connection. It owns its receive block: unread bytes are `block[head, tail)`. One recv and one send may be
 * outstanding at a time; starting a second one is a bug and throws.
 */
export interface Conn {
  readonly local: Address;
  readonly remote: Address;
  /** The receive block, NO_BLOCK while nothing is unread. It may be replaced by any recv(): re-read it afterwards. */
  readonly block: Uint8Array<ArrayBuffer>;
  readonly head: number;
  readonly tail: number;
  /**
   * Waits until more than `have` bytes are unread. Answers at once when it can.
   * Returns the number of unread bytes, or IO_END, IO_RESET, IO_FULL, IO_CLOSED or the code given to wakeRecv().
   * An error never hides bytes: what is unread stays readable. IO_END is returned again by each later call.
   */
  recv(have: number): number | Promise<number>;
  /** Marks `n` unread bytes as read. With none left the block goes back to the pool as soon as nothing is pending on it. */
  consume(n: number): void;
  /**
   * Sends `bytes[from, to)`, all of it. Settles when the bytes may be reused.
   * Returns `to - from`, or IO_RESET, IO_CLOSED or the code given to wakeSend() (the operation below goes on: the
   * connection can then only be closed, and `bytes` must not be reused until `sendIdle()`).
   */
  send(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number | Promise<number>;
  /** 0, or a promise settled when no send is using a borrowed block any more. */
  sendIdle(): number | Promise<number>;
  /**
   * Keeps the receive block out of the pool until release(), even past close(): for who lends it to another's send().
   * Meanwhile nothing of it moves: a recv() answers IO_FULL when there is no room behind what is unread.
   */
  hold(): void;
  release(): void;
  /** Settles a waiting recv() with `code` (a WAKE_ code). False when none waits. First wake wins; no bytes are lost. */
  wakeRecv(code: number): boolean;
  /** Settles a waiting send() with `code`. False when none waits. */
  wakeSend(code: number): boolean;
  /** Sends FIN after what was sent; receiving goes on. */
  shutdown(): void;
  /** Closes both ways; unread bytes are dropped; waiting operations settle with IO_CLOSED. Idempotent. */
  close(): void;
  /** Closes with RST where the transport can, else as close(). */
  reset(): void;
  /** Sets options of the open socket. "", or why not. */
  setOptions(options: SocketOptions): string;
  /** What the kernel knows of the connection; null: nothing, or there is no access to it. */
  tcpInfo(): TcpInfo | null;
}

/**
 * What a TCP socket is to be beyond what every one is here (TCP_NODELAY, SO_REUSEADDR). Plain data; what is not given is
 * left to the system. A connection taken from a listening socket has its options from there. All but `keepAlive` need
 * `Net.optionsUsable()`. Unix sockets have none of them.
 */
export interface SocketOptions {
  /** SO_KEEPALIVE, with probes, idle time and interval where they are given. */
  readonly keepAlive?: boolean;
  readonly keepAliveCount?: number;
  readonly keepAliveIdleS?: number;
  readonly keepAliveIntervalS?: number;
  /** SO_RCVBUF and SO_SNDBUF, bytes. */
  readonly receiveBuffer?: number;
  readonly sendBuffer?: number;
  /** TCP_NOTSENT_LOWAT, bytes. */
  readonly notSentLowWater?: number;
  /** TCP_USER_TIMEOUT. */
  readonly userTimeoutMs?: number;
  /** TCP_MAXSEG: bytes, or below 0 so many less than what the system takes. */
  readonly maxSegment?: number;
  /** TCP_CONGESTION: the name of an algorithm. */
  readonly congestion?: string;
  /** SO_BINDTODEVICE: the name of a network interface. */
  readonly interface?: string;
  /** SO_MARK; IP_TOS or IPV6_TCLASS. */
  readonly mark?: number;
  readonly tos?: number;
  /** IP_TRANSPARENT: addresses of others may be bound. */
  readonly transparent?: boolean;
  /** IPV6_V6ONLY: whether "::" leaves IPv4 to others. */
  readonly v6only?: boolean;
  /** TCP_DEFER_ACCEPT, seconds (listening sockets). */
  readonly deferAcceptS?: number;
  /** TCP_FASTOPEN: length of the queue of a listening socket, above 0: on for a connect. */
  readonly fastOpen?: number;
}

/** Figures of the kernel about a TCP connection (TCP_INFO). */
export interface TcpInfo {
  readonly rttUs: number;
  readonly rttvarUs: number;
  readonly unacked: number;
  readonly sacked: number;
  readonly lost: number;
  readonly retrans: number;
  readonly fackets: number;
  readonly reordering: number;
}

/** What a listening socket is asked to be. Plain data: it crosses threads. */
export interface ListenSpec {
  readonly address: Address;
  /** Length of the kernel's accept queue. */
  readonly backlog: number;
  /** Unix sockets: mode of the file, e.g. 0o660, and its owners. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Others may be opened on the same address (SO_REUSEPORT): the kernel spreads connections over them. */
  readonly reusePort?: boolean;
  /** Which one of them it is: it tells them apart, and nothing else. */
  readonly shard?: number;
  readonly options?: SocketOptions;
  /** A descriptor that already is a listening socket of this address (`fd@`, a reload): it is used instead. */
  readonly descriptor?: number;
}

/** One share of a listening socket as main hands it to a thread: plain data, meaning known to the backend that made it. */
export interface ListenToken {
  readonly address: Address;
  readonly backend: Readonly<Record<string, string | number | boolean>>;
}

/** A listening socket held open by main. Closing it stops the listening once no thread has a share of it. */
export interface OpenListener {
  /** The address it is bound to, with the port that was given when 0 was asked for. */
  readonly address: Address;
  /** Makes a share, to be adopted once by one thread; a string is the reason why not. */
  share(): ListenToken | string;
  close(): void;
}

/** A thread's share of a listening socket. Not calling accept() leaves connections in the kernel's queue. */
export interface Listener {
  readonly address: Address;
  /** The next connection, or IO_CLOSED, IO_NO_DESCRIPTOR (the caller pauses and retries) or IO_RESET (gone meanwhile). */
  accept(): Conn | number | Promise<Conn | number>;
  /**
   * Takes no more from the kernel. accept() goes on to give what this share has taken already, then IO_CLOSED; what still
   * waits in the kernel's queue is for the other shares. Ends a waiting accept() with IO_CLOSED.
   */
  finish(): void;
  /** As finish(), and drops what was taken; the socket itself stays open in the other threads and in main. */
  close(): void;
}

export interface ConnectSpec {
  readonly remote: Address;
  /** Source address; not every backend and layer can: IO_DENIED then. */
  readonly local?: Address;
  readonly options?: SocketOptions;
}

/** A connect under way. `wake` ends the waiting at once with that code (the attempt is dropped below). */
export interface Connecting {
  readonly done: Conn | number | Promise<Conn | number>;
  wake(code: number): boolean;
}

/** A datagram socket that only sends (logs) or also receives (DNS, syslog listeners). Lossy, bounded, never throws. */
export interface Datagram {
  /** The address it is bound to; undefined for an unbound sender. */
  readonly local: Address | undefined;
  /** Queues one datagram; false when the bounded queue is full and it was dropped. `bytes` is copied. */
  send(bytes: Uint8Array, from: number, to: number, target: Address): boolean;
  /** Messages that are queued and not sent yet. */
  readonly pending: number;
  /** Told of each message that was queued and then could not be sent, with the reason. */
  onlost: ((reason: string) => void) | null;
  /** The next datagram, or a code. */
  recv(into: Uint8Array<ArrayBuffer>): Promise<{ length: number; from: Address } | number>;
  close(): void;
}

export interface Net {
  /** Main thread: opens a listening socket. A string is the reason why not, for one clear line to the operator. */
  open(spec: ListenSpec): OpenListener | string;
  /** Thread: a share of the socket. */
  adopt(token: ListenToken): Listener | string;
  connect(spec: ConnectSpec): Connecting;
  /** "" when this thread can set SocketOptions and read TcpInfo, or one line on why not and what to do. */
  optionsUsable(): string;
  /**
   * Gives listening sockets, which stay open here, to the process at the other end of a unix connection, each with a line
   * that names it (`expose-fd listeners`). "" or why not.
   */
  give(conn: Conn, sockets: ReadonlyMap<string, OpenListener>): string;
  /** `local` undefined: an unbound sender. */
  datagram(family: "ipv4" | "ipv6" | "unix", local?: Address): Datagram | string;
}

// ---- time -----------------------------------------------------------------------------------------------------

export interface Clock {
  /** Milliseconds since process start (the same origin in every thread), with fractions; cached for a turn. */
  now(): number;
  /** As now(), read afresh. */
  precise(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Arms the thread's only timer: `fire` runs once, not before `at` (as of now()). A later call replaces it. */
  arm(at: number, fire: () => void): void;
  disarm(): void;
}

// ---- the rest -------------------------------------------------------------------------------------------------

export interface Fs {
  /** The content, or a short reason such as "No such file or directory". */
  readFile(path: string): Uint8Array<ArrayBuffer> | string;
  /** Names in a folder (unsorted), or the reason. */
  readDir(path: string): string[] | string;
  kind(path: string): "file" | "dir" | "other" | "absent";
  /** Writes a whole file, atomically where the platform can. Empty string when done, else the reason. */
  writeFile(path: string, bytes: Uint8Array): string;
  remove(path: string): string;
}

export interface Rand {
  /** Uniform in [0, 1); not for secrets. */
  float(): number;
  /** An unsigned 32-bit integer; not for secrets. */
  u32(): number;
  /** Fills with bytes fit for secrets. */
  fill(bytes: Uint8Array<ArrayBuffer>): void;
}

export interface Dns {
  /** Addresses of a name through the system's resolver; empty when there are none. */
  lookup(name: string, family: "ipv4" | "ipv6" | "any"): Promise<string[]>;
}

export interface Proc {
  readonly pid: number;
  readonly hostname: string;
  readonly cpus: number;
  /** Descriptors this process may have. */
  readonly descriptorLimit: number;
  /** Milliseconds of processor time this process has used, all threads together. */
  readonly cpuMs: number;
  /** Whether an address (no name) is one of this machine's, as of a second ago at most. */
  isLocal(host: string): boolean;
  env(name: string): string | undefined;
  /** Writes to standard output or error, whole, at once; errors are dropped. */
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  /**
   * Writes all of `bytes`, which must not change meanwhile, to standard output (1), error (2) or another descriptor that
   * the process was started with. A reader that does not read holds up nobody but this write. Settles with "", or with the
   * reason why not all of it was written.
   */
  write(descriptor: number, bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  exit(code: number): never;
}

export interface Signals {
  /** Calls `handler` for each signal of that name ("SIGUSR1"). Returns what removes it. */
  on(name: string, handler: () => void): () => void;
}

/** One end of a channel between two threads. Messages are structured-cloneable plain data and arrive in order. */
export interface Port {
  post(message: unknown): void;
  /** Set by the owner; messages that came before are delivered on setting it. */
  onmessage: ((message: unknown) => void) | null;
  close(): void;
}

/** Starts threads (main only) and connects them. */
export interface Bus {
  /** Starts a thread with its number and plain start data; `onexit` runs once when it ended, with the reason ("" = asked to). */
  start(thread: number, data: unknown, onexit: (reason: string) => void): ThreadHandle;
}

export interface ThreadHandle {
  readonly port: Port;
  /** Ends the thread at once, wherever it is. */
  terminate(): void;
}

export interface Sys {
  readonly blocks: BlockPool;
  readonly clock: Clock;
  readonly net: Net;
  readonly fs: Fs;
  readonly rand: Rand;
  readonly dns: Dns;
  readonly proc: Proc;
  readonly signals: Signals;
  readonly bus: Bus;
  /** Settles in a later turn of the event loop, after I/O that is ready had its chance. */
  turn(): Promise<void>;
}
