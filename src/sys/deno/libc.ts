// The system's C library, through FFI: what the runtime's own API has no name for (socket options, sockets made by hand).
//
// It is opened when the first of it is used, once a thread, and only with `--allow-ffi` (nobody is asked: what is not
// granted is refused with a reason). A call that fails answers a negative error number, as the native handles do. The
// library stays usable when the right to open others is given up later (docs/security.md).

const { build } = Deno;

/** Where the library is, the first that opens counts: full paths fit a scoped `--allow-ffi=<path>`, bare names any. */
const ARCH = build.arch === "aarch64" ? "aarch64" : "x86_64";
const NAMES: readonly string[] = build.os === "darwin" ? ["/usr/lib/libSystem.B.dylib"] : [
  `/lib/${ARCH}-linux-gnu/libc.so.6`,
  "/lib64/libc.so.6",
  "/usr/lib/libc.so.6",
  `/lib/ld-musl-${ARCH}.so.1`,
  "libc.so.6",
];

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  chdir: { parameters: ["buffer"], result: "i32" },
  chroot: { parameters: ["buffer"], result: "i32" },
  setgroups: { parameters: ["usize", "buffer"], result: "i32" },
  setgid: { parameters: ["u32"], result: "i32" },
  setuid: { parameters: ["u32"], result: "i32" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32", optional: true },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  // Linux only.
  epoll_create1: { parameters: ["i32"], result: "i32", optional: true },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32", optional: true },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32", optional: true, nonblocking: true },
  memcpy: { parameters: ["buffer", "pointer", "usize"], result: "void" },
  // Where `errno` of the calling thread is: Linux, macOS.
  __errno_location: { parameters: [], result: "pointer", optional: true },
  __error: { parameters: [], result: "pointer", optional: true },
} as const;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The library of one thread. Every call answers what the function of that name does, or its negative error number. */
export class Libc {
  readonly #symbols: Symbols;
  readonly #errno: Deno.PointerObject;
  readonly #int = new Int32Array(1);
  readonly #intBytes = new Uint8Array(this.#int.buffer);
  readonly #length = new Uint32Array(1);
  readonly #lengthBytes = new Uint8Array(this.#length.buffer);

  constructor(symbols: Symbols, errno: Deno.PointerObject) {
    this.#symbols = symbols;
    this.#errno = errno;
  }

