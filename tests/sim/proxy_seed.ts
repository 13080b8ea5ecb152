// One seed: a configuration, a network with its faults, clients and servers, drawn from a number; the whole proxy with
// two threads runs among them. What is asked: safety all the time, an end of everything once the faults stop, and in
// worlds that lose nothing the success of every exchange that is legal.
import { Prng } from "../../src/base/mod.ts";
import { BUSY_GAUGES, type ProxyWorld, startProxy } from "./proxy_world.ts";
import { type Faults, FAULTS_ALL, FAULTS_NONE, FAULTS_TIMING, Peer, type SimWorld } from "../../src/sys/sim/mod.ts";
import { type Address, IO_CLOSED, WAKE_TIMEOUT } from "../../src/sys/types.ts";
import { type ClientPlan, isLegal, kindsOf, missing, type Outcome, planClient, playClient } from "./http_client.ts";
import { httpServer, type Kind, type ServerWorld } from "./http_server.ts";
import { backendRow, C } from "../../src/table/mod.ts";
import { Judge, type Limits } from "./proxy_judge.ts";
import { traced } from "./trace.ts";
import { isLegalTcp, planTcp, playTcp, type TcpPlan, tcpServer } from "./tcp_peers.ts";

/** Everything that is drawn. */
export interface SeedPlan {
  readonly seed: number;
  readonly faults: Faults;
  readonly faultsName: "none" | "timing" | "all";
  /** Peers do only what must succeed. */
  readonly legal: boolean;
  readonly config: string;
  readonly limits: Limits;
  readonly clients: readonly ClientPlan[];
  readonly tcp: readonly TcpPlan[];
  /** Thread that is killed, and when; -1: none. */
  readonly killAtMs: number;
  /** When a soft stop begins; -1: at the end. */
  readonly stopAtMs: number;
  /** The stop is a hard one. */
  readonly hard: boolean;
  /** What an administrator asks for, and when. */
  readonly commands: readonly (readonly [atMs: number, command: string])[];
}

/** What a seed showed, for the figures over all seeds. */
export interface SeedReport {
  readonly exchanges: number;
  readonly answered: number;
  readonly events: number;
  /** Attempts on servers that were repeated. */
  readonly retried: number;
  readonly tunnels: number;
  /** Termination states of the streams, from the logs. */
  readonly terminations: readonly string[];
}

const SERVERS = 3;
const CLI = { family: "unix", path: "/run/sluice.sock" } as const;

const RETRY_ON = ["none", "all-retryable-errors", "conn-failure empty-response response-timeout", "junk-response 503"];
/** All exchanges must be over by then: faults have ended, every timeout of the configurations has expired. */
const LIMIT_MS = 120_000;

/** How long clients wait for a connection. */
const CONNECT_MS = 5000;

export function drawSeed(seed: number): SeedPlan {
  const prng = new Prng(seed);
  const faultsName = prng.pick(["none", "timing", "timing", "all"] as const);
  const faults = { none: FAULTS_NONE, timing: FAULTS_TIMING, all: FAULTS_ALL }[faultsName];
  const legal = faultsName !== "all" && prng.chance(0.5);
  const all = kindsOf(legal);
  // A seed has a few kinds, so that they meet.
  const kinds: Kind[] = Array.from({ length: 4 }, () => prng.pick(all));
  if (prng.chance(0.7)) kinds.push("length", "chunked");
  const crowded = prng.chance(0.1);
  const clients = crowded ? prng.between(20, 30) : prng.between(3, 9);
  const maxconn = prng.chance(0.6) ? prng.between(1, 3) : 0;
  const abortonclose = prng.chance(0.25);
  const quiet = legal || prng.chance(0.6);
  const reuse = prng.pick(["never", "safe", "aggressive", "always"]);
  const limits: Limits = {
    maxconn,
    // Connections of other sessions alone may leave none for this one.
    strict: prng.chance(0.4) && !(legal && reuse === "never"),
    poolMaxConn: prng.chance(0.2) ? prng.below(3) : -1,
    queueMs: legal ? 30_000 : prng.pick([200, 1000, 5000]),
    serverMs: legal ? 6000 : 3000,
    tarpitMs: 300,
  };
  return {
    seed,
    faults,
    faultsName,
    legal,
    config: drawConfig(prng, legal, limits, reuse, abortonclose),
    limits,
    clients: Array.from({ length: clients }, (_, i) => planClient(prng, i, { legal, kinds, abortonclose })),
    tcp: Array.from({ length: prng.below(5) }, (_, i) => planTcp(prng, i, legal)),
    killAtMs: !quiet && prng.chance(0.5) ? prng.float() * 800 : -1,
    stopAtMs: !quiet && prng.chance(0.5) ? prng.float() * 800 : -1,
    hard: !quiet && prng.chance(0.3),
    commands: prng.chance(0.3)
      ? Array.from({ length: prng.between(1, 6) }, () => drawCommand(prng, legal, maxconn))
      : [],
  };
}

