// A session: one client connection from accept to close (configuration.txt 1.2 and 4.3). It owns the connection's facts
// that rules see and change (src, dst), and the streams that run on it one after the other.
import { Timer } from "../base/mod.ts";
import type { ProxyHeader } from "../codec/mod.ts";
import { type Endpoint, FRONT, H1Endpoint, type H1Owner, RawEndpoint } from "../mux/mod.ts";
import type { Listener, PoolSession, Server, Timeouts } from "../proxy/mod.ts";
import { RULE_CONTINUE, RULE_DROP } from "../rules/mod.ts";
import { BinaryAddress, type ConnView, type VarScope } from "../sample/mod.ts";
import { C, type Counters } from "../table/mod.ts";
import { type Address, type Conn, type TcpInfo, WAKE_KILL, WAKE_PEER, WAKE_STOP, WAKE_TIMEOUT } from "../sys/types.ts";
import type { Service, StreamEnv } from "./env.ts";
import { countH1, logStep } from "./account.ts";
import { exchange, refuseSilentClient } from "./http.ts";
import { linger } from "./linger.ts";
import type { Stream } from "./stream.ts";
import { runTcp } from "./tcp.ts";
import { connectionVerdict } from "./tcp_rules.ts";

export class Session implements ConnView, PoolSession, H1Owner {
  readonly env: StreamEnv;
  readonly frontend: Service;
  readonly listener: Listener;
  readonly conn: Conn;
  src: Address;
  dst: Address;
  /** As `tcp-request connection` rules left them. */
  originalSrc: Address;
  originalDst: Address;
  /** As `tcp-request session` rules left them: what later rules make of them is for one stream. */
  #sessionSrc: Address;
  #sessionDst: Address;
  /** Made when a rule first asks for them. */
  #srcBinary: BinaryAddress | null = null;
  #dstBinary: BinaryAddress | null = null;
  /** With `option socket-stats`. */
  readonly listenerCounters: Counters | null;
  readonly acceptedAt: number;
  readonly acceptedAtMs: number;
  httpVersion = 0;
  readonly ssl = false;
  readonly reused = false;
  readonly streamsLimit = 1;
  readonly glitches = 0;
  error = 0;
  proxyHeader: ProxyHeader | null = null;
  /** What the connection is to begin with (EXPECT_ bits): as its listener and the connection rules say. */
  expects: number;
  /** When that was over; the accept without. */
  handshakeAt: number;
  readonly variables: VarScope;
  /** Requests served so far: the first one is treated apart (408, reuse, retries). */
  requests = 0;
  /** Whose `timeout http-request` and `http-keep-alive` count: the frontend's, of a TCP one the HTTP backend's. */
  timeouts: Timeouts;
  /** The stream of the exchange under way; null while a request is waited for. */
  stream: Stream | null = null;
  /** Servers that keep, or kept, connections for this session only (`http-reuse never`, NTLM); how many rest now. */
  readonly ownServers = new Set<Server>();
  ownIdle = 0;
  /** The last response asked for credentials. */
  challenged = false;
  /** -d: how the connection and its exchange are named. */
  traced = "";
  exchange = "";
  /** The client is between two requests: a soft stop may close the connection at once. */
  idle = false;
  #aborted = false;
  /** The client's endpoint, once the connection speaks HTTP. */
  #front: H1Endpoint | null = null;
  /** How long a request may be waited for. */
  readonly #silence: Timer<Session> = new Timer<Session>(this, silent);

  constructor(env: StreamEnv, frontend: Service, listener: Listener, conn: Conn) {
    this.env = env;
    this.frontend = frontend;
    this.listener = listener;
    this.timeouts = frontend.proxy.config.timeouts;
    this.conn = conn;
    this.listenerCounters = frontend.proxy.config.socketStats ? listener.counters : null;
    this.variables = env.variables.session();
    this.src = this.originalSrc = this.#sessionSrc = conn.remote;
    this.dst = this.originalDst = this.#sessionDst = conn.local;
    this.acceptedAt = this.handshakeAt = env.sys.clock.now();
    this.expects = env.bareConnections ? 0 : listener.expects;
    this.acceptedAtMs = env.sys.clock.wall();
  }

