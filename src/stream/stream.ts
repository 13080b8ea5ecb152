// A stream: one exchange between a client side and a server side, HTTP or TCP (configuration.txt 8.4, 8.5). It holds what
// the exchange is about – heads, choices, times, causes of its end – as rules, logs and counters see it (`Txn`,
// `ActionContext`), and everything it has taken, so that close() can give it back on every path.
//
// A stream object is used by one exchange after the other, also of different connections (pool.ts): attach() gives it to a
// session and resets it, begin() takes what an exchange needs. While a client is between two requests its connection has none.
import { spawn, Timer } from "../base/mod.ts";
import type { Location } from "../config/mod.ts";
import { HeaderName, type Message } from "../http/mod.ts";
import { type Endpoint, H1Endpoint, type H1Owner } from "../mux/mod.ts";
import { EXPECT_NETSCALER, EXPECT_PROXY, type KillCause, type Proxy, type Server, Waiter } from "../proxy/mod.ts";
import {
  type ActionContext,
  BODY_GONE,
  errorReply,
  type LogOrigin,
  type ProxyRules,
  type Reply,
  type TimeoutKind,
} from "../rules/mod.ts";
import { type ConnView, type SideView, TermEvents, Variables } from "../sample/mod.ts";
import {
  type Address,
  type Conn,
  IO_END,
  IO_FULL,
  type SocketOptions,
  WAKE_KILL,
  WAKE_PEER,
  WAKE_REUSED,
} from "../sys/types.ts";
import { lastServer, noteChallenge } from "./affinity.ts";
import { Deadline } from "./deadline.ts";
import { noteClose, noteEnd } from "./ends.ts";
import { Direction } from "./direction.ts";
import type { Service, StreamEnv } from "./env.ts";
import { FORWARD_SOURCE_FAILED, Forwarder } from "./forward.ts";
import { ClientSide, CurrentTimeouts, Kept, Payload, ServerConnView, ServerSide, Times } from "./facts.ts";
import type { Session } from "./session.ts";
import type { KeptBody } from "./kept_body.ts";
import { waitForBody } from "./body.ts";
import { CookieState, readCookie } from "./persistence.ts";
import { countH1, countResponse, finish, logEarly, logStep, sendLog } from "./account.ts";
import { sendInterim } from "./reply.ts";

const EXPECT = new HeaderName("expect");
const SLASH = 47;
const ASTERISK = 42;

export class Stream implements ActionContext, H1Owner {
  readonly env: StreamEnv;
  session!: Session;
  front!: Endpoint;
  frontService!: Service;
  backService: Service | null = null;
  /** The server side while connected. */
  back: Endpoint | null = null;
  /** The connection to the server served another request before. */
  backReused = false;
  server: Server | null = null;
  /** Its session was served there before; it does not insist on it. */
  prefersServer = false;
  /** The stream has one of the server's slots. */
  holdsSlot = false;
  /** The connection to the server, also when it was given back: for rules and logs. */
  backConn: Conn | null = null;
  /** What rules say of the socket to the server before there is one. */
  serverSocket: SocketOptions | null = null;
  #serverConn: ServerConnView | null = null;

  /** Heads; messages of the pool from begin() to close(). */
  request: Message;
  response: Message;
  requestReady = false;
  responseReady = false;
  readonly clientPayload = new Payload();
  readonly serverPayload = new Payload();
  readonly vars: Variables;
  readonly times = new Times();
  readonly kept: Kept;
  retries = 0;
  redispatched = false;
  #uniqueId = "";
  readonly requestCaptures: (string | null)[] = [];
  readonly responseCaptures: (string | null)[] = [];