/** Servers come back from what is done to them here by a later command or not at all: that nothing is stuck is asked for. */
function drawCommand(prng: Prng, legal: boolean, maxconn: number): readonly [number, string] {
  const server = `app/s${prng.below(SERVERS)}`;
  const commands = [
    `set server ${server} weight ${prng.pick(["1", "50%", "100"])}`,
    `set maxconn server ${server} ${maxconn > 0 ? prng.between(1, maxconn) : 0}`,
    "show stat",
    "show servers state",
  ];
  const harsh = [
    `set server ${server} state ${prng.pick(["ready", "drain", "maint"])}`,
    `set server ${server} state ready`,
    `shutdown sessions server ${server}`,
    "set maxconn frontend web 2",
    "set maxconn global 5",
    "shutdown frontend raw",
  ];
  return [prng.float() * 900, prng.pick(legal ? commands : [...commands, ...harsh, ...harsh])];
}

function drawConfig(prng: Prng, legal: boolean, limits: Limits, reuse: string, abortonclose: boolean): string {
  const pools = prng.pick(["", "", " max-reuse 1", " pool-purge-delay 200ms"]) +
    (limits.poolMaxConn < 0 ? "" : ` pool-max-conn ${limits.poolMaxConn}`);
  const limit = (limits.maxconn > 0 ? ` maxconn ${limits.maxconn}${limits.strict ? " strict-maxconn" : ""}` : "") +
    pools;
  const check = legal ? " check inter 300ms" : " check inter 200ms fall 1 rise 1 on-marked-down shutdown-sessions";
  const server = (name: string, host: string, port: number) =>
    `    server ${name} ${host}:${port}${limit}${prng.chance(0.2) ? check : ""}`;
  const dead = legal ? "" : prng.pick(["", "    server dead 10.0.9.9:80\n", "    server hole 10.0.9.8:80\n"]);
  const lines = (port: number) => Array.from({ length: SERVERS }, (_, i) => server(`s${i}`, `10.0.1.${i + 1}`, port));
  const mode = prng.pick(["", "", "    option http-server-close\n", "    option httpclose\n"]);
  const maybe = (probability: number, line: string) => prng.chance(probability) ? `    ${line}\n` : "";
  const redispatch = prng.chance(0.4) ? "    option redispatch 1\n" : "";
  return `
global
    log stdout format raw local0
    stats socket ${CLI.path} level admin
    tune.bufsize ${prng.pick([1504, 2048, 3000, 16384])}
    tune.maxrewrite 512
defaults
    log global
    timeout connect 1s
    timeout client ${legal ? "6s" : "2s"}
    timeout server ${limits.serverMs}ms
    timeout http-request ${legal ? "6s" : "2s"}
    timeout http-keep-alive 1500ms
    timeout queue ${limits.queueMs}ms
    timeout tunnel 4s
    retries ${prng.below(4)}
${redispatch}
frontend web
    mode http
    option httplog
    bind 10.0.0.1:80${prng.chance(0.15) ? " maxconn 3" : ""}
    timeout tarpit ${limits.tarpitMs}ms
    http-request deny deny_status 403 if { query deny }
    http-request return status 200 content-type text/plain string returned if { query returned }
    http-request redirect location /elsewhere if { query redirect }
    http-request tarpit deny_status 429 if { query tarpit }
${maybe(0.2, "http-request wait-for-body time 500ms at-least 700 if METH_POST")}\
${maybe(0.1, "option http-buffer-request")}\
${maybe(0.2, "option independent-streams")}\
${maybe(0.1, "option contstats")}\
${maybe(0.1, "option idle-close-on-response")}\
${maybe(0.1, "max-session-srv-conns 1")}\
${maybe(0.3, "http-request set-header x-set by-a-rule")}\
${maybe(0.2, "http-after-response set-header x-after by-a-rule")}\
${mode}    default_backend app

backend app
    mode http
    balance ${prng.pick(["roundrobin", "leastconn", "random", "source"])}
    http-reuse ${reuse}
${maybe(abortonclose ? 1 : 0, "option abortonclose")}\
${maybe(0.4, `retry-on ${prng.pick(RETRY_ON)}`)}\
${maybe(0.1, "option http-pretend-keepalive")}\
${maybe(0.1, "option prefer-last-server")}\
${maybe(0.1, "http-send-name-header x-name")}\
${maybe(0.3, "http-response set-header x-back by-a-rule")}\
${maybe(0.2, "use-server s1 if { method HEAD }")}\
${dead}${lines(8080).join("\n")}

frontend mixed
    mode tcp
    log-format "%ci:%cp %f %b/%s %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq %[capture.req.method] %[capture.req.uri]"
    bind 10.0.0.1:82
    default_backend app

frontend raw
    mode tcp
    option tcplog
    bind 10.0.0.1:81
${maybe(0.4, "tcp-request inspect-delay 200ms")}${maybe(0.4, "tcp-request content accept if { req.len gt 30 }")}\
    default_backend rawapp

backend rawapp
    mode tcp
    balance ${prng.pick(["roundrobin", "leastconn", "random", "source"])}
${maybe(0.2, "timeout server-fin 500ms")}\
${lines(8081).join("\n")}
`;
}

