// The native handles below `node:net`, found by looking: `process.binding("tcp_wrap" | "pipe_wrap" | "stream_wrap")`.
//
// They are no documented API. This is the only module that knows their shape; `findHandles` tries what is used of them
// and answers null when anything is missing, and the public layer is taken instead.
import process from "node:process";

/** A stream handle: a TCP or unix socket. Functions answer 0 or a negative error number. */
export interface StreamHandle {
  /** Whom the callbacks are for: set by the owner, not known to the runtime. */
  owner: unknown;
  onread: (this: StreamHandle) => void;
  onconnection: (this: StreamHandle, status: number) => void;
  /** Adopts a descriptor, which the handle then owns. */
  open(fd: number): number;
  listen(backlog: number): number;
  /** Moves the next accepted connection to a fresh handle; EAGAIN when there is none. */
  accept(into: StreamHandle): number;
  readStart(): number;
  readStop(): number;
  /** What is read is put at the start of `buffer`. Never on a handle that TLS will take. */
  useUserBuffer(buffer: Uint8Array<ArrayBuffer>): void;
  /** Tries to write at once; `oncomplete` is called only when that took not all. */
  writeBuffer(request: Request, bytes: Uint8Array<ArrayBuffer>): number;
  shutdown(request: Request): number;
  close(): void;
  /** Closes with RST; only TCP has it. */
  reset?(): number;
  setNoDelay?(on: boolean): number;
  /** `delay` 0: the system's. */
  setKeepAlive?(on: boolean, delay: number): number;
  getsockname?(into: SocketName): number;
  getpeername?(into: SocketName): number;
  bind(host: string, port?: number): number;
  bind6?(host: string, port: number, flags: number): number;
  /** As bind() with flags, of which only REUSE_PORT is heeded; both families. */
  bindWithFlags?(host: string, port: number, flags: number): number;
  /** Answers at once whether it began; `oncomplete` tells the rest. */
  connect(request: Request, host: string, port?: number): number;
  connect6?(request: Request, host: string, port: number): number;
  /** A duplicate of the descriptor, owned by the caller. */
  fdForIpc(): number;
}

export interface SocketName {
  address?: string;
  port?: number;
}

/** A write, shutdown or connect under way. */
export interface Request {
  owner: unknown;
  oncomplete: (this: Request, status: number) => void;
  /** What native code still reads must stay reachable. */
  bytes: Uint8Array<ArrayBuffer> | null;
}

type MakeHandle = new (type: number) => StreamHandle;
type MakeRequest = new () => Request;

interface StreamBinding {
  readonly WriteWrap: MakeRequest;
  readonly ShutdownWrap: MakeRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

/** End of the stream, as a count of bytes read. */
export const UV_EOF = -4095;

/** Flag of bind: SO_REUSEPORT. */
export const REUSE_PORT = 4;

const SOCKET = 0;
const SERVER = 1;

/** What the bindings of one thread give. */
export class Handles {
  constructor(
    private readonly TCP: MakeHandle,
    private readonly TCPConnectWrap: MakeRequest,
    private readonly Pipe: MakeHandle,
    private readonly PipeConnectWrap: MakeRequest,
    private readonly stream: StreamBinding,
  ) {}

  socket(unix: boolean): StreamHandle {
    return unix ? new this.Pipe(SOCKET) : new this.TCP(SOCKET);
  }

  server(unix: boolean): StreamHandle {
    return unix ? new this.Pipe(SERVER) : new this.TCP(SERVER);
  }

  connectRequest(unix: boolean): Request {
    return unix ? new this.PipeConnectWrap() : new this.TCPConnectWrap();
  }

  writeRequest(): Request {
    return new this.stream.WriteWrap();
  }

  shutdownRequest(): Request {
    return new this.stream.ShutdownWrap();
  }

  /** Within `onread`: bytes read, or a negative error number. */
  bytesRead(): number {
    return this.stream.streamBaseState[this.stream.kReadBytesOrError];
  }

  /** After `writeBuffer`: whether `oncomplete` will come. */
  lastWriteWaits(): boolean {
    return this.stream.streamBaseState[this.stream.kLastWriteWasAsync] !== 0;
  }
}

const STREAM_FUNCTIONS = [
  "open",
  "listen",
  "accept",
  "readStart",
  "readStop",
  "useUserBuffer",
  "writeBuffer",
  "shutdown",
  "close",
  "bind",
  "connect",
  "fdForIpc",
];
const TCP_FUNCTIONS = [
  "reset",
  "setNoDelay",
  "setKeepAlive",
  "getsockname",
  "getpeername",
  "bind6",
  "bindWithFlags",
  "connect6",
];

/** The handles of this runtime, or null when it has not all that is used. */
export function findHandles(): Handles | null {
  try {
    const { binding } = process as unknown as { binding(name: string): Record<string, unknown> };
    const tcp = binding("tcp_wrap"), pipe = binding("pipe_wrap"), stream = binding("stream_wrap");
    const { TCP, TCPConnectWrap, constants } = tcp as Record<string, unknown>;
    const { SOCKET: socket, SERVER: server, UV_TCP_REUSEPORT: reusePort } = constants as Record<string, unknown>;
    const known = socket === SOCKET && server === SERVER && reusePort === REUSE_PORT &&
      stream.streamBaseState instanceof Int32Array &&
      typeof stream.kReadBytesOrError === "number" && typeof stream.kLastWriteWasAsync === "number" &&
      [TCP, TCPConnectWrap, pipe.Pipe, pipe.PipeConnectWrap, stream.WriteWrap, stream.ShutdownWrap].every(isFunction) &&
      hasAll(TCP, [...STREAM_FUNCTIONS, ...TCP_FUNCTIONS]) && hasAll(pipe.Pipe, STREAM_FUNCTIONS);
    if (!known) return null;
    return new Handles(
      TCP as MakeHandle,
      TCPConnectWrap as MakeRequest,
      pipe.Pipe as MakeHandle,
      pipe.PipeConnectWrap as MakeRequest,
      stream as unknown as StreamBinding,
    );
  } catch {
    return null;
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function hasAll(constructor: unknown, names: readonly string[]): boolean {
  const { prototype } = constructor as { prototype: Record<string, unknown> };
  return names.every((name) => name in prototype);
}