  ruleIndex = 0;
  lastRule: Location | null = null;
  waitingRule: Location | null = null;
  strictRewriting = true;
  failedRewrites = 0;
  reply: Reply | null = null;
  chosenBackend: string | null = null;
  chosenServer: string | null = null;
  logLevel = -1;
  /** `set-timeout`, ms; 0: as the proxies say. */
  clientTimeoutMs = 0;
  serverTimeoutMs = 0;
  tunnelTimeoutMs = 0;
  /** `set-retries`; -1: as the backend says. */
  retriesAllowed = -1;
  /** `disable-l7-retry`. */
  l7RetryDisabled = false;
  /** How often the request was sent. */
  attempts = 0;
  /** The client was sent a 1xx head of the server's: what follows must be of the same one. */
  interimSent = false;
  /** Made when a request is first kept for other attempts. */
  keptBody: KeptBody | null = null;

  readonly timeouts = new CurrentTimeouts(this);
  readonly clientStream = new ClientSide(this);
  readonly #serverStream = new ServerSide(this);
  readonly events = new TermEvents();
  readonly cookies = new CookieState();
  /** As `Txn.connectError`. */
  connectError = 0;

  /** Letters of the termination state (8.5): why, and when. */
  cause = "-";
  phase = "-";
  /** The letter of who killed the stream, with WAKE_KILL. */
  killCause: KillCause = "K";
  /** Nothing of the stream goes on: a wake code that also reaches who does not wait just now. */
  stopped = 0;
  /** Why the client side failed while something else was waited for; 0 while it did not. */
  clientCode = 0;
  /** Bytes of the request's head as it came. */
  requestBytes = 0;
  /** Bytes from the client and to the client, heads included. */
  bytesIn = 0;
  bytesOut = 0;
  /** How much of them is in the counters, and when it was put there last (`option contstats`). */
  countedIn = 0;
  countedOut = 0;
  countedAt = 0;
  /** The client's connection must close after this exchange; with RST if `resetClient`. */
  closeClient = false;
  resetClient = false;
  /** The server's connection carries no other request. */
  closeBack = false;
  /** Counted as a stream of the backend. */
  inBackend = false;
  /** The content rules of the frontend have seen it, as a TCP stream. */
  judged = false;
  /** No log line: nothing was asked. */
  silent = false;
  logged = false;

  readonly clientSide: Deadline;
  readonly serverSide: Deadline;
  readonly uploader: Forwarder;
  readonly downloader: Forwarder;
  readonly waiter: Waiter;
  /** The upload running beside the exchange; settles with a FORWARD_ code. */
  upload: Promise<number> | null = null;
  /** Ends the wait for a connect under way. */
  connecting: ((code: number) => boolean) | null = null;

  #watching = false;
  /** A client that only ends its side is gone, too. */
  #finEnds = true;
  readonly #sleeper: Timer<Stream>;
  #wakeSleeper: (() => void) | null = null;

  constructor(env: StreamEnv) {
    this.env = env;
    this.request = env.messages.none;
    this.response = env.messages.none;
    this.vars = new Variables(env.variables, env.variables.session());
    this.kept = new Kept(this);
    this.clientSide = new Deadline(env.wheel, (code) => this.front.wake(code));
    this.serverSide = new Deadline(env.wheel, (code) => {
      if (this.back !== null) this.back.wake(code);
      else this.connecting?.(code);
    });
    this.uploader = new Forwarder(env.sys, new Direction(this, this.clientSide, this.serverSide, false), env.bug);
    this.downloader = new Forwarder(env.sys, new Direction(this, this.serverSide, this.clientSide, true), env.bug);
    this.waiter = new Waiter(env.wheel, (cause) => this.kill(cause));
    this.#sleeper = new Timer<Stream>(this, (timer) => timer.owner.endSleep());
  }

  /** Gives the stream to a client's connection. */
  attach(session: Session, front: Endpoint): void {
    this.session = session;
    this.front = front;
    this.frontService = session.frontend;
    const { captures } = this.frontService.rules;
    resize(this.requestCaptures, captures.request.length);
    resize(this.responseCaptures, captures.response.length);
    this.vars.attach(session.variables);
    this.clientPayload.endpoint = front;
    this.clientSide.independent = this.frontend.config.independentStreams;
    this.#reset();
  }