  /** The `tcp-request connection` rules have run: the addresses are the connection's. */
  connectionDone(): void {
    this.originalSrc = this.src;
    this.originalDst = this.dst;
  }

  /** The `tcp-request session` rules have run: streams begin with these addresses. */
  sessionDone(): void {
    this.#sessionSrc = this.src;
    this.#sessionDst = this.dst;
  }

  /** A stream begins: what rules of the last one made of the addresses is forgotten. */
  streamBegins(): void {
    this.src = this.#sessionSrc;
    this.dst = this.#sessionDst;
  }

  get srcBinary(): BinaryAddress {
    return this.#srcBinary ??= new BinaryAddress();
  }
  get dstBinary(): BinaryAddress {
    return this.#dstBinary ??= new BinaryAddress();
  }
  tcpInfo(): TcpInfo | null {
    return this.conn.tcpInfo();
  }
  get listenerName(): string {
    return this.listener.name;
  }
  get listenerId(): number {
    return this.listener.id;
  }
  get listenerConnections(): number {
    return this.listener.conns.value;
  }
  get maxOwnIdle(): number {
    return this.frontend.proxy.config.maxSessionServerConns;
  }
  get streams(): number {
    return this.idle ? 0 : 1;
  }

  /** Serves the connection to its end. */
  async run(): Promise<void> {
    if (this.frontend.proxy.mode === "http") return await this.#runHttp(null);
    const upgraded = await this.#runTcp();
    if (upgraded !== null) await this.#runHttp(upgraded);
  }

  /** The client's message breaks the rules. */
  faulty(bytes: Uint8Array, from: number, to: number, at: number, code: number): void {
    const { proxy } = this.frontend;
    const other = this.stream?.backend ?? null;
    const place = { side: "request", proxy, other, server: this.stream?.server ?? null, source: this.src } as const;
    this.env.faults.note(place, bytes, from, to, at, code);
  }

  /** Ends it, whatever it does. */
  abort(): void {
    this.#aborted = true;
    if (this.stream !== null) this.stream.kill("K");
    else if (this.#front !== null) this.#front.wake(WAKE_KILL);
    else this.conn.close();
  }

  /** Nothing of a request came in time. */
  timedOut(): void {
    this.#front!.wakeRead(WAKE_TIMEOUT);
  }

  /** Soft stop: a client between two requests is not waited for. */
  endIdle(): void {
    if (this.idle && !this.frontend.proxy.config.idleCloseOnResponse) this.#front!.wakeRead(WAKE_STOP);
  }

  /** The stream when its connection speaks HTTP from here on (4 "upgrade"), else null: it is over. */
  async #runTcp(): Promise<Stream | null> {
    const front = new RawEndpoint(this.conn, this.frontend.proxy.config.noLinger);
    const stream = this.#takeStream(front);
    if (!await this.#admit(stream)) {
      this.#giveStream(stream);
      return null;
    }
    stream.begin();
    let upgrades = false;
    try {
      upgrades = await runTcp(stream);
      if (upgrades) this.timeouts = (stream.backend ?? stream.frontend).config.timeouts;
    } finally {
      if (!upgrades) {
        await stream.close();
        if (stream.resetClient) front.reset();
        else await closeClean(this.env, front);
      }
    }
    if (upgrades) return stream;
    // Not after an exception: what it left of the stream is for no other client.
    this.#giveStream(stream);
    return null;
  }

