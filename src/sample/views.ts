// What expressions may see of proxies, servers and connections: narrow read-only faces that layer 5 and 7 implement.
import type { ProxyHeader } from "../codec/mod.ts";
import type { Address, TcpInfo } from "../sys/types.ts";
import type { BinaryAddress } from "./binary_address.ts";

export interface ProxyView {
  readonly name: string;
  readonly id: number;
  readonly mode: "http" | "tcp" | "log" | "spop";
  /** Current and total figures, over all threads. */
  readonly stats: ProxyStats;
  readonly servers: readonly ServerView[];
  /** Servers that the balancer picks from (nbsrv). */
  readonly usableServers: number;
  /** Connections or requests waiting for a server, in the queues of the servers too. */
  readonly queued: number;
  /** `default_backend`, "" without one. */
  readonly defaultBackend: string;
  /** As configured. */
  readonly timeouts: TimeoutsView;
}

/** Inactivity timeouts in ms; 0: none. */
export interface TimeoutsView {
  readonly client: number;
  readonly server: number;
  readonly tunnel: number;
}

/** Client connections are the frontend's, streams towards servers the backend's; a `listen` has both. */
export interface ProxyStats {
  readonly frontendSessions: number;
  readonly frontendSessionRate: number;
  readonly backendSessions: number;
  readonly backendSessionRate: number;
  readonly httpRequestRate: number;
  readonly maxconn: number;
}

export interface ServerView {
  readonly name: string;
  readonly id: number;
  readonly proxy: ProxyView;
  readonly usable: boolean;
  readonly backup: boolean;
  /** The balancer picks it: usable, with a weight, no backup that is not needed. */
  readonly inService: boolean;
  /** As configured or set since; what counts of it now: less in a slow start. */
  readonly weight: number;
  readonly currentWeight: number;
  readonly initialWeight: number;
  readonly currentSessions: number;
  readonly queued: number;
  readonly sessionRate: number;
  /** 0: no limit. */
  readonly maxconn: number;
  readonly maxqueue: number;
  /** Streams it may serve at once now (`minconn`); 0: no limit. */
  readonly slots: number;
  readonly address: Address | null;
}

/** A connection as rules see it; `src` and `dst` may have been changed by PROXY headers or rules. */
export interface ConnView {
  readonly src: Address;
  readonly dst: Address;
  /** What they were before rules changed them. */
  readonly originalSrc: Address;
  readonly originalDst: Address;
  /** The binary forms of `src` and `dst`, parsed once. */
  readonly srcBinary: BinaryAddress;
  readonly dstBinary: BinaryAddress;
  /** Milliseconds since the epoch at accept (or connect). */
  readonly acceptedAtMs: number;
  /** HTTP version spoken: 10, 11, 20, 30; 0 for tcp. */
  readonly httpVersion: number;
  readonly ssl: boolean;
  /** Listener (client side only). */
  readonly listenerName: string;
  readonly listenerId: number;
  /** Connections open on the listening socket. */
  readonly listenerConnections: number;
  /** It served another request before (server side only). */
  readonly reused: boolean;
  /** What its multiplexer says: streams open now, and at once at most; protocol glitches so far. */
  readonly streams: number;
  readonly streamsLimit: number;
  readonly glitches: number;
  /** Number of the error that ended it (CONN_ERRORS), 0 without. */
  readonly error: number;
  /** The PROXY protocol header it began with (client side only). */
  readonly proxyHeader: ProxyHeader | null;
  /** Figures of the kernel; null where it has none, or gives no access to them. */
  tcpInfo(): TcpInfo | null;
}

/** One side of a stream as its multiplexer knows it. */
export interface SideView {
  /** Number of the stream on its connection; 0 where streams have none (TCP). */
  readonly id: number;
  /** The peer aborted it. */
  readonly aborted: boolean;
  /** Code of the peer's RST_STREAM or STOP_SENDING; -1 without. */
  readonly resetCode: number;
}

/** Bytes at hand of one direction: `block[from, to)`. */
export interface PayloadView {
  readonly block: Uint8Array<ArrayBuffer>;
  readonly from: number;
  readonly to: number;
  /** No more bytes will come (end, delay passed, or the buffer is full). */
  readonly complete: boolean;
  /** The message, or without one the sending of the peer, ends with these bytes. */
  readonly ended: boolean;
}

/** Milliseconds; -1 where the event did not happen (configuration.txt 8.4). Origin: process start, as Clock.now(). */
export interface StreamTimes {
  readonly accept: number;
  /** Handshakes finished. */
  readonly handshake: number;
  /** First byte of the request. */
  readonly requestStart: number;
  /** Request head complete. */
  readonly request: number;
  /** Left the queue. */
  readonly queue: number;
  /** Connected to the server. */
  readonly connect: number;
  /** Response head complete. */
  readonly response: number;
  readonly end: number;
}

/** What is known of the whole process. */
export interface ProcessView {
  /** Current connections of all frontends (%ac). */
  readonly connections: number;
  /** A soft stop began. */
  readonly stopping: boolean;
  /** HTTP/3 may be served. */
  readonly quic: boolean;
}

/** What is kept of a transaction when its messages are gone. */
export interface KeptView {
  /** Method, "" as long as there is no valid request. */
  readonly method: string;
  /** The request line as received, cut at tune.http.logurilen; "" without a valid request. */
  readonly requestLine: string;
  /** Status sent to the client, and as the server sent it; -1 before. */
  readonly status: number;
  readonly serverStatus: number;
  /** Version of the server's response, 10 or 11; 0 before. */
  readonly responseVersion: number;
  /** Cookies caught by `capture cookie`; null when none was. */
  readonly requestCookie: string | null;
  readonly responseCookie: string | null;
  /** Entries before this one when it was queued (%sq, %bq). */
  readonly serverQueue: number;
  readonly backendQueue: number;
  /** Number of the request or session (%rt), modulo 2^32; lines logged by the frontend (%lc). */
  readonly requestCounter: number;
  readonly logCounter: number;
  /** Logged before the end (logasap): times and byte counts are not final. */
  readonly incomplete: boolean;
  /** What answered in place of a server: "<STATS>"; "" nothing did. */
  readonly service: string;
  /** Where the log line is made: %OG. */
  readonly logOrigin: string;
  /** Version and cipher of the client's TLS connection, "" without. */
  readonly tlsVersion: string;
  readonly tlsCipher: string;
}
