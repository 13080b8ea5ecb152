import { assertEquals } from "@std/assert";
import { latin1Slice } from "../base/mod.ts";
import type { Address, Datagram } from "../sys/types.ts";
import { LogOutlets } from "./logger.ts";
import type { LogEnv } from "./logger.ts";
import { LogSettings, SampleSlots } from "./settings.ts";
import type { LogFormat, LogLine } from "./settings.ts";
import type { LogTarget } from "./target.ts";

/** Local time of the machine: the expected dates are computed in it. */
const WALL = Date.UTC(2026, 10, 1, 10, 29, 25) + new Date(Date.UTC(2026, 10, 1)).getTimezoneOffset() * 60000 + 373.914;

/** A thread's world: what is written is kept, in the order of writing. */
class FakeSys {
  readonly sent: string[] = [];
  readonly turns: (() => void)[] = [];
  socketFull = false;
  noSockets = "";

  env(counters: Int32Array = new Int32Array(4)): LogEnv {
    const note = (name: string) => (bytes: Uint8Array) =>
      void this.sent.push(`${name} ${latin1Slice(bytes, 0, bytes.length)}`);
    const sys = {
      clock: { wall: () => WALL },
      proc: { stdout: note("1"), stderr: note("2") },
      turn: () => new Promise<void>((done) => this.turns.push(done)),
      net: { datagram: () => this.noSockets || this.socket() },
    };
    return {
      sys: sys as unknown as LogEnv["sys"],
      pid: 9439,
      hostname: "vm",
      tag: "sluice",
      counters,
      problem: (text) => void this.sent.push(`problem ${text}`),
    };
  }

  socket(): Datagram {
    return {
      local: undefined,
      send: (bytes: Uint8Array, from: number, to: number, target: Address) => {
        if (this.socketFull) return false;
        const name = target.family === "unix" ? target.path : `${target.host}:${target.port}`;
        this.sent.push(`${name} ${latin1Slice(bytes, from, to)}`);
        return true;
      },
      recv: () => Promise.resolve(-1),
      close: () => void this.sent.push("closed"),
    };
  }

  async endTurn(): Promise<void> {
    for (const done of this.turns.splice(0)) done();
    await Promise.resolve();
  }
}

const STDOUT: LogTarget = { kind: "descriptor", number: 1 };
const UDP: LogTarget = { kind: "datagram", address: { family: "ipv4", host: "127.0.0.1", port: 514 } };

function line(parts: Partial<LogLine>): LogLine {
  return {
    kind: "line",
    target: UDP,
    length: 1024,
    format: null,
    sampling: null,
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

Deno.test("LOG-01 lines are cut at their length: the line feed counts for a descriptor only", () => {
  const sys = new FakeSys();
  const own = settings(line({ format: "raw", length: 80 }), line({ format: "raw", length: 80, target: STDOUT }));
  const outlets = new LogOutlets(sys.env());
  outlets.logger(own, own).send(6, "x".repeat(5000));
  outlets.flush();
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
  logger.send(6, "a".repeat(4000));
  logger.send(6, "b".repeat(90));
  assertEquals(sys.sent, []);
  logger.send(6, "c".repeat(10));
  assertEquals(sys.sent.length, 1, "a line that does not fit any more sends what was gathered");
  logger.send(6, "d".repeat(9000));
  await sys.endTurn();
  logger.send(6, "e");
  await sys.endTurn();
  assertEquals(
    sys.sent,
    [`${"a".repeat(4000)}\n${"b".repeat(90)}\n`, `${"c".repeat(10)}\n`, `${"d".repeat(9000)}\n`, "e\n"].map((t) =>
      `1 ${t}`
    ),
  );
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
  assertEquals(outlets.dropped, 1);
});

Deno.test("LOG-01 a target whose socket cannot be opened is told once and drops", () => {
  const sys = new FakeSys();
  sys.noSockets = "not allowed";
  const own = settings(line({}), line({}));
  const outlets = new LogOutlets(sys.env());
  outlets.logger(own, own).send(6, "lost");
  assertEquals(sys.sent, ["problem log : cannot open a socket for ipv4: not allowed"]);
  assertEquals(outlets.dropped, 2);
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