  /** `upgraded`: the stream of the first request, begun as one of TCP. */
  async #runHttp(upgraded: Stream | null): Promise<void> {
    const front = new H1Endpoint(this.conn, FRONT, this.frontend.clientH1);
    front.owner = this;
    // The first request's stream, as long as it has not come.
    let begun = upgraded;
    if (begun !== null) begun.upgrade(front);
    else {
      const stream = this.#takeStream(front);
      const admitted = await this.#admit(stream);
      this.#giveStream(stream);
      if (!admitted) return;
    }
    this.#front = front;
    let answered = false;
    let reset = false;
    let stopped = false;
    const row = this.frontend.proxy.front;
    row.add(C.h1_conns);
    row.add(C.h1_open_conns);
    try {
      for (let goesOn = true; goesOn && !this.#aborted;) {
        let came = this.#waitRequest(front);
        if (typeof came !== "number") came = await came;
        if (came < 0 && !this.#worthAnswering(came)) break;
        const stream = begun ?? this.#takeStream(front);
        if (begun === null) stream.begin();
        begun = null;
        countH1(row, front, 1);
        stream.times.requestStart = came < 0 ? this.acceptedAt : this.env.sys.clock.now();
        try {
          goesOn = came < 0 ? await refuseSilentClient(stream, came) : await exchange(stream);
        } finally {
          await stream.close();
          countH1(row, front, -1);
          reset = stream.resetClient;
          stopped = stream.stopped !== 0;
        }
        // Not after an exception: what it left of the stream is for no other client.
        this.#giveStream(stream);
        this.requests++;
        answered = !goesOn;
      }
    } finally {
      if (begun !== null) {
        await begun.close();
        this.#giveStream(begun);
      }
      row.add(C.h1_open_conns, -1);
      if (answered && front.lingers && !reset && !stopped) await linger(this.env, this.conn);
      if (reset) front.reset();
      else front.close();
    }
  }

  #takeStream(front: Endpoint): Stream {
    return this.stream = this.env.streams.take(this.env, this, front);
  }

  #giveStream(stream: Stream): void {
    this.stream = null;
    this.env.streams.give(stream);
  }

  /** Rules on the connection itself; false: they refuse it, and it is closed. */
  async #admit(stream: Stream): Promise<boolean> {
    const { logSteps, tcpConnection, tcpSession } = this.frontend.rules;
    if (logSteps !== 0) {
      stream.times.begin(this.acceptedAt);
      logStep(stream, "accept");
    }
    if (!tcpConnection.empty || !tcpSession.empty || this.expects !== 0) {
      const verdict = await connectionVerdict(stream);
      if (verdict === RULE_DROP) stream.front.reset();
      else if (verdict !== RULE_CONTINUE) stream.front.close();
      if (verdict !== RULE_CONTINUE) return false;
    }
    this.frontend.proxy.front.add(C.stot);
    return true;
  }

  /** Waits for the first bytes of a request: the first one, or another on a kept connection. */
  #waitRequest(front: H1Endpoint): number | Promise<number> {
    const came = front.waitRequest();
    if (typeof came === "number") return came;
    const { wheel } = this.env;
    const t = this.timeouts;
    const ms = (this.requests > 0 && t.httpKeepAlive) || t.httpRequest || this.frontend.proxy.config.timeouts.client;
    if (ms > 0) wheel.armIn(this.#silence, ms);
    this.idle = this.requests > 0;
    if (this.env.stopping.closes()) this.endIdle();
    return came.then((r) => {
      this.idle = false;
      wheel.cancel(this.#silence);
      return r;
    });
  }

  /** A client that says nothing is told so on a new connection (408); a kept one just ends. */
  #worthAnswering(code: number): boolean {
    return this.requests === 0 && code !== WAKE_STOP;
  }
}

/** Closes; bytes that have arrived and that nobody wants do not make it a reset. */
async function closeClean(env: StreamEnv, front: RawEndpoint): Promise<void> {
  const { conn } = front;
  const got = conn.recv(0);
  if (typeof got !== "number") {
    await env.sys.turn();
    conn.wakeRecv(WAKE_PEER);
    await got;
  }
  conn.consume(conn.tail - conn.head);
  front.close();
}

function silent(timer: Timer<Session>): void {
  timer.owner.timedOut();
}
