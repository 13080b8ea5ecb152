// The streams of a thread, as "show sess" asks for them: plain facts, a page at a time.
//
// Invariants: a dump keeps one iterator in each thread, which costs the same whatever is dumped; a thread keeps those of a
// few dumps, so that abandoned ones do not stay. Streams of sessions that began after the dump are not shown.
import type { Frontend, Session, Stream } from "../../stream/mod.ts";
import type { Address } from "../../sys/types.ts";
import type { ThreadView } from "../view.ts";

/** Which streams; every condition that is given has to hold. */
export interface StreamFilter {
  /** Proxies and server by their places in the layout; -1: any. */
  readonly frontend: number;
  readonly backend: number;
  readonly server: number;
  /** At least this old, ms. */
  readonly olderMs: number;
  /** Only those whose end nothing bounds, or whose client has gone. */
  readonly suspicious: boolean;
}

export type StreamQuestion =
  /** `until`: when the dump began, ms since process start: what began later is not shown. */
  | { readonly kind: "page"; readonly dump: number; readonly until: number; readonly filter: StreamFilter }
  | { readonly kind: "find" | "kill"; readonly id: number };

/** A proxy in a stream's lines. */
export interface StreamProxy {
  readonly name: string;
  readonly id: number;
  readonly mode: string;
}

export interface StreamFacts {
  readonly id: number;
  readonly thread: number;
  /** Number of its request in the process. */
  readonly request: number;
  readonly source: Address;
  /** When it began, ms since the epoch; how long ago. */
  readonly date: number;
  readonly ageMs: number;
  readonly listener: { readonly name: string; readonly id: number; readonly address: Address };
  readonly frontend: StreamProxy;
  readonly backend: StreamProxy | null;
  readonly server: { readonly name: string; readonly id: number; readonly address: Address | null } | null;
  /** Time left on each side, ms; -1: no limit runs. */
  readonly clientLeftMs: number;
  readonly serverLeftMs: number;
  readonly retries: number;
  /** It waits for a slot of a server. */
  readonly queued: boolean;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The request's line, "" in TCP mode or before it came. */
  readonly uri: string;
  readonly status: number;
  readonly clientGone: boolean;
}

export interface StreamPage {
  readonly streams: readonly StreamFacts[];
  /** There is no more. */
  readonly done: boolean;
}

/** Streams a page has, and streams looked at for one. */
const PAGE = 100;
const LOOKED_AT = 2000;
/** Dumps under way in a thread. */
const MAX_DUMPS = 32;
/** The thread's place in the number of a stream. */
const THREAD_UNIT = 2 ** 32;

/** The thread that has the stream of an id. */
export function threadOf(id: number): number {
  return Math.floor(id / THREAD_UNIT);
}

/** Dumps under way in a thread, by their number. */
export class StreamDumps {
  readonly #open = new Map<number, Iterator<Stream | null>>();

  page(dump: number, until: number, filter: StreamFilter, view: ThreadView): StreamPage {
    const iterator = this.#open.get(dump) ?? this.#begin(dump, until, view);
    const streams: StreamFacts[] = [];
    for (let looked = 0; looked < LOOKED_AT && streams.length < PAGE; looked++) {
      const { done, value } = iterator.next();
      if (done) {
        this.#open.delete(dump);
        return { streams, done: true };
      }
      if (value !== null && wanted(value, filter, view)) streams.push(factsOf(value, view));
    }
    return { streams, done: false };
  }

  #begin(dump: number, until: number, view: ThreadView): Iterator<Stream | null> {
    // The oldest is most likely one that nobody goes on with.
    if (this.#open.size >= MAX_DUMPS) this.#open.delete(this.#open.keys().next().value!);
    const iterator = streamsOf(view.frontends.values(), until);
    this.#open.set(dump, iterator);
    return iterator;
  }
}

/** The streams of sessions accepted before; null stands for a session without one. */
function* streamsOf(frontends: Iterable<Frontend>, until: number): Generator<Stream | null> {
  for (const frontend of frontends) {
    for (const session of frontend.sessions) {
      if (session.acceptedAt > until) break;
      yield streamOf(session);
    }
  }
}

/** The stream under way. */
function streamOf({ stream }: Session): Stream | null {
  return stream === null || stream.times.accept < 0 ? null : stream;
}

function wanted(stream: Stream, filter: StreamFilter, view: ThreadView): boolean {
  const { frontend, backend, server, olderMs, suspicious } = filter;
  if (frontend >= 0 && stream.frontend.index !== frontend) return false;
  if (backend >= 0 && stream.backend?.index !== backend) return false;
  if (server >= 0 && stream.server?.row !== server) return false;
  if (view.streams.sys.clock.now() - stream.times.accept < olderMs) return false;
  if (!suspicious) return true;
  return stream.clientCode !== 0 || (stream.clientSide.due === Infinity && stream.serverSide.due === Infinity);
}

function idOf(stream: Stream, view: ThreadView): number {
  return view.proxies.runtime.shared.lane * THREAD_UNIT + (stream.kept.requestCounter >>> 0);
}

function factsOf(stream: Stream, view: ThreadView): StreamFacts {
  const { session, server, backend, frontend, kept } = stream;
  const { clock } = view.streams.sys;
  const now = clock.now();
  const ageMs = Math.max(0, now - stream.times.accept);
  const left = (due: number) => due === Infinity ? -1 : Math.max(0, due - now);
  const proxy = ({ name, config }: typeof frontend) => ({ name, id: config.id, mode: config.mode });
  const { listener } = session;
  return {
    id: idOf(stream, view),
    thread: view.proxies.runtime.shared.lane,
    request: kept.requestCounter >>> 0,
    source: session.src,
    date: clock.wall() - ageMs,
    ageMs,
    listener: { name: listener.name, id: listener.id, address: session.conn.local },
    frontend: proxy(frontend),
    backend: backend === null ? null : proxy(backend),
    server: server === null ? null : { name: server.name, id: server.id, address: server.address },
    clientLeftMs: left(stream.clientSide.due),
    serverLeftMs: left(stream.serverSide.due),
    retries: stream.retries,
    queued: stream.waiter.waiting,
    bytesIn: stream.bytesIn,
    bytesOut: stream.bytesOut,
    uri: kept.requestLine,
    status: kept.status,
    clientGone: stream.clientCode !== 0,
  };
}

/** In a thread. */
export function answerStreams(question: StreamQuestion, view: ThreadView): StreamPage {
  if (question.kind === "page") return view.dumps.page(question.dump, question.until, question.filter, view);
  for (const stream of streamsOf(view.frontends.values(), Infinity)) {
    if (stream === null || idOf(stream, view) !== question.id) continue;
    const facts = factsOf(stream, view);
    if (question.kind === "kill") stream.kill("K");
    return { streams: [facts], done: true };
  }
  return { streams: [], done: true };
}
