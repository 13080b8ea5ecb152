import { assertEquals } from "@std/assert";
import { latin1Slice } from "../base/mod.ts";
import { type AddressNode, parseAddress } from "../config/mod.ts";
import type { Address, Datagram } from "../sys/types.ts";
import { LogOutlets } from "./logger.ts";
import { type RelayedLines, RelayToMain } from "./relay.ts";
import type { LogEnv } from "./logger.ts";
import { LogSettings, SampleSlots } from "./settings.ts";
import type { LogFormat, LogLine } from "./settings.ts";
import type { LogTargetNode } from "./target.ts";
import type { RelayTarget } from "./target.ts";

/** Local time of the machine: the expected dates are computed in it. */
const WALL = Date.UTC(2026, 10, 1, 10, 29, 25) + new Date(Date.UTC(2026, 10, 1)).getTimezoneOffset() * 60000 + 373.914;

/** A thread's world: what is written is kept, in the order of writing. */
class FakeSys {
  readonly sent: string[] = [];
  readonly turns: (() => void)[] = [];
  socketFull = false;
  noSockets = "";
  dropped = 0;
  /** Writes to descriptors that are under way; null: they are over at once. */
  writing: (() => void)[] | null = null;
  writeError = "";
  readonly sockets: Datagram[] = [];

  env(counters: Int32Array = new Int32Array(4)): LogEnv {
    const sys = {
      clock: { wall: () => WALL },
      proc: { write: (number: number, bytes: Uint8Array) => this.write(number, bytes) },
      turn: () => new Promise<void>((done) => this.turns.push(done)),
      net: { datagram: () => this.noSockets || this.socket() },
    };
    return {
      sys: sys as unknown as LogEnv["sys"],
      pid: 9439,
      hostname: "vm",
      tag: "sluice",
      counters,
      relay: { relay: (target: RelayTarget, bytes: Uint8Array) => this.relayed(target, bytes) },
      dropped: (lines) => void (this.dropped += lines),
      problem: (text) => void this.sent.push(`problem ${text}`),
    };
  }

  write(number: number, bytes: Uint8Array): Promise<string> {
    if (this.writeError === "") this.sent.push(`${number} ${latin1Slice(bytes, 0, bytes.length)}`);
    const result = this.writeError;
    return new Promise((done) => this.writing === null ? done(result) : this.writing.push(() => done(result)));
  }

  relayed(target: RelayTarget, bytes: Uint8Array): boolean {
    if (this.socketFull) return false;
    this.sent.push(`${target.kind} ${latin1Slice(bytes, 0, bytes.length)}`);
    return true;
  }

  socket(): Datagram {
    const socket: Datagram = {
      local: undefined,
      pending: 0,
      onlost: null,
      send: (bytes: Uint8Array, from: number, to: number, target: Address) => {
        if (this.socketFull) return false;
        const name = target.family === "unix" ? target.path : `${target.host}:${target.port}`;
        this.sent.push(`${name} ${latin1Slice(bytes, from, to)}`);
        return true;
      },
      recv: () => Promise.resolve(-1),
      close: () => void this.sent.push("closed"),
    };
    this.sockets.push(socket);
    return socket;
  }

