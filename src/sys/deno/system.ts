// What the process is to the system: its user, its root directory, its limits. Through the C library; every call answers ""
// or one line on why it was not done.
import type { LazyLibc, Libc } from "./libc.ts";
import { systemReason } from "./socket_options.ts";

export class System {
  readonly #libc: LazyLibc;

  constructor(libc: LazyLibc) {
    this.#libc = libc;
  }

  #call(call: (libc: Libc) => number): string {
    const libc = this.#libc.get();
    if (typeof libc === "string") return libc;
    const status = call(libc);
    return status < 0 ? systemReason(status) : "";
  }

  /** Also goes to the new root: nothing outside is reached by a relative path. */
  changeRoot(path: string): string {
    return this.#call((libc) => libc.changeFolder(path) || libc.changeRoot(".") || libc.changeFolder("/"));
  }

  clearGroups(): string {
    return this.#call((libc) => libc.clearGroups());
  }

  setGroup(gid: number): string {
    return this.#call((libc) => libc.setGroup(gid));
  }

  setUser(uid: number): string {
    return this.#call((libc) => libc.setUser(uid));
  }

  /** No program that is run gains rights by itself (setuid bits). Threads that are there already are left as they are. */
  forbidNewPrivileges(): string {
    return this.#call((libc) => libc.forbidNewPrivileges());
  }

  /** Soft and hard limit of descriptors, or why they are not known. */
  descriptorLimits(): [soft: number, hard: number] | string {
    const libc = this.#libc.get();
    if (typeof libc === "string") return libc;
    const limits = libc.descriptorLimits();
    return typeof limits === "number" ? systemReason(limits) : limits;
  }

  setDescriptorLimits(soft: number, hard: number): string {
    return this.#call((libc) => libc.setDescriptorLimits(soft, hard));
  }
}
