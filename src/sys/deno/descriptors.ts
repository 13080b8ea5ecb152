// Descriptors of listening sockets on their way to another process, over a connection of a unix socket (SCM_RIGHTS), through
// the C library. Each goes with a line of text that names it. Linux only: the layout of the structures is its own.
import { AF_UNIX, type Libc, SOCK_STREAM } from "./libc.ts";
import { systemReason } from "./socket_options.ts";

/** struct msghdr, struct iovec, and a control message with one descriptor. */
const MSGHDR = 56;
const IOVEC = 16;
const CONTROL = 24;
const CONTROL_LENGTH = 20;

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const SO_RCVTIMEO = 20;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;

/** Bytes of a line at most. */
const MAX_LINE = 4096;

/** How long the other process may be silent, s. */
const SILENCE_S = 3;

/** The parts of a message, held together as long as a call uses them. */
class Message {
  readonly header = new Uint8Array(MSGHDR);
  readonly control = new Uint8Array(CONTROL);
  readonly #view = new DataView(this.header.buffer);
  readonly #controlView = new DataView(this.control.buffer);
  readonly #vector = new Uint8Array(IOVEC);

  constructor(readonly text: Uint8Array<ArrayBuffer>) {
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, addressOf(text), true);
    vector.setBigUint64(8, BigInt(text.length), true);
    this.#view.setBigUint64(16, addressOf(this.#vector), true);
    this.#view.setBigUint64(24, 1n, true);
  }

  attach(descriptor: number): void {
    const view = this.#controlView;
    view.setBigUint64(0, BigInt(CONTROL_LENGTH), true);
    view.setInt32(8, SOL_SOCKET, true);
    view.setInt32(12, SCM_RIGHTS, true);
    view.setInt32(16, descriptor, true);
    this.makeRoom();
  }

  makeRoom(): void {
    this.#view.setBigUint64(32, addressOf(this.control), true);
    this.#view.setBigUint64(40, BigInt(CONTROL), true);
  }

  /** The descriptor that came with it, or -1. */
  get attached(): number {
    const view = this.#controlView;
    if (this.#view.getBigUint64(40, true) < BigInt(CONTROL_LENGTH)) return -1;
    return view.getInt32(8, true) === SOL_SOCKET && view.getInt32(12, true) === SCM_RIGHTS
      ? view.getInt32(16, true)
      : -1;
  }
}

function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

/** Sends a line with a descriptor, which stays open here. "" or why not. */
export function sendDescriptor(libc: Libc, socket: number, line: string, descriptor: number): string {
  const text = new TextEncoder().encode(`${line}\n`);
  if (text.length > MAX_LINE) return "a name is too long";
  const message = new Message(text);
  message.attach(descriptor);
  const sent = libc.sendMessage(socket, message.header, MSG_NOSIGNAL);
  return sent === text.length ? "" : sent < 0 ? systemReason(sent) : "it does not take all";
}

/** Connects, sends a line, and takes all descriptors that come, by their lines. A string: why there are none. */
export function askForDescriptors(libc: Libc, path: string, request: string): Map<string, number> | string {
  const socket = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return systemReason(socket);
  const found = new Map<string, number>();
  let said: string;
  try {
    said = exchange(libc, socket, path, request, found);
  } finally {
    libc.close(socket);
  }
  if (said === "") return found;
  for (const descriptor of found.values()) libc.close(descriptor);
  return said;
}

function exchange(libc: Libc, socket: number, path: string, request: string, found: Map<string, number>): string {
  const name = new TextEncoder().encode(`\x01\x00${path}\x00`);
  const connected = libc.connect(socket, name);
  if (connected < 0) return systemReason(connected);
  libc.setOption(socket, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(new BigInt64Array([BigInt(SILENCE_S), 0n]).buffer));
  const asked = libc.sendMessage(socket, new Message(new TextEncoder().encode(request)).header, MSG_NOSIGNAL);
  if (asked < 0) return systemReason(asked);
  for (let said = "";;) {
    const message = new Message(new Uint8Array(MAX_LINE));
    message.makeRoom();
    const length = libc.receiveMessage(socket, message.header, MSG_CMSG_CLOEXEC);
    if (length < 0) return systemReason(length);
    if (length === 0) return said.trim();
    const text = new TextDecoder().decode(message.text.subarray(0, length));
    if (message.attached >= 0) found.set(text.trimEnd(), message.attached);
    else said += text;
    if (said.length > MAX_LINE) return "it answers something else";
  }
}