  get frontend(): Proxy {
    return this.frontService.proxy;
  }
  get backend(): Proxy | null {
    return this.backService === null ? null : this.backService.proxy;
  }
  get frontRules(): ProxyRules {
    return this.frontService.rules;
  }
  /** Rules of the backend once it is chosen, of the frontend before. */
  get backRules(): ProxyRules {
    return (this.backService ?? this.frontService).rules;
  }
  /** Made when it is first asked for (`unique-id-format`). */
  get uniqueId(): string {
    if (this.#uniqueId === "") this.#uniqueId = this.frontRules.uniqueIdFormat?.text(this) ?? "";
    return this.#uniqueId;
  }
  get serverConn(): ConnView | null {
    if (this.backConn === null) return null;
    return this.#serverConn ??= new ServerConnView(this.backConn, this.env.sys.clock.wall(), this.backReused);
  }
  get serverStream(): SideView | null {
    return this.backConn === null ? null : this.#serverStream;
  }
  get termEvents(): string {
    return this.events.text();
  }
  /** `option http-use-proxy-header`: the client takes Sluice for a proxy, as its target begins with neither "/" nor "*". */
  get proxyRequest(): boolean {
    if (!this.frontend.config.useProxyHeader || !this.requestReady) return false;
    const first = this.request.bytes[this.request.targetFrom];
    return first !== SLASH && first !== ASTERISK;
  }
  get firstRequest(): boolean {
    return this.session.requests === 0;
  }
  get priorityClass(): number {
    return this.waiter.priorityClass;
  }
  get priorityOffsetMs(): number {
    return this.waiter.priorityOffsetMs;
  }
  get termination(): string {
    return this.cause + this.phase + this.cookies.client + this.cookies.server;
  }

  /** Ready for the next exchange; close() ends it. */
  begin(): void {
    const blocks = this.env.sys.blocks;
    this.session.streamBegins();
    if (this.env.trace !== null) this.env.trace.begins(this.session);
    this.request = this.env.messages.take();
    this.response = this.env.messages.take();
    this.request.attach(blocks.take(), this.env.maxRewrite);
    this.response.attach(blocks.take(), this.env.maxRewrite);
    if (this.session.requests === 0) {
      this.times.begin(this.session.acceptedAt);
      this.times.handshake = this.session.handshakeAt;
    } else this.times.begin(this.env.sys.clock.now());
    this.kept.requestCounter = this.env.nextRequest();
    this.ruleIndex = 0;
    this.lastRule = null;
    this.waitingRule = null;
  }

  /** Nothing of the exchange before, which may have been another connection's, is left. */
  #reset(): void {
    this.backService = null;
    this.server = null;
    this.backConn = null;
    this.serverSocket = null;
    this.#serverConn = null;
    this.requestReady = false;
    this.responseReady = false;
    this.clientPayload.final = true;
    this.serverPayload.final = true;
    this.times.begin(-1);
    this.kept.begin();
    this.retries = 0;
    this.redispatched = false;
    this.#uniqueId = "";
    if (this.requestCaptures.length > 0) this.requestCaptures.fill(null);
    if (this.responseCaptures.length > 0) this.responseCaptures.fill(null);
    this.ruleIndex = 0;
    this.lastRule = null;
    this.waitingRule = null;
    this.strictRewriting = true;
    this.failedRewrites = 0;
    this.reply = null;
    this.chosenBackend = null;
    this.chosenServer = null;
    this.logLevel = -1;
    this.clientTimeoutMs = 0;
    this.serverTimeoutMs = 0;
    this.tunnelTimeoutMs = 0;
    this.retriesAllowed = -1;
    this.l7RetryDisabled = false;
    this.attempts = 0;
    this.interimSent = false;
    this.connectError = 0;
    this.events.clear();
    this.cookies.reset();
    this.cause = "-";
    this.phase = "-";
    this.#stop(0);
    this.clientCode = 0;
    this.requestBytes = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.countedIn = 0;
    this.countedOut = 0;
    this.countedAt = 0;
    this.closeClient = false;
    this.resetClient = false;
    this.closeBack = false;
    this.judged = false;
    this.silent = false;
    this.logged = false;
    this.waiter.reset();
  }