  async endTurn(): Promise<void> {
    for (const done of this.turns.splice(0)) done();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
}

const address = (text: string) => parseAddress(text, { ports: "optional", transport: "dgram" }) as AddressNode;
const STDOUT: LogTargetNode = { kind: "descriptor", number: 1 };
const UDP: LogTargetNode = { kind: "datagram", address: address("127.0.0.1:514") };

function line(parts: Partial<LogLine>): LogLine {
  return {
    kind: "line",
    target: UDP,
    length: 1024,
    format: null,
    sampling: null,
    profile: "",
    facility: 16,
    maxLevel: 7,
    minLevel: 0,
    ...parts,
  };
}

function settings(...lines: LogLine[]): LogSettings {
  const made = new LogSettings(new SampleSlots());
  for (const one of lines) made.apply(one);
  return made;
}

Deno.test("LOG-02 each format puts its own header before the line", () => {
  const expected: Readonly<Record<LogFormat, string>> = {
    local: "<134>Nov  1 10:29:25 sluice[9439]: text",
    rfc3164: "<134>Nov  1 10:29:25 localhost sluice[9439]: text",
    rfc5424: '<134>1 2026-11-01T10:29:25.373914+ZONE - sluice 9439 - [a@1 b="c"] text',
    priority: "<134>text",
    short: "<6>text",
    timed: "<6>2026-11-01T10:29:25.373914+ZONE text",
    iso: "2026-11-01T10:29:25.373914+ZONE text",
    raw: "text",
  };
  for (const [format, text] of Object.entries(expected)) {
    const sys = new FakeSys();
    const own = settings(line({ format: format as LogFormat }));
    new LogOutlets(sys.env()).logger(own, own).send(6, "text", '[a@1 b="c"]');
    const got = sys.sent.map((sent) => sent.replace(/[+-]\d\d:\d\d(?= )/, "+ZONE"));
    assertEquals(got, [`127.0.0.1:514 ${text}\n`]);
  }
});

Deno.test("LOG-02 LOG-09 log-send-hostname and log-tag fill the header, and the default format becomes rfc3164", () => {
  const sys = new FakeSys();
  const global = settings();
  global.hostname = "";
  global.tag = "global-tag";
  const own = settings(line({}), line({ format: "rfc5424" }));
  new LogOutlets(sys.env()).logger(own, global).send(6, "a");
  own.tag = "own-tag";
  global.hostname = "given";
  new LogOutlets(sys.env()).logger(own, global).send(6, "a");
  assertEquals(sys.sent.map((sent) => sent.replace(/ \S*[ \d]\d:\d\d:\d\d\S*/, " DATE")), [
    "127.0.0.1:514 <134>Nov  1 DATE vm global-tag[9439]: a\n",
    "127.0.0.1:514 <134>1 DATE vm global-tag 9439 - - a\n",
    "127.0.0.1:514 <134>Nov  1 DATE given own-tag[9439]: a\n",
    "127.0.0.1:514 <134>1 DATE given own-tag 9439 - - a\n",
  ]);
});

Deno.test("LOG-01 the level filter drops less severe lines and caps more severe ones", () => {
  const sys = new FakeSys();
  const own = settings(line({ format: "short", maxLevel: 5, minLevel: 3 }));
  const logger = new LogOutlets(sys.env()).logger(own, own);
  for (let level = 0; level < 8; level++) logger.send(level, `l${level}`);
  assertEquals(sys.sent, ["<3>l0", "<3>l1", "<3>l2", "<3>l3", "<4>l4", "<5>l5"].map((t) => `127.0.0.1:514 ${t}\n`));
  assertEquals([logger.takes(5), logger.takes(6)], [true, false]);
});

Deno.test("LOG-01 lines are cut at their length: the line feed counts for a descriptor only", async () => {
  const sys = new FakeSys();
  const own = settings(line({ format: "raw", length: 80 }), line({ format: "raw", length: 80, target: STDOUT }));
  const outlets = new LogOutlets(sys.env());
  outlets.logger(own, own).send(6, "x".repeat(5000));
  await sys.endTurn();
  assertEquals(sys.sent, [`127.0.0.1:514 ${"x".repeat(80)}\n`, `1 ${"x".repeat(79)}\n`]);
});

Deno.test("LOG-01 log global takes over the global targets, no log forgets all", () => {
  const sys = new FakeSys();
  const global = settings(line({ format: "raw" }));
  const own = settings(line({ format: "short" }));
  own.apply({ kind: "global" });
  const outlets = new LogOutlets(sys.env());
  outlets.logger(own, global).send(6, "both");
  own.apply({ kind: "none" });
  const silent = outlets.logger(own, global);
  silent.send(6, "none");
  assertEquals(sys.sent, ["127.0.0.1:514 <6>both\n", "127.0.0.1:514 both\n"]);
  assertEquals(silent.takes(0), false);
});

Deno.test("LOG-01 lines of a turn reach standard output whole, in writes that a pipe takes at once", async () => {
  const sys = new FakeSys();
  const own = settings(line({ format: "raw", target: STDOUT, length: 65535 }));
  const outlets = new LogOutlets(sys.env());
  const logger = outlets.logger(own, own);
  for (const text of ["a".repeat(4000), "b".repeat(90), "c".repeat(10), "d".repeat(9000)]) logger.send(6, text);
  assertEquals([sys.sent, outlets.idle], [[], false]);
  await sys.endTurn();
  logger.send(6, "e");
  await sys.endTurn();
  const writes = [`${"a".repeat(4000)}\n${"b".repeat(90)}\n`, `${"c".repeat(10)}\n`, `${"d".repeat(9000)}\n`, "e\n"];
  assertEquals(sys.sent, writes.map((text) => `1 ${text}`));
  assertEquals(outlets.idle, true);
});

Deno.test("LOG-01 a reader of standard output that does not read holds up nothing: lines wait in bounds, then are dropped", async () => {
  const sys = new FakeSys();
  sys.writing = [];
  const own = settings(line({ format: "raw", target: STDOUT, length: 65535 }));
  const logger = new LogOutlets(sys.env()).logger(own, own);
  logger.send(6, "first");
  await sys.endTurn();
  for (let i = 0; i < 300; i++) logger.send(6, "x".repeat(1023));
  assertEquals([sys.sent, sys.dropped], [["1 first\n"], 45]);
  const stuck = sys.writing;
  sys.writing = null;
  for (const done of stuck) done();
  for (let i = 0; i < 1000; i++) await Promise.resolve();
  assertEquals(sys.sent.join("").replaceAll(/[^\n]/g, "").length, 256, "what had been taken came, in order and whole");
  logger.send(6, "again");
  await sys.endTurn();
  assertEquals(sys.sent.at(-1), "1 again\n");
});

Deno.test("LOG-01 a full disk or a closed pipe loses lines, which are counted and told once", async () => {
  const sys = new FakeSys();
  sys.writeError = "No space left on device";
  const own = settings(line({ format: "raw", target: STDOUT }));
  const logger = new LogOutlets(sys.env()).logger(own, own);
  for (const text of ["a", "b"]) logger.send(6, text);
  await sys.endTurn();
  logger.send(6, "c");
  await sys.endTurn();
  assertEquals([sys.sent, sys.dropped], [
    ["problem log : cannot write to descriptor 1: No space left on device"],
    3,
  ]);
  sys.writeError = "";
  logger.send(6, "d");
  await sys.endTurn();
  assertEquals(sys.sent.at(-1), "1 d\n");
});

Deno.test("LOG-10 LOG-01 lines for a stream, or a descriptor beyond standard error, go to main turn by turn", async () => {
  const sys = new FakeSys();
  const own = settings(
    line({ format: "raw", target: { kind: "stream", address: address("127.0.0.1:514") } }),
    line({ format: "short", target: { kind: "descriptor", number: 3 } }),
  );
  const outlets = new LogOutlets(sys.env());
  const logger = outlets.logger(own, own);
  logger.send(6, "a");
  logger.send(5, "b".repeat(9000));
  assertEquals(sys.sent, []);
  await sys.endTurn();
  assertEquals(sys.sent, [
    `stream a\n${"b".repeat(1023)}\n`,
    `descriptor <6>a\n<5>${"b".repeat(1020)}\n`,
  ]);
  sys.socketFull = true;
  logger.send(6, "lost");
  outlets.flush();
  assertEquals(sys.dropped, 2);
});

Deno.test("LOG-10 what main has not taken is bounded", () => {
  const posted: RelayedLines[] = [];
  const relay = new RelayToMain((lines) => posted.push(lines));
  const target: RelayTarget = { kind: "stream", address: { family: "ipv4", host: "127.0.0.1", port: 514 } };
  const give = () => relay.relay(target, new Uint8Array(300_000), 1);
  assertEquals([give(), give(), give(), give()], [true, true, true, false]);
  relay.taken(300_000);
  assertEquals([give(), give(), posted.length], [true, false, 4]);
});

Deno.test("LOG-01 what a full socket does not take is dropped and counted", () => {
  const sys = new FakeSys();
  const own = settings(line({ format: "raw" }));
  const outlets = new LogOutlets(sys.env());
  const logger = outlets.logger(own, own);
  sys.socketFull = true;
  logger.send(6, "lost");
  sys.socketFull = false;
  logger.send(6, "kept");
  outlets.close();
  assertEquals(sys.sent, ["127.0.0.1:514 kept\n", "closed"]);
  assertEquals(sys.dropped, 1);
});

Deno.test("LOG-01 a target whose socket cannot be opened is told once and drops", () => {
  const sys = new FakeSys();
  sys.noSockets = "not allowed";
  const own = settings(line({}), line({}));
  const outlets = new LogOutlets(sys.env());
  outlets.logger(own, own).send(6, "lost");
  assertEquals(sys.sent, ["problem log : cannot open a socket for ipv4: not allowed"]);
  assertEquals(sys.dropped, 2);
});

Deno.test("LOG-01 messages that a socket lost are counted, and told once a target", () => {
  const sys = new FakeSys();
  const own = settings(
    line({ target: { kind: "datagram", address: address("/run/log") } }),
    line({ target: { kind: "datagram", address: address("/other") } }),
  );
  const outlets = new LogOutlets(sys.env());
  outlets.logger(own, own);
  assertEquals(sys.sockets.length, 2, "a receiver that does not read holds up its own sender only");
  for (const _ of [1, 2]) sys.sockets[0].onlost!("No such file or directory");
  assertEquals([sys.sent, sys.dropped], [["problem log : cannot send to /run/log: No such file or directory"], 2]);
});

Deno.test("LOG-11 threads that share the counters give each target exactly its share", () => {
  const shared = new Int32Array(new SharedArrayBuffer(16));
  const build = (sys: FakeSys) => {
    const own = settings(
      line({ format: "raw", sampling: { ranges: [[1, 1]], size: 5 } }),
      line({ format: "short", sampling: { ranges: [[2, 3], [5, 5]], size: 5 } }),
    );
    return new LogOutlets(sys.env(shared)).logger(own, own);
  };
  const one = new FakeSys();
  const two = new FakeSys();
  const loggers = [build(one), build(two)];
  for (let i = 0; i < 500; i++) loggers[i % 3 === 0 ? 1 : 0].send(6, "x");
  const all = [...one.sent, ...two.sent];
  assertEquals(all.filter((sent) => sent.includes(" x")).length, 100);
  assertEquals(all.filter((sent) => sent.includes("<6>x")).length, 300);
});
