import { assertEquals } from "@std/assert";
import { Master, type MasterHost, type WorkerProcess } from "./master.ts";
import { StartupMessages } from "./startup.ts";

interface Config {
  readonly exitOnFailure: boolean;
  readonly maxReloads: number;
}

class FakeWorker implements WorkerProcess {
  readonly told: string[] = [];
  serves!: (serves: boolean) => void;
  exited!: (status: number) => void;

  constructor(readonly pid: number) {}

  softStop(): void {
    this.told.push("soft");
  }

  kill(signal: string): void {
    this.told.push(signal);
  }
}

/** A host whose loads and workers do what the test says. */
class FakeHost implements MasterHost<Config> {
  said = "";
  readonly messages = new StartupMessages({ pid: 1, executable: "x", print: (text) => this.said += text });
  readonly workers: FakeWorker[] = [];
  readonly notified: string[] = [];
  readonly settled: boolean[] = [];
  readonly later: (() => void)[] = [];
  config: Config | null = { exitOnFailure: true, maxReloads: Infinity };
  time = 0;
  /** Workers serve at once. */
  atOnce = true;

  now(): number {
    return this.time;
  }
  load(): Promise<Config | null> {
    return Promise.resolve(this.config);
  }
  start(_: Config, exited: (status: number) => void) {
    const worker = new FakeWorker(100 + this.workers.length);
    this.workers.push(worker);
    const serves = new Promise<boolean>((settle) => worker.serves = settle);
    worker.exited = (status) => {
      worker.serves(false);
      exited(status);
    };
    if (this.atOnce) worker.serves(true);
    return { worker, serves };
  }
  settle(serves: boolean): void {
    this.settled.push(serves);
  }
  notify(state: string): void {
    this.notified.push(state);
  }
  after(_: number, then: () => void): void {
    this.later.push(then);
  }

  /** Messages without level and process. */
  lines(): string[] {
    const lines = this.said.split("\n").filter((line) => line !== "" && !/haproxy version|path to/.test(line));
    this.said = "";
    return lines.map((line) => line.replace(/^\[(.).*?\) : /, "$1 "));
  }
}

async function started(host = new FakeHost()) {
  const master = new Master(host);
  assertEquals(await master.start(await host.load()), true);
  host.lines();
  return { host, master, workers: host.workers };
}

Deno.test("PROC-06 a reload replaces the worker only when the new one serves", async () => {
  const { host, master, workers } = await started();
  host.atOnce = false;
  const reload = master.reload();
  await new Promise((turn) => setTimeout(turn, 0));
  assertEquals(workers[0].told, []);
  workers[1].serves(true);
  assertEquals(await reload, true);
  assertEquals(workers[0].told, ["soft"]);
  workers[0].exited(0);
  assertEquals(host.lines(), [
    "N Reloading HAProxy",
    "N New worker (101) forked",
    "N Loading success.",
    "W Former worker (100) exited with code 0 (Exit)",
  ]);
  assertEquals(host.settled, [true, true]);
  assertEquals(host.notified, ["READY", "RELOADING", "READY"]);
  assertEquals([master.reloads, master.failedReloads, master.current?.process.pid], [1, 0, 101]);
});

Deno.test("PROC-06 a load that fails, and a worker that dies before it serves, keep the worker", async () => {
  const { host, master, workers } = await started();
  const config = host.config;
  host.config = null;
  assertEquals(await master.reload(), false);
  assertEquals(host.lines(), ["N Reloading HAProxy", "W Loading failure!"]);
  host.config = config;
  host.atOnce = false;
  const reload = master.reload();
  await new Promise((turn) => setTimeout(turn, 0));
  workers[1].exited(1);
  assertEquals(await reload, false);
  assertEquals(host.lines(), [
    "N Reloading HAProxy",
    "N New worker (101) forked",
    "A New worker (101) exited with code 1 (Exit)",
    "W Loading failure!",
  ]);
  assertEquals([workers[0].told, master.failedReloads, host.settled], [[], 2, [true, false, false]]);
  assertEquals([master.current?.process.pid, master.current?.reloads], [100, 2]);
});

