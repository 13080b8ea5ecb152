// What a resolvers section says (configuration.txt 5.3.2): plain values, the manual's defaults. Times in ms.
import type { Address } from "../../sys/types.ts";

export interface Nameserver {
  readonly name: string;
  readonly address: Address & { readonly family: "ipv4" | "ipv6" };
  /** Asked over TCP. */
  readonly stream: boolean;
}

/** How a resolution ended. "other": no address of a type that was asked for, truncated, a failure of the server. */
const RESOLUTION_ERRORS = ["nx", "refused", "timeout", "other"] as const;
export type ResolutionError = (typeof RESOLUTION_ERRORS)[number];
export const HOLDS = [...RESOLUTION_ERRORS, "valid", "obsolete"] as const;
export type Hold = (typeof HOLDS)[number];

export class ResolversConfig {
  readonly name: string;
  readonly nameservers: Nameserver[] = [];
  payloadSize = 512;
  retries = 3;
  /** Between two resolutions of a server's name. */
  resolveMs = 1000;
  /** For an answer to come. */
  retryMs = 1000;
  readonly hold: Record<Hold, number> = {
    nx: 30_000,
    refused: 30_000,
    timeout: 30_000,
    other: 30_000,
    valid: 10_000,
    obsolete: 0,
  };

  constructor(name: string) {
    this.name = name;
  }
}

/** The family whose addresses are asked for first. */
export type PreferredFamily = "ipv4" | "ipv6";

/** What build() of the section's keywords is given. */
export interface ResolversEnv {
  readonly resolvers: ResolversConfig;
}