  /** A TCP stream becomes that of the first request on `front`: what rules made of it stays (4 "upgrade in place"). */
  upgrade(front: Endpoint): void {
    this.front = front;
    this.clientPayload.endpoint = front;
    this.requestReady = false;
    this.judged = true;
  }

  // ---- the course of the exchange ----------------------------------------------------------------------------------

  /** The request head is there: facts that rules, logs and counters look at. */
  requestArrived(): void {
    this.times.request = this.env.sys.clock.now();
    this.requestReady = true;
    this.requestBytes = this.request.used;
    this.kept.requestArrived();
    this.session.httpVersion = this.request.version;
    const config = this.frontend.config;
    if (config.connectionMode === "close" || this.env.stopping.closes()) this.closeClient = true;
    const { captures } = this.frontRules;
    if (captures.request.length > 0) captures.headers(this.request, false, this.requestCaptures);
    if (captures.cookie !== null) this.kept.requestCookie = captures.cookieOf(this.request, false);
    if (this.env.trace !== null) this.env.trace.request(this);
    if (this.frontRules.logSteps !== 0) logStep(this, "request");
  }

  /** The final response head is there. */
  responseArrived(): void {
    this.clientSide.resume();
    if (this.env.stopping.closes()) this.closeClient = true;
    this.times.response = this.env.sys.clock.now();
    this.responseReady = true;
    this.serverPayload.endpoint = this.back;
    this.kept.responseArrived();
    const { status } = this.response;
    if (status === 401 || status === 407) noteChallenge(this);
    else this.session.challenged = false;
    const { captures } = this.frontRules;
    if (captures.response.length > 0) captures.headers(this.response, true, this.responseCaptures);
    if (captures.cookie !== null) this.kept.responseCookie = captures.cookieOf(this.response, true);
    countResponse(this);
    if (this.env.trace !== null) this.env.trace.response(this);
  }

  /** The head of a response, the server's or one made here, is on its way to the client. `status`: as logs tell it. */
  responseStarted(status: number = this.response.status): void {
    this.kept.status = status;
    this.bytesOut += this.front.headBytes;
    const { logAsap, logSteps } = this.frontRules;
    if (logAsap) logEarly(this, "response");
    if (logSteps !== 0 && this.kept.serverStatus >= 0) logStep(this, "response");
  }

  /** `use-server`: the server that must have the stream, if it can. */
  wantServer(): void {
    const backend = this.backend!;
    const name = this.chosenServer ?? this.backRules.useServer(
      this,
      (n) => backend.server(n) !== undefined,
      (n) => backend.server(n)?.usable === true,
    );
    this.waiter.wanted = name === null ? null : backend.server(name) ?? null;
    this.prefersServer = false;
    this.waiter.forced = false;
    if (backend.mode === "http" && (backend.config.cookie !== null || this.backRules.persistRules.length > 0)) {
      const named = readCookie(this, this.waiter.wanted !== null);
      this.waiter.wanted ??= named;
    }
    if (this.waiter.wanted !== null || this.session.ownServers.size === 0) return;
    this.waiter.wanted = lastServer(this);
    this.prefersServer = this.waiter.wanted !== null;
  }