Deno.test("PROC-06 reloads asked for meanwhile come one after the other; a hard one ends the worker at once", async () => {
  const { host, master, workers } = await started();
  assertEquals(await Promise.all([master.reload(), master.reload(true), master.reload()]), [true, true, true]);
  assertEquals(workers.map((worker) => worker.told), [["soft"], ["SIGTERM"], ["soft"], []]);
  assertEquals(master.old.size, 3);
  master.stop("soft");
  assertEquals(await master.reload(), false);
  for (const worker of workers) worker.exited(0);
  assertEquals(await master.ended, 0);
  assertEquals(host.notified.at(-1), "STOPPING");
});

Deno.test("PROC-05 what a worker's end means for the master", async () => {
  const cases: [number, number, boolean][] = [[0, 0, false], [143, 0, false], [130, 130, false], [139, 139, true], [
    1,
    1,
    true,
  ]];
  for (const [status, ends, failure] of cases) {
    const { host, master, workers } = await started();
    workers[0].exited(status);
    assertEquals(await master.ended, ends, String(status));
    assertEquals(host.lines().some((line) => line.startsWith("A exit-on-failure: killing every")), failure);
  }
});

Deno.test("PROC-05 the old workers are ended with the current one, by force when they do not go", async () => {
  const { host, master, workers } = await started();
  await master.reload();
  workers[1].exited(137);
  assertEquals(workers[0].told, ["soft", "SIGTERM"]);
  for (const then of host.later) then();
  assertEquals(workers[0].told, ["soft", "SIGTERM", "SIGKILL"]);
  workers[0].exited(137);
  assertEquals(await master.ended, 137);
});

Deno.test("PROC-05 no-exit-on-failure starts another worker, but not for ever", async () => {
  const host = new FakeHost();
  host.config = { exitOnFailure: false, maxReloads: Infinity };
  const { master, workers } = await started(host);
  for (let death = 0; death < 10; death++) {
    workers[death].exited(139);
    await new Promise((turn) => setTimeout(turn, 0));
    assertEquals(workers.length, death + 2);
  }
  workers[10].exited(139);
  assertEquals(await master.ended, 139);
});

Deno.test("PROC-05 mworker-max-reloads", async () => {
  const host = new FakeHost();
  host.config = { exitOnFailure: true, maxReloads: 1 };
  const { master, workers } = await started(host);
  await master.reload();
  assertEquals(workers[0].told, ["soft"]);
  await master.reload();
  assertEquals(workers[0].told, ["soft", "SIGTERM"]);
  assertEquals([...master.old].map((worker) => worker.reloads), [2, 1]);
});

Deno.test("PROC-06 a reload asked for while the first worker starts comes after it; a stop before it starts none", async () => {
  const host = new FakeHost();
  host.atOnce = false;
  const master = new Master(host);
  const start = master.start(host.config);
  const reload = master.reload();
  await new Promise((turn) => setTimeout(turn, 0));
  assertEquals(host.workers.length, 1);
  host.atOnce = true;
  host.workers[0].serves(true);
  assertEquals([await start, await reload, host.workers.length], [true, true, 2]);
  assertEquals(host.workers[0].told, ["soft"]);

  const stopped = new FakeHost();
  const none = new Master(stopped);
  none.stop("soft");
  assertEquals([await none.start(stopped.config), await none.ended, stopped.workers.length], [false, 0, 0]);
});

Deno.test("PROC-05 a stop while the first worker starts", async () => {
  const host = new FakeHost();
  host.atOnce = false;
  const master = new Master(host);
  const start = master.start(host.config);
  master.stop("SIGTERM");
  assertEquals(host.workers[0].told, ["SIGTERM"]);
  host.workers[0].exited(143);
  assertEquals([await start, await master.ended], [false, 0]);
});