  #result(value: number): number {
    if (value >= 0) return value;
    // Copied by the library itself: the runtime's views of pointers need the right to all libraries, each time.
    this.#symbols.memcpy(this.#intBytes, this.#errno, INT_BYTES);
    return -this.#int[0];
  }

  socket(domain: number, type: number, protocol: number): number {
    return this.#result(this.#symbols.socket(domain, type, protocol));
  }

  bind(fd: number, sockaddr: Uint8Array<ArrayBuffer>): number {
    return this.#result(this.#symbols.bind(fd, sockaddr, sockaddr.length));
  }

  listen(fd: number, backlog: number): number {
    return this.#result(this.#symbols.listen(fd, backlog));
  }

  connect(fd: number, sockaddr: Uint8Array<ArrayBuffer>): number {
    return this.#result(this.#symbols.connect(fd, sockaddr, sockaddr.length));
  }

  close(fd: number): number {
    return this.#result(this.#symbols.close(fd));
  }

  setOption(fd: number, level: number, name: number, value: Uint8Array<ArrayBuffer>): number {
    return this.#result(this.#symbols.setsockopt(fd, level, name, value, value.length));
  }

  setInt(fd: number, level: number, name: number, value: number): number {
    this.#int[0] = value;
    return this.setOption(fd, level, name, this.#intBytes);
  }

  /** Reads into `value`; answers how many bytes came. */
  getOption(fd: number, level: number, name: number, value: Uint8Array<ArrayBuffer>): number {
    this.#length[0] = value.length;
    const result = this.#result(this.#symbols.getsockopt(fd, level, name, value, this.#lengthBytes));
    return result < 0 ? result : this.#length[0];
  }

  /** An option that is an int; NaN when it cannot be read. */
  getInt(fd: number, level: number, name: number): number {
    this.#int[0] = 0;
    return this.getOption(fd, level, name, this.#intBytes) < 0 ? NaN : this.#int[0];
  }

  /** A pair of connected unix sockets that close on exec and do not block, or a negative error number. */
  socketPair(): [number, number] | number {
    const pair = new Int32Array(2);
    const flags = build.os === "darwin" ? 0 : SOCK_CLOEXEC_NONBLOCK;
    const status = this.#result(this.#symbols.socketpair(AF_UNIX, SOCK_STREAM | flags, 0, new Uint8Array(pair.buffer)));
    return status < 0 ? status : [pair[0], pair[1]];
  }

  /** Soft and hard limit of descriptors; Infinity: none. Or a negative error number. */
  descriptorLimits(): [soft: number, hard: number] | number {
    const limits = new BigUint64Array(2);
    const status = this.#result(this.#symbols.getrlimit(RLIMIT_NOFILE, new Uint8Array(limits.buffer)));
    if (status < 0) return status;
    const number = (limit: bigint) => limit > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(limit);
    return [number(limits[0]), number(limits[1])];
  }

  /** `header` is a struct msghdr. */
  sendMessage(fd: number, header: Uint8Array<ArrayBuffer>, flags: number): number {
    return this.#result(Number(this.#symbols.sendmsg(fd, header, flags)));
  }

  receiveMessage(fd: number, header: Uint8Array<ArrayBuffer>, flags: number): number {
    return this.#result(Number(this.#symbols.recvmsg(fd, header, flags)));
  }

  setDescriptorLimits(soft: number, hard: number): number {
    const limit = (value: number) => value === Infinity ? RLIM_INFINITY : BigInt(value);
    const limits = BigUint64Array.of(limit(soft), limit(hard));
    return this.#result(this.#symbols.setrlimit(RLIMIT_NOFILE, new Uint8Array(limits.buffer)));
  }

  /** The calls that change who the process is and what it sees: of all its threads. */
  changeFolder(path: string): number {
    return this.#result(this.#symbols.chdir(new TextEncoder().encode(`${path}\0`)));
  }

  changeRoot(path: string): number {
    return this.#result(this.#symbols.chroot(new TextEncoder().encode(`${path}\0`)));
  }

  clearGroups(): number {
    return this.#result(this.#symbols.setgroups(0n, new Uint8Array(4)));
  }

  setGroup(gid: number): number {
    return this.#result(this.#symbols.setgid(gid));
  }

  setUser(uid: number): number {
    return this.#result(this.#symbols.setuid(uid));
  }

  /** From now on no program this thread, and those it starts, runs has more rights than it (Linux). */
  forbidNewPrivileges(): number {
    return this.#result(this.#symbols.prctl?.(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) ?? ENOSYS);
  }

  epollCreate(flags: number): number {
    return this.#result(this.#symbols.epoll_create1?.(flags) ?? ENOSYS);
  }

  epollControl(epoll: number, operation: number, fd: number, event: Uint8Array<ArrayBuffer>): number {
    return this.#result(this.#symbols.epoll_ctl?.(epoll, operation, fd, event) ?? ENOSYS);
  }

  /** Waits in another thread: the number of events, or -1. `events` belongs to it until then. */
  epollWait(epoll: number, events: Uint8Array<ArrayBuffer>, count: number, ms: number): Promise<number> {
    return this.#symbols.epoll_wait?.(epoll, events, count, ms) ?? Promise.resolve(-1);
  }

  /** Commands with an int argument (F_SETFD, F_SETFL). Not on macOS with ARM, which passes such arguments in its own way. */
  fcntl(fd: number, command: number, argument: number): number {
    return this.#result(this.#symbols.fcntl(fd, command, argument));
  }
}

const INT_BYTES = 4n;
export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
const SOCK_CLOEXEC_NONBLOCK = 0o2004000;
const RLIM_INFINITY = build.os === "darwin" ? 2n ** 63n - 1n : 2n ** 64n - 1n;
const PR_SET_NO_NEW_PRIVS = 38;
const RLIMIT_NOFILE = build.os === "darwin" ? 8 : 7;

/** What a function answers that this system does not have. */
const ENOSYS = -78;

/** The library when it was opened, and how to. One a thread. */
export class LazyLibc {
  #found: Libc | string | null = null;

  /** The library, or one line on why it cannot be used. */
  get(): Libc | string {
    return this.#found ??= openLibc();
  }
}

/** The path to grant: where the library is, as far as that may be looked at. */
export function libcPath(): string {
  return NAMES.find(isFile) ?? NAMES[0];
}

function isFile(path: string): boolean {
  try {
    const readable = Deno.permissions.querySync({ name: "read", path }).state === "granted";
    return readable && Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What to give the program. */
const NOT_GRANTED = "missing permission: access to the C library, run with --allow-ffi";

function openLibc(): Libc | string {
  if (build.os !== "linux" && build.os !== "darwin") return `there is none known on ${build.os}`;
  let reason = "";
  let granted = false;
  for (const name of NAMES) {
    try {
      if (Deno.permissions.querySync({ name: "ffi", path: name }).state !== "granted") continue;
      granted = true;
      const { symbols } = Deno.dlopen(name, SYMBOLS);
      const errno = symbols.__errno_location?.() ?? symbols.__error?.() ?? null;
      if (errno !== null) return new Libc(symbols, errno);
      reason = "it does not tell errors";
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  return granted ? `the C library cannot be opened: ${reason}` : NOT_GRANTED;
}
