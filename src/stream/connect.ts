// From a chosen backend to a server connection: pick a server or queue for one, reuse an idle connection or open one,
// retry and redispatch (configuration.txt 4.2 "retries", "option redispatch", "http-reuse").
//
// connectServer() answers 0 when `stream.back` is connected, the HTTP status to answer with when it cannot be (the
// termination letters are set), or a negative code when the client is gone and nothing is to be answered.
import {
  ASSIGN_NO_SERVER,
  ASSIGN_QUEUE_FULL,
  ASSIGN_QUEUE_TIMEOUT,
  type Idle,
  RETRY_CONN_FAILURE,
  type Server,
} from "../proxy/mod.ts";
import { C } from "../table/mod.ts";
import { type Conn, IO_NO_DESCRIPTOR, IO_UNREACHABLE, WAKE_KILL, WAKE_STOP, WAKE_TIMEOUT } from "../sys/types.ts";
import { BACK, type Endpoint, H1Endpoint, RawEndpoint } from "../mux/mod.ts";
import { EVENT_CONN_ERR, EVENT_TIMEOUT, SERVER_CONNECTION } from "../sample/mod.ts";
import { connectErrorOf } from "./facts.ts";
import { coversReuse, retriesOf } from "./retry.ts";
import { sourceClient } from "./source_client.ts";
import type { Stream } from "./stream.ts";

/** Longest pause before a retry on the same server, ms: a server that restarts gets time to do so. */
const RETRY_PAUSE_MS = 1000;

export function connectServer(s: Stream): number | Promise<number> {
  const backend = s.backend!;
  s.vars.endRequest();
  s.wantServer();
  const assigned = backend.assign(s, s.waiter);
  if (typeof assigned === "object" && !(assigned instanceof Promise)) {
    s.takeServer(assigned);
    if (reuse(s, assigned)) return 0;
  }
  return connectSlowly(s, assigned);
}

/**
 * Another attempt, after one whose request was sent; nothing of that is left but the slot. A server whose connections break
 * may have broken all of them: the attempt goes over a new one.
 */
export function connectAgain(s: Stream): Promise<number> {
  const server = s.server!;
  s.retries++;
  server.counters.add(C.wretr);
  s.backend!.back.add(C.wretr);
  if (redispatches(s, server)) return connectSlowly(s, redispatch(s, server));
  server.counters.add(C.stot);
  return connectSlowly(s, server);
}

function connKey(s: Stream, server: Server): string {
  return server.connKey(s, server.foreign ? sourceClient(s) : null);
}

/** Takes an idle connection to the server, if the request may go over one. */
function reuse(s: Stream, server: Server): boolean {
  if (s.backend!.mode !== "http" || s.attempts > 0) return false;
  const first = s.session.requests === 0;
  const idle = server.takeIdle(s.session, first, first && coversReuse(s), nameOf(s, server)) as
    | (Idle & H1Endpoint)
    | null;
  if (idle === null) return false;
  idle.resume();
  server.counters.add(C.reuse);
  s.backend!.back.add(C.reuse);
  s.attachBack(idle, true);
  return true;
}

async function connectSlowly(s: Stream, first: Server | number | Promise<Server | number>): Promise<number> {
  let assigned = first;
  const backend = s.backend!;
  for (;;) {
    const server: Server | number = await assigned;
    if (typeof server === "number") return notAssigned(s, server);
    if (!s.holdsSlot) s.takeServer(server);
    if (s.stopped !== 0) return ended(s);
    if (reuse(s, server)) return 0;
    const conn = await openConnection(s, server);
    if (typeof conn !== "number") {
      s.attachBack(wrap(s, conn), false);
      return 0;
    }
    s.connectError = connectErrorOf(conn);
    s.events.add(SERVER_CONNECTION, true, conn === WAKE_TIMEOUT ? EVENT_TIMEOUT : EVENT_CONN_ERR);
    if (s.stopped !== 0) return ended(s);
    if ((backend.config.retryOn & RETRY_CONN_FAILURE) === 0 || s.retries >= retriesOf(s)) {
      server.counters.add(C.econ);
      backend.back.add(C.econ);
      return failed(s, conn);
    }
    s.retries++;
    if (redispatches(s, server)) {
      assigned = redispatch(s, server);
    } else {
      server.counters.add(C.wretr);
      server.counters.add(C.stot);
      backend.back.add(C.wretr);
      if (conn !== WAKE_TIMEOUT) {
        await s.sleep(Math.min(RETRY_PAUSE_MS, backend.config.timeouts.connect || RETRY_PAUSE_MS));
      }
      if (s.stopped !== 0) return ended(s);
      assigned = server;
    }
  }
}

/**
 * `option redispatch <interval>`: whether this retry goes to another server. Who did not insist on the one that failed, by
 * persistence, a rule or a hash, loses nothing by another and goes there at once.
 */