  /** Decides the backend: rules, then the default. False when there is none. */
  chooseBackend(): boolean {
    const services = this.env.services;
    const name = this.chosenBackend ?? this.frontRules.useBackend(this, (n) => services.has(n)) ??
      (this.frontend.config.defaultBackend || (this.frontend.config.hasBackend ? this.frontend.name : ""));
    const service = services.get(name);
    if (service === undefined || !service.proxy.config.hasBackend) return false;
    this.backService = service;
    this.serverSide.timeoutMs = service.proxy.config.timeouts.server;
    this.serverSide.independent = service.proxy.config.independentStreams;
    if (service.proxy.config.connectionMode === "close") this.closeClient = true;
    return true;
  }

  /** The server's message breaks the rules. */
  faulty(bytes: Uint8Array, from: number, to: number, at: number, code: number): void {
    const { server, frontend, session, env } = this;
    const place = { side: "response", proxy: this.backend!, other: frontend, server, source: session.src } as const;
    env.faults.note(place, bytes, from, to, at, code);
  }

  /** A server has given the stream a slot. */
  takeServer(server: Server): void {
    this.server = server;
    this.holdsSlot = true;
    this.times.queue = this.env.sys.clock.now();
  }

  /** Gives the slot back. */
  giveServer(): void {
    if (!this.holdsSlot) return;
    this.holdsSlot = false;
    this.server!.release(this.waiter);
  }

  attachBack(back: Endpoint, reused: boolean): void {
    this.back = back;
    if (back instanceof H1Endpoint) back.owner = this;
    countH1(this.backend!.back, back, 1);
    this.backReused = reused;
    this.connectError = 0;
    this.backConn = back.conn;
    this.times.connect = this.env.sys.clock.now();
    this.serverSide.timeoutMs = this.serverTimeoutMs || this.backend!.config.timeouts.server;
    if (this.frontRules.logSteps !== 0) logStep(this, "connect");
  }

  /** Until the server answers, its timeout alone counts: a client that stalls keeps it from answering. */
  startUpload(): void {
    if (this.serverSide.timeoutMs > 0) this.clientSide.pause();
    const ended = this.uploader.run(this.front, this.back!);
    if (typeof ended === "number") this.clientSide.resume();
    else this.upload = ended.then((how) => this.#uploadEnded(how));
  }

  /** A client that fails in its request ends the exchange; a server that does not take it may still have answered. */
  #uploadEnded(how: number): number {
    if (how === FORWARD_SOURCE_FAILED && this.uploader.code !== WAKE_PEER) {
      this.clientCode = this.uploader.code;
      this.back?.wakeRead(WAKE_PEER);
    }
    return how;
  }

