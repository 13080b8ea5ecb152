// Contract of Sys: clock, files, randomness, names, process, threads.
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { bytesOf, type Test } from "./sys_fixture.ts";

export function clockTests(test: Test): void {
  test("clock does not move within a turn, and moves between turns", async (f) => {
    const { clock } = f.sys;
    const before = clock.now();
    assert(before >= 0);
    assertEquals(clock.now(), before);
    assert(clock.precise() >= before);
    await f.advance(5);
    assert(clock.now() >= before + 5, `${clock.now()} after ${before}`);
    assert(clock.wall() > 1_500_000_000_000);
  });

  test("clock timer fires once, not before its time", async (f) => {
    const { clock } = f.sys;
    let fired = 0, at = 0;
    const due = clock.now() + 20;
    clock.arm(due, () => {
      fired++;
      at = clock.now();
    });
    await f.advance(5);
    assertEquals(fired, 0);
    await f.advance(30);
    assertEquals(fired, 1);
    assert(at >= due, `fired at ${at}, due ${due}`);
    await f.advance(10);
    assertEquals(fired, 1);
  });

  test("clock timer armed again replaces the first; disarm stops it; a past time fires soon", async (f) => {
    const { clock } = f.sys;
    const log: string[] = [];
    clock.arm(clock.now() + 5, () => log.push("first"));
    const later = clock.now() + 15;
    clock.arm(later, () => {
      log.push("second");
      assert(clock.now() >= later, "not at the time of the first");
    });
    await f.advance(40);
    assertEquals(log, ["second"]);
    const long = 60_000;
    clock.arm(clock.now() + long, () => log.push("long"));
    clock.arm(clock.now() + 5, () => log.push("sooner"));
    await f.advance(20);
    assertEquals(log, ["second", "sooner"]);
    clock.arm(clock.now() + 5, () => log.push("third"));
    clock.disarm();
    await f.advance(20);
    assertEquals(log, ["second", "sooner"]);
    clock.arm(clock.now() - 100, () => log.push("past"));
    assertEquals(log, ["second", "sooner"]);
    await f.advance(5);
    assertEquals(log, ["second", "sooner", "past"]);
  });

  test("clock timer may arm itself again as it fires", async (f) => {
    const { clock } = f.sys;
    let fired = 0;
    const fire = () => {
      fired++;
      if (fired < 3) clock.arm(clock.now() + 5, fire);
    };
    clock.arm(clock.now() + 5, fire);
    for (let i = 0; i < 10; i++) await f.advance(5);
    assertEquals(fired, 3);
  });

  test("turn settles after the promises that are ready", async (f) => {
    const log: string[] = [];
    const turn = f.sys.turn().then(() => log.push("turn"));
    await Promise.resolve();
    await Promise.resolve();
    log.push("ready");
    await f.run(turn);
    assertEquals(log, ["ready", "turn"]);
    await f.run(Promise.all([f.sys.turn(), f.sys.turn()]));
  });
}

