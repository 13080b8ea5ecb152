// What a result of a check makes of a server: its health counter, its state, and the lines that tell so
// (configuration.txt 5.2 "rise", "fall"; management.txt 9.1). Only the thread that checks the server has one.
//
// The counter goes from 0 to rise + fall - 1; from `rise` on the server is up. A good result below `rise` counts up, and
// with the last one needed the server is fully up at once; a bad one counts down to `rise`, from there it is down.
import { C, SERVER, type Shared } from "../../table/mod.ts";
import type { Proxy } from "../proxy.ts";
import type { Server } from "../server.ts";
import { emptyEvent, farmCounts, LOG_ALERT, LOG_NOTICE, serverEvent, serverTitle } from "../server_lines.ts";
import {
  assertTransition,
  E_CHECK_FAILED,
  E_CHECK_PASSED,
  S_GOING_DOWN,
  type ServerEvent,
  type ServerState,
  serverState,
} from "../server_state.ts";
import { noteServerChange } from "../server_status.ts";
import { type CheckResult, CHK_L7OKC, describeResult, passed } from "./result.ts";

export class ServerHealth {
  readonly server: Server;
  readonly #proxy: Proxy;
  readonly #shared: Shared;

  constructor(server: Server) {
    this.server = server;
    this.#proxy = server.proxy;
    this.#shared = server.proxy.runtime.shared;
  }

  /** Takes a result over; tells main and this thread what changed. */
  apply(result: CheckResult, durationMs: number): void {
    const { server } = this;
    const { rise, fall } = server.config;
    const good = passed(result.status);
    const before = server.health;
    const was = this.#state(before);
    // A conditional pass keeps a server that is up; it does not bring one up.
    const conditional = result.status === CHK_L7OKC;
    const health = good ? (conditional && before < rise ? before : risen(before, rise, fall)) : fallen(before, rise);
    const state = this.#state(health);
    assertTransition(good ? E_CHECK_PASSED : E_CHECK_FAILED, was, state);
    const known = this.#shared.load(server.word + SERVER.checkStatus);
    this.#store(SERVER.checkStatus, result.status);
    this.#store(SERVER.checkCode, result.code);
    this.#store(SERVER.checkDuration, durationMs);
    this.#shared.setText(server.word + SERVER.checkInfo, result.info);
    if (!good && before >= rise) server.counters.add(C.chkfail);
    const line = describeResult(result, durationMs);
    if (this.#proxy.config.logHealthChecks && (health !== before || known !== result.status)) {
      this.#reportHealth(good, line, health);
    }
    if (health !== before) this.#store(SERVER.health, health);
    // A good check ends what a command stopped; so does going down.
    const stopping = this.#shared.load(server.word + SERVER.stopping) !== 0;
    const stopped = stopping && good && !conditional && before >= rise;
    if (stopped || (stopping && health < rise)) this.#store(SERVER.stopping, 0);
    const nowUp = health >= rise;
    if (nowUp !== before >= rise || stopped) this.#changed(nowUp, before >= rise, line);
    else if (health !== before || (conditional !== (known === CHK_L7OKC)) || this.#rampsUp()) this.#proxy.touch();
  }

  #state(health: number): ServerState {
    const { rise, fall } = this.server.config;
    return serverState(0, health, rise, fall, true);
  }

  #store(word: number, value: number): void {
    this.#shared.store(this.server.word + word, value);
  }

  /** A slow start is under way: its weight is brought up to date at every check. */
  #rampsUp(): boolean {
    const since = this.#shared.load(this.server.word + SERVER.slowSince);
    if (since === 0) return false;
    const age = (this.#now() - since) | 0;
    if (age >= this.server.config.slowstartMs || age < 0) this.#store(SERVER.slowSince, 0);
    return true;
  }

  #now(): number {
    return Math.floor(this.#proxy.runtime.sys.clock.now());
  }

  #changed(up: boolean, wasUp: boolean, line: string): void {
    const { server } = this;
    noteServerChange(this.#shared, server.row, wasUp, this.#now());
    if (!up) server.counters.add(C.chkdown);
    // 0 says that no slow start is under way.
    if (up && !wasUp && server.config.slowstartMs > 0) this.#store(SERVER.slowSince, (this.#now() | 0) || 1);
    const requeued = up ? 0 : server.queue.length;
    const active = server.served;
    this.#proxy.touch();
    this.#reportChange(up, line, active, requeued);
  }

  #reportHealth(good: boolean, line: string, health: number): void {
    const { server } = this;
    const { rise, fall } = server.config;
    const kind = server.config.backup ? "backup server" : "server";
    const count = health >= rise ? `${health - rise + 1}/${fall} UP` : `${health}/${rise} DOWN`;
    this.#report(
      "health",
      LOG_NOTICE,
      `Health check for ${kind} ${this.#path} ${good ? "succeeded" : "failed"}, reason: ${line}, status: ${count}.`,
    );
  }

  #reportChange(up: boolean, line: string, active: number, requeued: number): void {
    const { proxy, row, config } = this.server;
    // With the option on, the line about the health has just told why.
    const reason = proxy.config.logHealthChecks ? "" : `, reason: ${line}`;
    const counts = { ...countUp(proxy), active, requeued, waiting: proxy.queued };
    const text = `${serverTitle(proxy.name, config)} is ${up ? "UP" : "DOWN"}${reason}.${farmCounts(up, counts)}`;
    this.#report(up ? "up" : "down", up ? LOG_NOTICE : LOG_ALERT, text);
    if (up || counts.normal + counts.backup > 0) return;
    proxy.runtime.report(emptyEvent(proxy.index, row, proxy.name));
  }

  get #path(): string {
    return `${this.#proxy.name}/${this.server.name}`;
  }

  #report(kind: ServerEvent["kind"], level: number, text: string): void {
    this.#proxy.runtime.report(serverEvent(this.#proxy.index, this.server.row, kind, level, text));
  }
}

function risen(health: number, rise: number, fall: number): number {
  return health + 1 >= rise ? rise + fall - 1 : health + 1;
}

function fallen(health: number, rise: number): number {
  return health > rise ? health - 1 : 0;
}

/** Servers that may serve: normal ones and backups. */
function countUp(proxy: Proxy): { normal: number; backup: number } {
  let normal = 0;
  let backup = 0;
  for (const server of proxy.servers) {
    if (server.state < S_GOING_DOWN || server.effectiveWeight === 0) continue;
    if (server.config.backup) backup++;
    else normal++;
  }
  return { normal, backup };
}
