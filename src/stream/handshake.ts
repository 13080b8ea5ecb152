// What a connection may begin with before anything else: a NetScaler header, then a PROXY protocol header
// (configuration.txt 5.1 "accept-netscaler-cip", "accept-proxy"; 4.4 "expect-proxy"). They come after the rules of
// `tcp-request connection`, which see the real addresses, and before those of `tcp-request session`, which see what they say.
import {
  HEADER_INVALID,
  HEADER_OTHER,
  HEADER_TOO_LONG,
  HEADER_UNHANDLED,
  parseNetscalerHeader,
  parseProxyHeader,
  ProxyHeader,
} from "../codec/mod.ts";
import { EXPECT_NETSCALER, EXPECT_PROXY } from "../proxy/mod.ts";
import {
  ERR_CIP_ABORT,
  ERR_CIP_BAD_MAGIC,
  ERR_CIP_BAD_PROTO,
  ERR_CIP_EMPTY,
  ERR_CIP_TIMEOUT,
  ERR_CIP_TRUNCATED,
  ERR_PRX_ABORT,
  ERR_PRX_BAD_HDR,
  ERR_PRX_BAD_PROTO,
  ERR_PRX_EMPTY,
  ERR_PRX_NOT_HDR,
  ERR_PRX_TIMEOUT,
  ERR_PRX_TRUNCATED,
} from "../sample/mod.ts";
import { type Conn, IO_END, IO_FULL, IO_RESET, WAKE_TIMEOUT } from "../sys/types.ts";
import type { Session } from "./session.ts";
import type { Stream } from "./stream.ts";

/** The numbers of errors by what went wrong. */
interface Errors {
  readonly other: number;
  readonly invalid: number;
  readonly unhandled: number;
  readonly truncated: number;
  readonly empty: number;
  readonly timeout: number;
  readonly abort: number;
}

const PROXY: Errors = {
  other: ERR_PRX_NOT_HDR,
  invalid: ERR_PRX_BAD_HDR,
  unhandled: ERR_PRX_BAD_PROTO,
  truncated: ERR_PRX_TRUNCATED,
  empty: ERR_PRX_EMPTY,
  timeout: ERR_PRX_TIMEOUT,
  abort: ERR_PRX_ABORT,
};

const NETSCALER: Errors = {
  other: ERR_CIP_BAD_MAGIC,
  invalid: ERR_CIP_BAD_PROTO,
  unhandled: ERR_CIP_BAD_PROTO,
  truncated: ERR_CIP_TRUNCATED,
  empty: ERR_CIP_EMPTY,
  timeout: ERR_CIP_TIMEOUT,
  abort: ERR_CIP_ABORT,
};

/** Reads what the connection is to begin with; the session then has the addresses it tells. 0, or the number of the error. */
export async function handshake(s: Stream): Promise<number> {
  const { session } = s;
  const { timeouts } = s.frontend.config;
  const ms = timeouts.clientHs || timeouts.client;
  const until = ms > 0 ? session.env.sys.clock.now() + ms : Infinity;
  if ((session.expects & EXPECT_NETSCALER) !== 0) {
    const magic = session.listener.config.netscalerMagic;
    const header = new ProxyHeader();
    const parse = ({ block, head, tail }: Conn, room: number) =>
      parseNetscalerHeader(block, head, tail, room, magic, header);
    const error = await readHeader(s, until, parse, NETSCALER);
    if (error !== 0) return error;
    takeAddresses(session, header);
  }
  if ((session.expects & EXPECT_PROXY) === 0) return 0;
  const header = new ProxyHeader();
  const parse = ({ block, head, tail }: Conn, room: number) => parseProxyHeader(block, head, tail, room, header);
  const error = await readHeader(s, until, parse, PROXY);
  if (error !== 0) return error;
  takeAddresses(session, header);
  session.proxyHeader = header;
  return 0;
}

function takeAddresses(session: Session, { source, destination }: ProxyHeader): void {
  if (source !== null) session.src = source;
  if (destination !== null) session.dst = destination;
}

/** Waits until `parse` finds a whole header among the unread bytes, and takes it. */
async function readHeader(
  s: Stream,
  until: number,
  parse: (conn: Conn, room: number) => number,
  errors: Errors,
): Promise<number> {
  const { conn, env } = s.session;
  const { blocks, clock } = env.sys;
  for (;;) {
    const length = conn.tail > conn.head ? parse(conn, blocks.size) : 0;
    if (length > 0) {
      conn.consume(length);
      return 0;
    }
    if (length < 0) return errorOf(length, errors);
    const left = until - clock.now();
    if (left <= 0) return errors.timeout;
    s.clientSide.timeoutMs = left === Infinity ? 0 : left;
    s.clientSide.begin();
    const got = await conn.recv(conn.tail - conn.head);
    s.clientSide.done();
    if (got > 0) continue;
    switch (got) {
      case IO_END:
        return conn.tail === conn.head ? errors.empty : errors.truncated;
      case IO_FULL:
        return errors.truncated;
      case IO_RESET:
        return errors.abort;
      default:
        return got === WAKE_TIMEOUT ? errors.timeout : errors.abort;
    }
  }
}

function errorOf(result: number, errors: Errors): number {
  switch (result) {
    case HEADER_OTHER:
      return errors.other;
    case HEADER_INVALID:
      return errors.invalid;
    case HEADER_UNHANDLED:
      return errors.unhandled;
    case HEADER_TOO_LONG:
      return errors.truncated;
    default:
      throw new Error(`not the result of a parser: ${result}`);
  }
}
