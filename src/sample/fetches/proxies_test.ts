// Figures of backends and servers against what haproxy gives for the same ones.
import { assertEquals } from "@std/assert";
import { parseExpression } from "../expression.ts";
import { evaluate, testContext, testEnv, testProxy, testServer, TestTxn } from "../testing.ts";
import type { ServerView } from "../views.ts";

/** A server with limits; `now`: streams it serves. */
function server(maxconn: number, maxqueue: number, more: Partial<ServerView> = {}): ServerView {
  return testServer("s", { maxconn, slots: maxconn, maxqueue, ...more });
}

const BACKUP = { backup: true, inService: false };
const DOWN = { usable: false, inService: false };

/** Free connections and slots of a backend with these servers. */
function free(...servers: ServerView[]): string {
  const env = testEnv({ proxy: () => testProxy("b", { servers }) });
  return ["be_conn_free(b)", "connslots(b)"].map((name) => evaluate(name, new TestTxn(), env)).join(" ");
}

Deno.test("FETCH-24 connections that servers still take: those that serve now; with queues, all that are up", () => {
  assertEquals(free(server(10, 5), server(20, 3, BACKUP)), "sint:10 sint:38");
  assertEquals(free(server(10, 0)), "sint:10 sint:-1");
  assertEquals(free(server(0, 10)), "sint:-1 sint:-1");
  assertEquals(
    free(server(4, 10, DOWN), server(5, 10, { backup: true }), server(6, 10, BACKUP)),
    "sint:5 sint:31",
  );
  // Weight 0: it takes no new streams but persistent ones.
  assertEquals(free(server(10, 1, { inService: false }), server(3, 1)), "sint:3 sint:15");
  assertEquals(free(server(10, 1), server(0, 0)), "sint:-1 sint:-1");
  assertEquals(free(server(10, 1), server(0, 0, BACKUP)), "sint:10 sint:-1");
  assertEquals(free(server(10, 1, DOWN)), "sint:0 sint:0");
  assertEquals(free(), "sint:0 sint:0");
  assertEquals(free(server(4, 3, { currentSessions: 1, queued: 2 })), "sint:3 sint:4");
  // `maxconn` lowered while more are served.
  assertEquals(free(server(4, 3, { currentSessions: 9, queued: 9 })), "sint:0 sint:0");
});

Deno.test("FETCH-24 queued entries for each usable server are rounded up, and doubled without one", () => {
  const average = (queued: number, usableServers: number) => {
    const env = testEnv({ proxy: () => testProxy("b", { queued, usableServers }) });
    return evaluate("avg_queue(b)", new TestTxn(), env);
  };
  const pairs = [[0, 2], [1, 2], [2, 2], [3, 2], [5, 2], [3, 0], [7, 3]];
  assertEquals(pairs.map(([queued, usable]) => average(queued, usable)), [
    "sint:0",
    "sint:1",
    "sint:1",
    "sint:2",
    "sint:3",
    "sint:6",
    "sint:3",
  ]);
});

Deno.test("FETCH-24 weights of servers, and their free connections", () => {
  const s = testServer("s", {
    initialWeight: 3,
    weight: 5,
    currentWeight: 2,
    slots: 8,
    maxconn: 10,
    currentSessions: 6,
  });
  const env = testEnv({ server: (p, name) => p === "b" && name === "s" ? s : undefined });
  const give = (name: string) => evaluate(name, new TestTxn(), env);
  assertEquals(["srv_iweight(b/s)", "srv_uweight(b/s)", "srv_weight(b/s)"].map(give), ["sint:3", "sint:5", "sint:2"]);
  assertEquals(give("srv_conn_free(b/s)"), "sint:2");
  assertEquals(give("srv_conn_free(b/none)"), "absent");
  const unlimited = testEnv({ server: () => testServer("s") });
  assertEquals(evaluate("srv_conn_free(b/s)", new TestTxn(), unlimited), "sint:-1");
});

Deno.test("FETCH-24 without a name it is the proxy of the section, and the one that is named must exist", () => {
  const context = testContext({ kind: "backend", name: "own" });
  const names = (text: string) => {
    const node = parseExpression(text, context);
    if (typeof node === "string") throw new Error(node);
    return node.references.map((r) => `${r.type} ${r.name}`).join();
  };
  assertEquals(names("be_conn_free"), "backend own");
  assertEquals(names("connslots(other)"), "backend other");
  assertEquals(names("srv_conn_free(s)"), "server own/s");
  assertEquals(names("srv_weight(b/s)"), "server b/s");
  assertEquals(
    evaluate("srv_weight"),
    "error: fetch method 'srv_weight' : expected type 'server' at position 1, but got nothing",
  );
});
