// Messages to the service manager (`-Ws`, sd_notify(3)): one datagram each to the socket that NOTIFY_SOCKET names.
import type { Datagram, Net } from "../sys/types.ts";

const TEXTS = {
  READY: (pid: number) => `READY=1\nMAINPID=${pid}`,
  RELOADING: () => "RELOADING=1",
  STOPPING: () => "STOPPING=1",
} as const;

export type ServiceState = keyof typeof TEXTS;

export class ServiceNotifier {
  readonly #socket: Datagram | null;
  readonly #path: string;
  readonly #pid: number;

  /** `path`: what NOTIFY_SOCKET holds; nothing is sent without. */
  constructor(net: Net, path: string | undefined, pid: number) {
    this.#path = path === undefined ? "" : path.replace(/^@/, "\0");
    this.#pid = pid;
    const socket = this.#path === "" ? "" : net.datagram("unix");
    this.#socket = typeof socket === "string" ? null : socket;
  }

  notify(state: ServiceState): void {
    const bytes = new TextEncoder().encode(TEXTS[state](this.#pid));
    this.#socket?.send(bytes, 0, bytes.length, { family: "unix", path: this.#path });
  }
}