  /**
   * `option abortonclose`: a client that closes while it waits for a server or its response ends the exchange. What it sends
   * meanwhile stays where it is. `finEnds` false: one that only ends its side may still want the answer.
   */
  watchClient(finEnds = true): void {
    const { conn } = this.front;
    this.#finEnds = finEnds;
    if (conn === null || (this.front instanceof H1Endpoint && !this.front.complete)) return;
    let got: number | Promise<number> = 1;
    while (typeof got === "number" && got > 0) got = conn.recv(conn.tail - conn.head);
    if (typeof got === "number") return this.#clientClosed(got);
    this.#watching = true;
    spawn(got.then((r) => this.#clientSaid(r)), this.env.bug);
  }

  #clientSaid(code: number): void {
    if (!this.#watching) return;
    this.#watching = false;
    if (code > 0) this.watchClient(this.#finEnds);
    else this.#clientClosed(code);
  }

  #clientClosed(code: number): void {
    // With a full buffer nobody can know more.
    if (code === WAKE_REUSED || code === IO_FULL || (code === IO_END && !this.#finEnds)) return;
    this.clientCode = code;
    this.wakeAll(WAKE_PEER);
  }

  /** Nothing but the exchange itself reads from the client from here on. */
  unwatchClient(): void {
    if (!this.#watching) return;
    this.#watching = false;
    this.front.wakeRead(WAKE_REUSED);
  }

  /** Ends the upload, wherever it is, and waits until it has let go of both sides. */
  async stopUpload(): Promise<void> {
    if (this.upload === null) return;
    this.uploader.stop = WAKE_PEER;
    this.front.wakeRead(WAKE_PEER);
    this.back?.wake(WAKE_PEER);
    await this.upload;
    this.upload = null;
  }

  /** Waits for the end of the upload: FORWARD_DONE, or which side failed. */
  async uploadDone(): Promise<number> {
    const ended = await this.upload!;
    this.upload = null;
    return ended;
  }

  /** Both messages are sent whole: decides what becomes of both connections. True when the client's goes on. */
  settleConnections(): boolean {
    this.releaseBack();
    return !this.closeClient && this.front.reusable;
  }

  /** The rest of the request is not wanted any more: neither connection can carry another. */
  #endUpload(): Promise<void> {
    if (!this.front.complete || this.front.tail > this.front.head) this.closeClient = true;
    return this.stopUpload();
  }

  /** The server's endpoint is the stream's no more. */
  detachBack(): Endpoint | null {
    const { back } = this;
    this.back = null;
    this.serverSide.clear();
    if (back !== null) countH1(this.backend!.back, back, -1);
    if (back instanceof H1Endpoint) back.owner = null;
    return back;
  }

  /** Gives the server connection to the pool if it can carry another request, else closes it. */
  releaseBack(): void {
    const back = this.detachBack();
    if (back === null) return;
    const server = this.server!;
    if (
      this.stopped === 0 && back.reusable && back instanceof H1Endpoint && back.rest(() => server.pool.closed(back))
    ) {
      server.putIdle(back, this.session);
      if (server.pool.owns(this.session)) this.session.ownServers.add(server);
    } else {
      back.close();
    }
    this.giveServer();
  }

  /** Ends the server side for good: a reply made here takes its place. */
  async dropBack(): Promise<void> {
    this.unwatchClient();
    this.clientSide.resume();
    if (this.upload !== null) await this.#endUpload();
    this.detachBack()?.close();
    this.giveServer();
  }

  /** Gives everything back, accounts and logs. The stream may begin() again afterwards. */
  async close(): Promise<void> {
    this.unwatchClient();
    if (this.upload !== null || this.holdsSlot) await this.dropBack();
    if (this.uploader.kept !== null || this.keptBody !== null) {
      this.uploader.kept = null;
      this.keptBody!.end();
    }
    if (this.inBackend) {
      this.inBackend = false;
      this.backend!.endStream();
    }
    this.clientSide.clear();
    this.times.end = this.env.sys.clock.now();
    noteClose(this);
    if (this.env.trace !== null) this.env.trace.closed(this);
    finish(this);
    this.vars.clear();
    this.serverPayload.endpoint = null;
    const blocks = this.env.sys.blocks;
    const { messages } = this.env;
    blocks.give(this.request.detach());
    blocks.give(this.response.detach());
    messages.give(this.request);
    messages.give(this.response);
    this.request = messages.none;
    this.response = messages.none;
  }

  // ---- ends that come from outside ---------------------------------------------------------------------------------

  /** Marks why and when the stream ended, unless something marked it before. */
  ends(cause: string, phase: string): void {
    if (this.cause !== "-") return;
    this.cause = cause;
    this.phase = phase;
    noteEnd(this);
  }

  /** A command, or the state of its server, ends the stream. */
  kill(cause: KillCause): void {
    this.killCause = cause;
    this.closeClient = true;
    this.wakeAll(WAKE_KILL);
  }

  #stop(code: number): void {
    this.stopped = code;
    this.clientSide.stopped = code;
    this.serverSide.stopped = code;
    this.uploader.stop = code;
    this.downloader.stop = code;
  }

  /** Ends whatever the stream waits for, now or at its next step. */
  wakeAll(code: number): void {
    this.#stop(code);
    this.front.wake(code);
    this.back?.wake(code);
    this.connecting?.(code);
    this.waiter.wake(code);
    this.endSleep();
  }

  // ---- what rules may do (ActionContext) ---------------------------------------------------------------------------

  errorReply(status: number): Reply {
    return errorReply(status, this, this.backService?.rules.errors ?? null, this.frontService.rules.errors);
  }

  setTimeout(kind: TimeoutKind, ms: number): void {
    if (kind === "client") this.clientTimeoutMs = this.clientSide.timeoutMs = ms;
    else if (kind === "server") this.serverTimeoutMs = ms;
    else this.tunnelTimeoutMs = ms;
    if (kind === "server" && this.back !== null) this.serverSide.timeoutMs = ms;
  }

  finalStatus(letter: string): void {
    this.ends(letter, this.responseReady ? "H" : "R");
  }

  sleep(ms: number): Promise<void> {
    if (this.stopped !== 0) return Promise.resolve();
    return new Promise((slot) => {
      this.#wakeSleeper = slot;
      this.env.wheel.armIn(this.#sleeper, ms);
    });
  }

  waitFor(start: (done: () => void) => void): Promise<void> {
    if (this.stopped !== 0) return Promise.resolve();
    return new Promise((slot) => {
      this.#wakeSleeper = slot;
      start(() => {
        if (this.#wakeSleeper === slot) this.endSleep();
      });
    });
  }

  endSleep(): void {
    this.env.wheel.cancel(this.#sleeper);
    const slot = this.#wakeSleeper;
    this.#wakeSleeper = null;
    if (slot !== null) slot();
  }

  setCapture(response: boolean, slot: number, value: string): void {
    const into = response ? this.responseCaptures : this.requestCaptures;
    this.frontRules.captures.put(slot, value, response, into);
  }

  setUniqueId(id: string): void {
    this.#uniqueId = id;
  }

  waitForBody(response: boolean, atLeast: number, ms: number): number | Promise<number> {
    if (response) return waitForBody(this.env, this.back!, atLeast, ms);
    if (!this.request.expectContinue) return waitForBody(this.env, this.front, atLeast, ms);
    // The server is not to ask for it again.
    this.request.expectContinue = false;
    this.request.removeAll(EXPECT);
    return sendInterim(this, 100, []).then((sent) =>
      sent < 0 ? BODY_GONE : waitForBody(this.env, this.front, atLeast, ms)
    );
  }

  async interim(status: number, headers: readonly string[]): Promise<number> {
    return await sendInterim(this, status, headers);
  }

  setAddress(which: "src" | "dst", address: Address): void {
    if (which === "src") this.session.src = address;
    else this.session.dst = address;
  }

  expectHeader(which: "proxy" | "netscaler-cip"): void {
    if (this.env.bareConnections) return;
    this.session.expects |= which === "proxy" ? EXPECT_PROXY : EXPECT_NETSCALER;
  }

  setSocket(server: boolean, options: SocketOptions): void {
    if (!server) this.session.conn.setOptions(options);
    else if (this.backConn !== null) this.backConn.setOptions(options);
    else this.serverSocket = { ...this.serverSocket, ...options };
  }

  setRetries(count: number): void {
    this.retriesAllowed = count;
  }

  disableL7Retry(): void {
    this.l7RetryDisabled = true;
  }

  setPriority(priorityClass: number | null, offsetMs: number | null): void {
    if (priorityClass !== null) this.waiter.priorityClass = priorityClass;
    if (offsetMs !== null) this.waiter.priorityOffsetMs = offsetMs;
  }

  closeServer(): void {
    this.closeBack = true;
    if (this.back !== null) this.back.closeAfter = true;
  }

  log(origin: LogOrigin): void {
    sendLog(this, origin);
  }
}

function resize(slots: (string | null)[], length: number): void {
  while (slots.length < length) slots.push(null);
  slots.length = length;
}
