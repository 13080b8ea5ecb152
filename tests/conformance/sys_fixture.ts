// What the contract suite of Sys backends is given, and its helpers: connected pairs, texts, patterns.
import { assertEquals } from "@std/assert";
import { type Address, type Conn, type Listener, type OpenListener, type Sys } from "../../src/sys/types.ts";

/** One backend made for one test. */
export interface SysFixture {
  readonly sys: Sys;
  /** True when reset() reaches the peer as a reset and not as an end. */
  readonly resets: boolean;
  /** A folder of this test alone, for files and unix sockets; exists and is empty. */
  readonly dir: string;
  /** Waits for a result; a backend with virtual time drives it until the promise settles. */
  run<T>(value: T | Promise<T>): Promise<T>;
  /** Lets everything that is ready (bytes under way, messages, ended operations) happen. */
  settle(): Promise<void>;
  /** Lets at least `ms` milliseconds of the backend's clock pass. */
  advance(ms: number): Promise<void>;
  /** Frees what the fixture holds. */
  close(): void | Promise<void>;
}

/**
 * Makes a backend. Its `bus` starts threads that behave so: the first message posted back is `{ thread, data }` (as
 * given to `start`); then "throw" raises an uncaught error, "end" closes the port, anything else is posted back as
 * `{ echo: message }`.
 */
export type MakeSys = () => SysFixture | Promise<SysFixture>;

export const LOOPBACK: Address = { family: "ipv4", host: "127.0.0.1", port: 0 };

/** A connected pair over a listening socket; `end` closes all and checks that every block came back. */
export interface Pair {
  readonly client: Conn;
  readonly server: Conn;
  end(): Promise<void>;
}

export async function connect(f: SysFixture, remote: Address): Promise<Conn> {
  const conn = await f.run(f.sys.net.connect({ remote }).done);
  if (typeof conn === "number") throw new Error(`connect: code ${conn}`);
  return conn;
}

export async function accept(f: SysFixture, listener: Listener): Promise<Conn> {
  const conn = await f.run(listener.accept());
  if (typeof conn === "number") throw new Error(`accept: code ${conn}`);
  return conn;
}

export function open(f: SysFixture, address: Address, mode?: number): OpenListener {
  const opened = f.sys.net.open({ address, backlog: 128, mode });
  if (typeof opened === "string") throw new Error(`open: ${opened}`);
  return opened;
}

export function adopt(f: SysFixture, opened: OpenListener): Listener {
  const token = opened.share();
  if (typeof token === "string") throw new Error(`share: ${token}`);
  const listener = f.sys.net.adopt(structuredClone(token));
  if (typeof listener === "string") throw new Error(`adopt: ${listener}`);
  return listener;
}

export async function noBlockLeft(f: SysFixture): Promise<void> {
  for (let i = 0; i < 50 && f.sys.blocks.outstanding !== 0; i++) await f.settle();
  assertEquals(f.sys.blocks.outstanding, 0, "blocks that never came back to the pool");
}

export async function pair(f: SysFixture, address: Address = LOOPBACK): Promise<Pair> {
  const opened = open(f, address);
  const listener = adopt(f, opened);
  const client = await connect(f, opened.address);
  const server = await accept(f, listener);
  return {
    client,
    server,
    async end() {
      client.close();
      server.close();
      listener.close();
      opened.close();
      await noBlockLeft(f);
    },
  };
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** `length` bytes that differ by place, so that lost, doubled and moved bytes are seen. */
export function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let x = seed;
  for (let i = 0; i < length; i++) {
    x = Math.imul(x, 1103515245) + 12345 | 0;
    bytes[i] = x >>> 16;
  }
  return bytes;
}

export function unreadText(conn: Conn): string {
  return new TextDecoder().decode(conn.block.subarray(conn.head, conn.tail));
}

export async function sendText(f: SysFixture, conn: Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  assertEquals(await f.run(conn.send(bytes, 0, bytes.length)), bytes.length);
}

/** Waits until `length` bytes are unread and takes them as text. */
export async function takeText(f: SysFixture, conn: Conn, length: number): Promise<string> {
  assertEquals(await f.run(conn.recv(length - 1)), conn.tail - conn.head);
  const text = new TextDecoder().decode(conn.block.subarray(conn.head, conn.head + length));
  conn.consume(length);
  return text;
}

/** Reads until a code comes, checks what came against `expected`; returns the code. */
export async function drain(conn: Conn, expected: Uint8Array): Promise<number> {
  let at = 0;
  for (;;) {
    const n = await conn.recv(0);
    if (n < 0) {
      assertEquals(at, expected.length, "bytes received");
      return n;
    }
    for (let i = 0; i < n; i++) {
      if (conn.block[conn.head + i] !== expected[at + i]) {
        throw new Error(`byte ${at + i} of ${expected.length} differs`);
      }
    }
    at += n;
    conn.consume(n);
    if (at === expected.length) return 0;
  }
}

/** What a promise became, without waiting for it. */
export function watch(value: number | Promise<number>): { result: number | undefined } {
  const state: { result: number | undefined } = { result: undefined };
  if (typeof value === "number") state.result = value;
  else value.then((result) => state.result = result);
  return state;
}

/** Bytes no socket buffers of a connection can hold, so that a send of them waits for the reader. */
export const MORE_THAN_BUFFERED = 16 << 20;

/** Registers one test of the suite. */
export type Test = (what: string, body: (f: SysFixture) => Promise<void>) => void;