/** Runs a plan; throws with everything that is wrong. `say` is told what the peers do. */
export async function runSeed(plan: SeedPlan, say: ((line: string) => void) | null = null): Promise<SeedReport> {
  return await new SeedRun(plan, say).run();
}

class SeedRun {
  readonly #plan: SeedPlan;
  readonly #prng: Prng;
  readonly #wrong: string[] = [];
  readonly #outcomes: Outcome[] = [];
  /** Scripts that are not over. */
  readonly #open = new Set<string>();
  #proxy!: ProxyWorld;
  #world!: SimWorld;
  #judge!: Judge;
  #release!: () => void;
  #serverWorld!: ServerWorld;

  readonly #say: ((line: string) => void) | null;

  constructor(plan: SeedPlan, say: ((line: string) => void) | null) {
    this.#plan = plan;
    this.#say = say;
    this.#prng = new Prng(plan.seed ^ 0x5eed);
  }

  async run(): Promise<SeedReport> {
    const plan = this.#plan;
    const released = new Promise<void>((release) => this.#release = release);
    this.#proxy = await startProxy({
      config: plan.config,
      seed: plan.seed,
      faults: plan.faults,
      threads: 2,
      before: (world) => {
        this.#world = world;
        this.#serverWorld = {
          released,
          lossless: plan.legal,
          sleep: (ms) => new Promise((wake) => void world.core.after(world.core.nobody, ms, wake)),
          wrong: (text) => void this.#wrong.push(text),
        };
        world.blackhole({ family: "ipv4", host: "10.0.9.8", port: 80 });
        for (let i = 0; i < SERVERS; i++) {
          const host = `10.0.1.${i + 1}`;
          const http = httpServer(this.#serverWorld, plan.seed * 10 + i, plan.limits.maxconn);
          const tcp = tcpServer(this.#serverWorld, plan.limits.maxconn);
          world.serve({ family: "ipv4", host, port: 8080 }, (peer) => http(this.#traced(peer, `s${i}`)));
          world.serve({ family: "ipv4", host, port: 8081 }, (peer) => tcp(this.#traced(peer, `raw s${i}`)));
        }
      },
    });
    const { world } = this.#proxy;
    this.#judge = new Judge(this.#proxy, plan.limits);
    for (const client of plan.clients) this.#http(client);
    for (const client of plan.tcp) this.#tcp(client);
    if (plan.killAtMs >= 0) {
      world.core.after(world.core.nobody, plan.killAtMs, () => world.kill(this.#prng.between(1, 2)));
    }
    if (plan.stopAtMs >= 0) {
      world.core.after(world.core.nobody, plan.stopAtMs, () => {
        if (plan.hard) this.#proxy.process.hardStop();
        else this.#proxy.process.softStop();
      });
    }
    for (const [atMs, command] of plan.commands) {
      world.core.after(world.core.nobody, atMs, () => void this.#administer(command));
    }
    await this.#settle();
    if (plan.legal) {
      for (const outcome of this.#outcomes) if (isLegal(outcome.plan)) this.#wrong.push(...missing(outcome));
    }
    await this.#end();
    if (plan.legal) this.#checkLogs();
    this.#wrong.push(...this.#judge.times(world.process.stdout));
    if (this.#wrong.length > 0) {
      throw new Error(`seed ${plan.seed} (${plan.faultsName}): ${this.#wrong.slice(0, 8).join("; ")}`);
    }
    const answers = this.#outcomes.flatMap((o) => o.answers);
    return {
      exchanges: plan.clients.reduce((n, c) => n + c.exchanges.length, 0),
      answered: answers.length,
      events: world.core.happened,
      retried: this.#retried(),
      tunnels: answers.filter((a) => a.status === 101).length,
      terminations: terminationsOf(world.process.stdout),
    };
  }

  #retried(): number {
    const { shared, layout } = this.#proxy.process;
    return layout.proxies.reduce((n, _, i) => n + shared.total(backendRow(layout, i), C.wretr), 0);
  }

  // ---- clients ----------------------------------------------------------------------------------------------------

  #http(plan: ClientPlan): void {
    const prng = this.#prng.fork();
    const port = plan.mixed ? 82 : 80;
    this.#script(plan.name, plan, { family: "ipv4", host: "10.0.0.1", port }, async (peer) => {
      this.#outcomes.push(await playClient(peer, plan, prng, this.#serverWorld));
    });
  }

  #tcp(plan: TcpPlan): void {
    const prng = this.#prng.fork();
    this.#script(plan.tag, plan, { family: "ipv4", host: "10.0.0.1", port: 81 }, async (peer) => {
      const { got, finished } = await playTcp(peer, plan, prng, this.#serverWorld);
      if (this.#plan.legal && isLegalTcp(plan) && (got !== plan.down || !finished)) {
        this.#wrong.push(`${plan.tag} (${plan.mode}): ${got} of ${plan.down} bytes, ${finished ? "FIN" : "no FIN"}`);
      }
    });
  }

  /** Asks for one thing; what is answered is not looked at, but that an answer comes. */
  async #administer(command: string): Promise<void> {
    const name = `cli: ${command}`;
    this.#open.add(name);
    const { world } = this.#proxy;
    const connecting = world.peers.net.connect({ remote: CLI });
    world.core.after(world.core.nobody, CONNECT_MS, () => connecting.wake(WAKE_TIMEOUT));
    const conn = await connecting.done;
    if (typeof conn !== "number") {
      const peer = new Peer(conn);
      await peer.send(`${command}\n`);
      this.#say?.(`${name}: ${JSON.stringify((await peer.rest()).slice(0, 60))}`);
      peer.close();
    }
    this.#open.delete(name);
  }

  #traced(peer: Peer, name: string): Peer {
    return this.#say === null ? peer : traced(peer, name, this.#world, this.#say);
  }

