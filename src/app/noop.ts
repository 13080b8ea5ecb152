// Names of the manual that are accepted with a notice because they can have no effect here: they only tune how HAProxy
// itself works, and nothing a client, a server or an operator observes depends on them. A name whose effect can be
// observed is refused instead (refused.ts).
import type { RefusedEntry, SectionKind } from "../config/mod.ts";

const PROXIES: readonly SectionKind[] = ["defaults", "frontend", "listen", "backend"];

const NOOP: readonly (readonly [sections: readonly SectionKind[], reason: string, names: string])[] = [
  [
    ["global"],
    "the event loop and its poller are the runtime's",
    `
  busy-polling, noepoll, noevports, nokqueue, nopoll, tune.epoll.mask-events, tune.fd.edge-triggered,
  tune.maxpollevents
`,
  ],
  [
    ["global"],
    "the scheduler has budgets of its own",
    `
  tune.events.max-events-at-once, tune.maxaccept, tune.runqueue-depth, tune.sched.low-latency
`,
  ],
  [
    ["global"],
    "memory is managed by the runtime",
    `
  no-memory-trimming, prealloc-fd, quick-exit, tune.buffers.reserve, tune.memory.hot-size
`,
  ],
  [["global"], "the kernel gives each connection to the thread that takes it first", "tune.listener.multi-queue"],
  [PROXIES, "what is sent is sent at once, always", "option http-no-delay"],
  [["global"], "nothing is spliced in the kernel, so no pipes are used", "maxpipes, nosplice, tune.pipesize"],
  [
    PROXIES,
    "nothing is spliced in the kernel",
    `
  option splice-auto, option splice-request, option splice-response
`,
  ],
  [
    ["global"],
    "there is one way to forward data, which gives the same bytes",
    `
  tune.applet.zero-copy-forwarding, tune.disable-fast-forward, tune.disable-zero-copy-forwarding,
  tune.h1.zero-copy-fwd-recv, tune.h1.zero-copy-fwd-send, tune.h2.zero-copy-fwd-send, tune.pt.zero-copy-forwarding,
  tune.quic.zero-copy-fwd-send, tune.recv_enough
`,
  ],
  [["global"], "names are resolved by the runtime", "nogetaddrinfo"],
  [
    ["global"],
    "a connection stays with its thread while it is idle too",
    "tune.idle-pool.shared, tune.takeover-other-tg-connections",
  ],
  [["global"], "core dumps are a matter of the runtime and the system", "set-dumpable"],
  [["global"], "it needs asynchronous TLS engines, which the runtime does not have", "ssl-mode-async"],
  [["global"], "results of slow patterns are not cached", "tune.pattern.cache-size"],
  [["global"], "rings have one queue", "tune.ring.queues"],
  [["defaults", "frontend", "listen"], "acknowledgements are sent as the kernel decides", "option tcp-smart-accept"],
  [["defaults", "listen", "backend"], "acknowledgements are sent as the kernel decides", "option tcp-smart-connect"],
];

/** Options of servers without effect, with the number of their arguments. */
const SERVER_OPTIONS: readonly (readonly [name: string, count: number, reason: string])[] = [
  ["pool-low-conn", 1, "no thread takes idle connections of another one"],
];

/** Actions without effect, with the number of their arguments. */
const ACTIONS: readonly (readonly [name: string, count: number, reason: string])[] = [
  ["set-nice", 1, "streams have no priority of their own in the runtime's scheduler"],
  ["wait-for-handshake", 0, "no request is read before its handshake is over"],
];

/** Options of `bind` lines without effect. */
const BIND: typeof ACTIONS = [
  ["nice", 1, "connections have no priority of their own in the runtime's scheduler"],
  ["label", 1, "it only groups sockets in HAProxy's own lists"],
];

/** Every name without effect, with the reason. */
export const noop: readonly RefusedEntry[] = [
  ...NOOP.flatMap(([sections, reason, names]): RefusedEntry[] =>
    names.split(",").map((name) => ({ kind: "keyword", name: name.trim(), sections, reason }))
  ),
  ...SERVER_OPTIONS.map(([name, count, reason]): RefusedEntry => ({ kind: "server", name, arguments: count, reason })),
  ...ACTIONS.map(([name, count, reason]): RefusedEntry => ({ kind: "action", name, arguments: count, reason })),
  ...BIND.map(([name, count, reason]): RefusedEntry => ({ kind: "bind", name, arguments: count, reason })),
];
