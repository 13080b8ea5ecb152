// The transaction of what is evaluated for the process alone: global set-var, `set var` of the runtime API. There is no
// connection, no message and no proxy; expressions that need one are refused when they are parsed (OFFERS.process).
import { Message } from "../http/mod.ts";
import type { Address } from "../sys/types.ts";
import { BinaryAddress } from "./binary_address.ts";
import type { Txn } from "./types.ts";
import { type ProcessVariables, Variables } from "./variables.ts";
import type { ConnView, KeptView, PayloadView, ProxyView, SideView, StreamTimes, TimeoutsView } from "./views.ts";

const NO_ADDRESS: Address = { family: "ipv4", host: "0.0.0.0", port: 0 };
const NO_PAYLOAD: PayloadView = { block: new Uint8Array(0), from: 0, to: 0, complete: true, ended: true };
const NO_TIMEOUTS: TimeoutsView = { client: 0, server: 0, tunnel: 0 };
const NO_PROXY: ProxyView = {
  name: "",
  id: 0,
  mode: "tcp",
  stats: {
    frontendSessions: 0,
    frontendSessionRate: 0,
    backendSessions: 0,
    backendSessionRate: 0,
    httpRequestRate: 0,
    maxconn: 0,
  },
  servers: [],
  usableServers: 0,
  queued: 0,
  defaultBackend: "",
  timeouts: NO_TIMEOUTS,
};

export class ProcessTxn implements Txn {
  readonly session: ConnView;
  readonly frontend = NO_PROXY;
  readonly backend = null;
  readonly server = null;
  readonly serverConn = null;
  readonly request = new Message();
  readonly response = new Message();
  readonly requestReady = false;
  readonly responseReady = false;
  readonly clientPayload = NO_PAYLOAD;
  readonly serverPayload = NO_PAYLOAD;
  readonly vars: Variables;
  readonly times: StreamTimes;
  readonly termination = "----";
  readonly kept: KeptView = {
    method: "",
    requestLine: "",
    status: -1,
    serverStatus: -1,
    responseVersion: 0,
    requestCookie: null,
    responseCookie: null,
    serverQueue: 0,
    backendQueue: 0,
    requestCounter: 0,
    logCounter: 0,
    incomplete: false,
    service: "",
    logOrigin: "",
    tlsVersion: "",
    tlsCipher: "",
  };
  readonly bytesIn = 0;
  readonly bytesOut = 0;
  readonly retries = 0;
  readonly redispatched = false;
  readonly uniqueId = "";
  readonly requestCaptures: readonly (string | null)[] = [];
  readonly responseCaptures: readonly (string | null)[] = [];
  readonly firstRequest = false;
  readonly timeouts = NO_TIMEOUTS;
  readonly priorityClass = 0;
  readonly priorityOffsetMs = 0;
  readonly lastRule = null;
  readonly waitingRule = null;
  readonly clientStream: SideView = { id: 0, aborted: false, resetCode: -1 };
  readonly serverStream = null;
  readonly connectError = 0;
  readonly termEvents = "{,,,,,,}";

  /** `now`: ms since process start; `wall`: since the epoch. */
  constructor(variables: ProcessVariables, now: number, wall: number) {
    this.vars = new Variables(variables, variables.session());
    this.times = {
      accept: now,
      handshake: now,
      requestStart: -1,
      request: -1,
      queue: -1,
      connect: -1,
      response: -1,
      end: -1,
    };
    this.session = {
      src: NO_ADDRESS,
      dst: NO_ADDRESS,
      originalSrc: NO_ADDRESS,
      originalDst: NO_ADDRESS,
      srcBinary: new BinaryAddress(),
      dstBinary: new BinaryAddress(),
      acceptedAtMs: wall,
      httpVersion: 0,
      ssl: false,
      listenerName: "",
      listenerId: 0,
      listenerConnections: 0,
      reused: false,
      streams: 0,
      streamsLimit: 0,
      glitches: 0,
      error: 0,
      proxyHeader: null,
      tcpInfo: () => null,
    };
  }

  setCapture(): void {}
}
