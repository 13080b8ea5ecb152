// Main's resolvers: one a section, made when it is first needed; they answer what rules of the threads ask, and follow the
// names of servers.
import type { Wheel } from "../base/mod.ts";
import type { Model, Registry } from "../config/mod.ts";
import { Followers, Resolver, type ResolversConfig, resolversOf, type ServerControl } from "../proxy/mod.ts";
import type { NameQuestion } from "../rules/mod.ts";
import type { Address, Sys } from "../sys/types.ts";

export interface ResolvingParts {
  readonly sys: Pick<Sys, "net" | "rand" | "clock">;
  readonly wheel: Wheel;
  readonly model: Model;
  readonly registry: Registry;
  readonly problem: (text: string) => void;
  readonly bug: (error: unknown) => void;
}

export class Resolving {
  readonly #parts: ResolvingParts;
  readonly #sections: ReadonlyMap<string, ResolversConfig>;
  readonly #resolvers = new Map<string, Resolver>();
  #followers: Followers | null = null;

  constructor(parts: ResolvingParts) {
    this.#parts = parts;
    this.#sections = resolversOf(parts.model, parts.registry);
  }

  /** The resolver of a section; undefined when there is no such section. */
  resolver(name: string): Resolver | undefined {
    const config = this.#sections.get(name);
    let resolver = this.#resolvers.get(name);
    if (resolver === undefined && config !== undefined) {
      const { sys, wheel, problem } = this.#parts;
      resolver = new Resolver(sys, wheel, config, problem);
      this.#resolvers.set(name, resolver);
    }
    return resolver;
  }

  /** The address that a rule asks for; null when there is none. */
  async address({ resolvers, name, prefer }: NameQuestion): Promise<string | null> {
    const resolution = await this.resolver(resolvers)?.lookup(name, prefer);
    return resolution?.status === "valid" ? resolution.addresses[0] : null;
  }

  /** Begins to follow the names of servers; `announce` tells every thread where one is. */
  follow(servers: ServerControl, announce: (row: number, address: Address) => void): void {
    const { sys, wheel, bug } = this.#parts;
    const parts = { servers, wheel, now: () => sys.clock.now(), announce, bug };
    // The configuration was checked: the section is there.
    this.#followers = new Followers(parts, (section) => this.resolver(section)!);
    this.#followers.start();
  }

  close(): void {
    this.#followers?.stop();
    for (const resolver of this.#resolvers.values()) resolver.close();
  }
}
