// The health check of one server: when the next attempt is due, where it goes, and that it goes on whatever happens
// (configuration.txt 5.2 "check", "inter", "fastinter", "downinter", "addr", "port"; 3.2 "spread-checks").
//
// Invariants: one attempt at a time; either an attempt is running or the timer is armed, until stop().
import { spawn, Timer } from "../../base/mod.ts";
import { SERVER } from "../../table/mod.ts";
import type { Address } from "../../sys/types.ts";
import { initialHealth } from "../initial_health.ts";
import type { Server } from "../server.ts";
import { S_DOWN, S_MAINT, S_UP, serverState } from "../server_state.ts";
import { targetAddress } from "../target.ts";
import { ServerHealth } from "./health.ts";
import { httpPlan } from "./http.ts";
import { type Plan, Probe } from "./probe.ts";
import { CHK_INI, CHK_UNK } from "./result.ts";
import { tcpSteps } from "./tcp.ts";
import { ConnectPlan, TcpPlan } from "./tcp_probe.ts";

export class Check {
  readonly server: Server;
  readonly #health: ServerHealth;
  readonly #probe: Probe;
  readonly #plan: Plan;
  readonly #timer: Timer<Check>;
  #running = false;
  #stopped = false;
  /** It was in maintenance when last looked at. */
  #inMaintenance: boolean;

  constructor(server: Server) {
    const { sys, wheel } = server.proxy.runtime;
    this.server = server;
    this.#health = new ServerHealth(server);
    this.#probe = new Probe(
      sys,
      wheel,
      server.probe,
      server.checkSender === null ? null : (conn) => server.checkSender!.ofCheck(conn),
    );
    this.#plan = planOf(server, () => this.target);
    this.#timer = new Timer<Check>(this, (timer) => timer.owner.#due());
    this.#inMaintenance = server.inMaintenance;
  }

  /** The first attempt is due in `delayMs`. */
  start(delayMs: number): void {
    const { shared, wheel } = this.server.proxy.runtime;
    if (shared.load(this.server.word + SERVER.checkStatus) === CHK_UNK) {
      shared.store(this.server.word + SERVER.checkStatus, CHK_INI);
    }
    wheel.armIn(this.#timer, delayMs);
  }

  stop(): void {
    this.#stopped = true;
    this.server.proxy.runtime.wheel.cancel(this.#timer);
    this.#probe.stop();
  }

  /** The administrative state may have changed: a server that leaves maintenance starts anew, and is checked at once. */
  stateChanged(): void {
    const maintenance = this.server.inMaintenance;
    if (maintenance === this.#inMaintenance) return;
    this.#inMaintenance = maintenance;
    if (maintenance || this.#stopped) return;
    const { shared, wheel } = this.server.proxy.runtime;
    shared.store(this.server.word + SERVER.health, initialHealth(this.server.config));
    this.server.proxy.touch();
    if (!this.#running) wheel.armIn(this.#timer, 0);
  }

  /** Stopped by `disable health`. */
  get #off(): boolean {
    return this.server.proxy.runtime.shared.load(this.server.word + SERVER.checkOff) !== 0;
  }

  #due(): void {
    const { runtime } = this.server.proxy;
    if (this.server.inMaintenance || this.#off) {
      runtime.wheel.armIn(this.#timer, this.#interval());
      return;
    }
    this.#running = true;
    // A bug in a check must not end the checks.
    spawn(this.#attempt(), () => this.#again(runtime.sys.clock.now()));
  }

  async #attempt(): Promise<void> {
    const { runtime, config } = this.server.proxy;
    const { interMs } = this.server.config;
    const { clock } = runtime.sys;
    const started = clock.now();
    this.#showRunning(1);
    const read = config.timeouts.check;
    const connect = read > 0 && config.timeouts.connect > 0 ? Math.min(config.timeouts.connect, interMs) : interMs;
    const result = await this.#probe.run(this.#plan, { connect, read });
    if (this.#stopped) return;
    if (!this.server.inMaintenance && !this.#off) this.#health.apply(result, Math.floor(clock.precise() - started));
    this.#again(started);
  }

  /** The next attempt comes an interval after the last one began, at once when that took longer. */
  #again(started: number): void {
    this.#running = false;
    this.#showRunning(0);
    if (this.#stopped) return;
    const { sys, wheel } = this.server.proxy.runtime;
    wheel.arm(this.#timer, Math.max(started + this.#interval(), sys.clock.now()));
  }

  #showRunning(running: number): void {
    this.server.proxy.runtime.shared.store(this.server.word + SERVER.checking, running);
  }

  #interval(): number {
    const { rise, fall, interMs, fastinterMs, downinterMs } = this.server.config;
    const { global, sys } = this.server.proxy.runtime;
    const state = serverState(this.server.adminState, this.server.health, rise, fall, true);
    const steady = state === S_UP || state === S_MAINT
      ? interMs
      : state === S_DOWN
      ? downinterMs || interMs
      : fastinterMs || interMs;
    if (global.spreadChecks === 0) return steady;
    const spread = steady * global.spreadChecks / 100;
    return Math.max(1, Math.floor(steady + spread * (2 * sys.rand.float() - 1)));
  }

  /** Where the check connects to; null while the server has no address. */
  get target(): Address | null {
    const { config, address } = this.server;
    const own = targetAddress(config.address, address);
    const other = config.checkAddress === null ? null : targetAddress(config.checkAddress);
    const base = other ?? own;
    if (base === null || base.family === "unix") return base;
    const port = config.checkPort || (base.port !== 0 || own === null || own.family === "unix" ? base.port : own.port);
    return { family: base.family, host: base.host, port };
  }
}

/** What the checks of a server do. */
function planOf(server: Server, target: () => Address | null): Plan {
  const { checkType, tcpSteps: nodes } = server.proxy.config;
  if (checkType === "httpchk") return httpPlan(server, target);
  if (checkType === "tcp-check" && nodes.length > 0) return new TcpPlan(tcpSteps(nodes, target), target);
  return new ConnectPlan(target);
}