function redispatches(s: Stream, failed: Server): boolean {
  const backend = s.backend!;
  const retries = retriesOf(s);
  const interval = backend.config.redispatch;
  // `force-persist` and `option persist` on a server that is down: the former never leaves it.
  if (interval === 0 || (s.waiter.forced && s.backRules.persistence(s) === "force")) return false;
  if ((s.waiter.wanted !== failed || s.prefersServer) && !backend.hashes && backend.usableServers > 1) return true;
  return interval > 0 ? s.retries % interval === 0 : s.retries === retries + 1 + interval;
}

/** Gives the slot back and asks for one of another server. */
function redispatch(s: Stream, failed: Server): Server | number | Promise<Server | number> {
  const backend = s.backend!;
  s.giveServer();
  s.redispatched = true;
  s.waiter.wanted = null;
  s.waiter.forced = false;
  s.waiter.avoid = failed;
  failed.counters.add(C.wredis);
  backend.back.add(C.wredis);
  return backend.assign(s, s.waiter);
}

async function openConnection(s: Stream, server: Server): Promise<Conn | number> {
  while (!server.openConnection()) {
    const code = await waitForConnection(s, server);
    if (code !== 0) return code;
  }
  const connecting = server.connect(s.session.dst, server.foreign ? sourceClient(s) : null, s.serverSocket);
  server.counters.add(C.connect);
  s.backend!.back.add(C.connect);
  if (connecting === null) {
    server.connectionClosed();
    return IO_UNREACHABLE;
  }
  s.connecting = (code) => connecting.wake(code);
  s.serverSide.timeoutMs = s.backend!.config.timeouts.connect;
  s.serverSide.begin();
  let conn = await connecting.done;
  if (typeof conn !== "number" && server.proxySender !== null && !s.env.bareConnections) {
    conn = await greet(s, server, conn);
  }
  s.serverSide.done();
  s.connecting = null;
  if (typeof conn === "number") {
    server.connectionClosed();
    return conn;
  }
  return conn;
}

/** Sends the PROXY protocol header, which is part of the connect: the connection, or a code. */
async function greet(s: Stream, server: Server, conn: Conn): Promise<Conn | number> {
  s.connecting = (code) => conn.wakeSend(code);
  const header = server.proxySender!.ofStream(s);
  const sent = await conn.send(header, 0, header.length);
  if (sent > 0) return conn;
  conn.close();
  return sent;
}

/** `strict-maxconn`: waits until another thread has closed a connection. 0, or a code. */
async function waitForConnection(s: Stream, server: Server): Promise<number> {
  const wait = server.askForConnection();
  if (wait === null) return IO_NO_DESCRIPTOR;
  s.connecting = (code) => {
    wait.wake(code);
    return true;
  };
  s.serverSide.timeoutMs = s.backend!.config.timeouts.connect;
  s.serverSide.begin();
  const code = await wait.done;
  s.serverSide.done();
  s.connecting = null;
  return code;
}

/** What tells connections apart: `pool-conn-name`, options of their sockets. */
function nameOf(s: Stream, server: Server): string {
  const name = connKey(s, server);
  return s.serverSocket === null ? name : `${name} ${JSON.stringify(s.serverSocket)}`;
}

function wrap(s: Stream, conn: Conn): Endpoint {
  const back = s.backend!.mode === "http"
    ? new H1Endpoint(conn, BACK, s.backService!.serverH1)
    : new RawEndpoint(conn, s.backend!.config.noLinger);
  const server = s.server!;
  const row = s.backend!.back;
  if (!(back instanceof H1Endpoint)) {
    back.onClosed = () => server.connectionClosed();
    return back;
  }
  back.connName = nameOf(s, server);
  row.add(C.h1_conns);
  row.add(C.h1_open_conns);
  back.onClosed = () => {
    server.connectionClosed();
    row.add(C.h1_open_conns, -1);
  };
  return back;
}

function notAssigned(s: Stream, code: number): number {
  if (code !== ASSIGN_NO_SERVER) s.times.queue = s.env.sys.clock.now();
  if (s.stopped !== 0) return ended(s, "Q");
  if (code === ASSIGN_NO_SERVER || code === ASSIGN_QUEUE_FULL || code === ASSIGN_QUEUE_TIMEOUT) {
    s.backend!.back.add(C.econ);
  }
  switch (code) {
    case ASSIGN_NO_SERVER:
      s.ends("S", "C");
      return 503;
    case ASSIGN_QUEUE_FULL:
      s.ends("S", "Q");
      return 503;
    case ASSIGN_QUEUE_TIMEOUT:
      s.ends("s", "Q");
      return 503;
    default:
      s.ends("C", "Q");
      return code;
  }
}

/** The stream was ended while it waited. */
function ended(s: Stream, phase = "C"): number {
  if (s.stopped === WAKE_KILL) {
    s.ends(s.killCause, phase);
    return 503;
  }
  s.ends("C", phase);
  return s.stopped;
}

function failed(s: Stream, code: number): number {
  if (code === WAKE_STOP) return code;
  s.ends(code === WAKE_TIMEOUT ? "s" : code === IO_NO_DESCRIPTOR ? "P" : "S", "C");
  return 503;
}
