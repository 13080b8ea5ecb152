// The control plane as commands of the runtime API see it: the process, what it shares with its threads, and the threads
// to ask.
import type { Wheel } from "../base/mod.ts";
import type { Model, Registry } from "../config/mod.ts";
import type {
  CommandSocket,
  ControlPlane,
  FrontendControl,
  Gathered,
  GlobalConfig,
  ListControl,
  Nudge,
  ProxyConfig,
} from "../proxy/mod.ts";
import { ServerControl, type ServerEvent } from "../proxy/mod.ts";
import type { ProcessVariables, SampleEnv } from "../sample/mod.ts";
import { LoadSampler } from "../obs/mod.ts";
import type { Sys } from "../sys/types.ts";
import type { Shared } from "../table/mod.ts";
import type { Questions } from "./questions.ts";
import { HAPROXY_VERSION, RELEASE_DATE, SLUICE_VERSION } from "./version.ts";

/** What Process gives it. */
export interface ControlParts {
  readonly sys: Sys;
  readonly wheel: Wheel;
  readonly registry: Registry;
  readonly model: Model;
  readonly global: GlobalConfig;
  readonly configs: readonly ProxyConfig[];
  readonly shared: Shared;
  readonly lists: ListControl;
  readonly samples: () => SampleEnv;
  readonly variables: ProcessVariables;
  readonly questions: Questions;
  readonly stopping: () => boolean;
  readonly startupLogs: () => string;
  /** Log lines that were lost. */
  readonly droppedLogs: () => number;
  /** Connections to the runtime API. */
  readonly connections: () => number;
  /** Sockets of frontends that are open. */
  readonly listeners: () => number;
  /** A server's state was changed by a command. */
  readonly event: (event: ServerEvent) => void;
  readonly frontends: FrontendControl;
  /** Tells all threads. */
  readonly nudge: (nudge: Nudge) => void;
}

export class Control implements ControlPlane {
  readonly sys: Sys;
  readonly wheel: Wheel;
  readonly registry: Registry;
  readonly model: Model;
  readonly global: GlobalConfig;
  readonly configs: readonly ProxyConfig[];
  readonly shared: Shared;
  readonly servers: ServerControl;
  readonly frontends: FrontendControl;
  readonly lists: ListControl;
  readonly variables: ProcessVariables;
  readonly version = `${HAPROXY_VERSION}-sluice-${SLUICE_VERSION}`;
  /** Set once they are open. */
  sockets: readonly CommandSocket[] = [];
  tainted = 0;
  anonKey: number;
  activityBase: readonly (readonly number[])[] = [];
  /** Read before anything of the system may be out of reach. */
  readonly descriptorLimit: number;
  readonly releaseDate = RELEASE_DATE;
  readonly load = new LoadSampler();
  readonly #parts: ControlParts;
  #lastNumber = 0;
  #samples: SampleEnv | null = null;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.sys = parts.sys;
    this.wheel = parts.wheel;
    this.registry = parts.registry;
    this.model = parts.model;
    this.global = parts.global;
    this.descriptorLimit = parts.sys.proc.descriptorLimit;
    this.anonKey = parts.global.anonKey;
    this.configs = parts.configs;
    this.shared = parts.shared;
    this.frontends = parts.frontends;
    this.servers = new ServerControl(
      parts.shared,
      parts.configs,
      parts.event,
      (proxy) => parts.nudge({ kind: "state", proxy }),
      () => parts.sys.clock.now(),
    );
    this.lists = parts.lists;
    this.variables = parts.variables;
  }

  get samples(): SampleEnv {
    return this.#samples ??= this.#parts.samples();
  }

  get stopping(): boolean {
    return this.#parts.stopping();
  }

  get startupLogs(): string {
    return this.#parts.startupLogs();
  }

  get listeners(): number {
    return this.#parts.listeners() + this.sockets.length;
  }

  get connections(): number {
    return this.#parts.connections();
  }

  get droppedLogs(): number {
    return this.#parts.droppedLogs();
  }

  newNumber(): number {
    return ++this.#lastNumber;
  }

  nudge(nudge: Nudge): void {
    this.#parts.nudge(nudge);
  }

  ask(command: string, question: unknown, thread: number | undefined): Promise<Gathered<unknown>> {
    return this.#parts.questions.ask(command, question, thread);
  }

  change(command: string, question: unknown, key: string): Promise<Gathered<unknown>> {
    return this.#parts.questions.change(command, question, key);
  }
}