export function hostTests(test: Test): void {
  test("fs writes, reads, lists and removes; a fault is a reason", async (f) => {
    const { fs } = f.sys;
    const path = `${f.dir}/file`;
    assertEquals(fs.kind(path), "absent");
    const missing = fs.readFile(path);
    assertEquals(missing, "No such file or directory");
    assertEquals(fs.writeFile(path, bytesOf("one")), "");
    assertEquals(fs.writeFile(path, bytesOf("two!")), "");
    const content = fs.readFile(path);
    assert(typeof content !== "string");
    assertEquals(new TextDecoder().decode(content), "two!");
    assertEquals(fs.kind(path), "file");
    assertEquals(fs.kind(f.dir), "dir");
    assertEquals(fs.readDir(f.dir), ["file"]);
    assert(typeof fs.readFile(f.dir) === "string");
    assert(typeof fs.readDir(`${f.dir}/none`) === "string");
    assertNotEquals(fs.writeFile(`${f.dir}/none/x`, bytesOf("x")), "");
    assertEquals(fs.remove(path), "");
    assertEquals(fs.remove(path), "No such file or directory");
    assertEquals(fs.kind(path), "absent");
    await f.settle();
  });

  test("rand gives floats in [0, 1), 32-bit integers, and bytes", async (f) => {
    const { rand } = f.sys;
    const floats = new Set<number>(), ints = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const x = rand.float();
      assert(x >= 0 && x < 1);
      floats.add(x);
      const n = rand.u32();
      assert(Number.isInteger(n) && n >= 0 && n <= 0xffffffff);
      ints.add(n);
    }
    assert(floats.size > 90 && ints.size > 90);
    const one = new Uint8Array(32), two = new Uint8Array(100_000);
    rand.fill(one);
    rand.fill(two);
    assertNotEquals(one, two.subarray(0, 32));
    assert(two.subarray(99_900).some((b) => b !== 0), "filled to its end");
    await f.settle();
  });

  test("dns looks up localhost; an unknown name has no address", async (f) => {
    assertEquals(await f.run(f.sys.dns.lookup("localhost", "ipv4")), ["127.0.0.1"]);
    assertEquals(await f.run(f.sys.dns.lookup("does-not-exist.invalid", "any")), []);
  });

  test("proc tells about the process", async (f) => {
    const { proc } = f.sys;
    assert(proc.pid > 0 && proc.cpus > 0 && proc.descriptorLimit > 0 && proc.hostname.length > 0);
    assertEquals(proc.env("SLUICE_NO_SUCH_VARIABLE"), undefined);
    // 192.0.2.0/24 is nobody's (RFC 5737).
    const hosts = ["127.0.0.1", "127.9.9.9", "::1", "192.0.2.1", "2001:db8::1"];
    assertEquals(hosts.map((host) => proc.isLocal(host)), [true, true, true, false, false]);
    await f.settle();
  });
}

export function busTests(test: Test): void {
  test("bus starts a thread with its data and carries messages in order", async (f) => {
    const exits: string[] = [];
    const thread = f.sys.bus.start(3, { answer: 42 }, (reason) => exits.push(reason));
    const inbox: unknown[] = [];
    const full = Promise.withResolvers<void>();
    thread.port.onmessage = (message) => {
      inbox.push(message);
      if (inbox.length === 4) full.resolve();
    };
    for (const message of ["a", { b: 1 }, new Uint8Array([1, 2])]) thread.port.post(message);
    await f.run(full.promise);
    assertEquals(inbox, [
      { thread: 3, data: { answer: 42 } },
      { echo: "a" },
      { echo: { b: 1 } },
      { echo: new Uint8Array([1, 2]) },
    ]);
    assertEquals(exits, []);
    thread.terminate();
    thread.terminate();
    await f.settle();
    assertEquals(exits, [""]);
  });

  test("bus keeps messages until onmessage is set", async (f) => {
    const thread = f.sys.bus.start(1, "start", () => {});
    await f.advance(300);
    const first = Promise.withResolvers<unknown>();
    thread.port.onmessage = first.resolve;
    assertEquals(await f.run(first.promise), { thread: 1, data: "start" });
    thread.terminate();
    await f.settle();
  });

  test("bus tells once why a thread ended: an uncaught error", async (f) => {
    const exit = Promise.withResolvers<string>();
    let exits = 0;
    const thread = f.sys.bus.start(1, null, (reason) => {
      exits++;
      exit.resolve(reason);
    });
    thread.port.post("throw");
    assertStringIncludes(await f.run(exit.promise), "asked to throw");
    thread.terminate();
    await f.settle();
    assertEquals(exits, 1);
  });

  test("bus tells when a thread ended by itself", async (f) => {
    const exit = Promise.withResolvers<string>();
    const thread = f.sys.bus.start(1, null, exit.resolve);
    thread.port.post("end");
    assertEquals(await f.run(exit.promise), "");
    thread.terminate();
    await f.settle();
  });
}