  /** A client from its start to its end; one that holds its connection does not count as open. */
  #script(
    name: string,
    plan: Pick<ClientPlan, "startMs" | "holds" | "abort" | "abortMs">,
    to: Address,
    play: (peer: Peer) => Promise<void>,
  ): void {
    const { world } = this.#proxy;
    const run = async () => {
      await this.#serverWorld.sleep(plan.startMs);
      const connecting = world.peers.net.connect({ remote: to });
      world.core.after(world.core.nobody, CONNECT_MS, () => connecting.wake(WAKE_TIMEOUT));
      const conn = await connecting.done;
      // Refused or never answered by a fault, or because of the stop.
      if (typeof conn === "number") {
        if (this.#plan.legal) this.#wrong.push(`${name}: connect: code ${conn}`);
        return;
      }
      const peer = this.#traced(new Peer(conn), name);
      if (plan.abort !== "") {
        world.core.after(world.core.nobody, plan.abortMs, () => {
          if (plan.abort === "close") peer.close();
          else if (plan.abort === "reset") peer.reset();
          else cutSending(peer);
        });
      }
      try {
        await play(peer);
      } finally {
        peer.close();
      }
    };
    if (!plan.holds) this.#open.add(name);
    run().catch((error) => this.#wrong.push(`${name}: ${error.stack}`)).finally(() => this.#open.delete(name));
  }

  /** One line for each exchange and each TCP connection, which says how it ended. */
  #checkLogs(): void {
    const lines = this.#proxy.world.process.stdout.split("\n");
    for (const { plan, answers } of this.#outcomes) {
      plan.exchanges.slice(0, answers.length).forEach(({ tag, rule, kind }, i) => {
        // Its client may have closed before the request was sent whole.
        if (kind === "early" && answers[i].closes) return;
        const found = lines.filter((line) => line.includes(` /${tag}/`));
        const expected = TERMINATION[rule];
        if (found.length !== 1 || terminationsOf(found[0])[0] !== expected) {
          this.#wrong.push(`${tag}: expected one line with ${expected}: ${JSON.stringify(found)}`);
        }
      });
    }
    const tcp = lines.filter((line) => line.includes(" raw rawapp/"));
    if (tcp.length !== this.#plan.tcp.length || tcp.some((line) => !line.includes(" -- "))) {
      this.#wrong.push(`the lines of ${this.#plan.tcp.length} TCP connections are ${JSON.stringify(tcp)}`);
    }
  }

  // ---- the end ----------------------------------------------------------------------------------------------------

  /** Lets everything happen until nothing is open any more; what remains then is stuck. */
  async #settle(): Promise<void> {
    const { world } = this.#proxy;
    while (world.core.time < LIMIT_MS) {
      // Closely as long as much goes on.
      const stepMs = world.core.time < 2500 ? 20 : 500;
      await world.advance(stepMs);
      if (stepMs === 20) this.#wrong.push(...this.#judge.sample());
      if (world.core.time > 2500 && this.#open.size === 0 && this.#gauges().length === 0) break;
    }
    const stuck = [...this.#open, ...this.#gauges()];
    if (stuck.length > 0) this.#wrong.push(`stuck: ${stuck.join(", ")}`);
  }

  /** Gauges of what is going on that are not 0. */
  #gauges(): string[] {
    return this.#proxy.gauges().filter((g) => BUSY_GAUGES.includes(g.name)).map((g) => `${g.name} ${g.value}`);
  }

  async #end(): Promise<void> {
    const { world, process, messages } = this.#proxy;
    if (this.#plan.hard) process.hardStop();
    else process.softStop();
    let status = -1;
    process.ended.then((s) => status = s);
    await world.run(world.core.time + 20_000);
    if (status !== 0) this.#wrong.push(status < 0 ? "the process does not end" : `exit status ${status}`);
    this.#wrong.push(...this.#proxy.left(), ...this.#proxy.gauges().map((g) => `${g.name} is ${g.value} at the end`));
    for (const { level, text } of messages) {
      const expected = text.includes(" ended: killed") || text.endsWith(" has no server available!");
      if (level === "ALERT" && !expected) this.#wrong.push(text);
    }
    this.#release();
    await world.run();
  }
}

/** Ends the sending where it is: a FIN in the middle of whatever was being sent. */
function cutSending(peer: Peer): void {
  peer.conn.wakeSend(IO_CLOSED);
  peer.send = () => Promise.resolve(IO_CLOSED);
  peer.shutdown();
}

/** How exchanges end that a rule answers, and others. */
const TERMINATION = { "": "--", deny: "PR", returned: "LR", redirect: "LR", tarpit: "PT" } as const;

/** The two-letter termination states of log lines in the default formats. */
function terminationsOf(log: string): string[] {
  return log.split("\n").flatMap((line) => {
    const match = / ([-A-Za-z]{2})(?:--|[-A-Z]{2})? \d+\/\d+\/\d+\/\d+\/\d+ /.exec(line);
    return match === null ? [] : [match[1]];
  });
}
