// The model: what a configuration says, as plain frozen data that crosses threads. It names registry entries and holds
// what their parse() returned; it holds no closures, no classes, and every file it refers to is in it (`files`), so that
// no thread opens one after start. Order is kept everywhere: rules, servers and sections are lists.

/** A place in the configuration. `column` counts from 1; 0 means the whole line. */
export interface Location {
  /** The file as it was named. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0: the whole line. */
  readonly column: number;
}

/** Every kind of section. */
export const SECTION_KINDS = [
  "global",
  "defaults",
  "frontend",
  "backend",
  "listen",
  "peers",
  "resolvers",
  "cache",
  "ring",
  "log-forward",
  "log-profile",
  "crt-store",
  "acme",
  "userlist",
  "mailers",
  "http-errors",
  "traces",
  "fcgi-app",
  "program",
  "dynamic-update",
  "host",
] as const;
/** A kind of section, as its first word names it. */
export type SectionKind = (typeof SECTION_KINDS)[number];

/** What carries the bytes: "quic" is the stream transport over datagram sockets. */
export const TRANSPORTS = ["stream", "dgram", "quic"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** An address of a statement (configuration.txt 2.9). Names are resolved after parsing. */
export interface AddressNode {
  /** "name" is a host name. No address at all (":80", "*:80") is 0.0.0.0, or :: when the prefix asks for IPv6. */
  readonly family: "ipv4" | "ipv6" | "name" | "unix" | "abns" | "abnsz" | "fd" | "sockpair" | "rhttp";
  readonly transport: Transport;
  /** Address without brackets, host name, path, abstract name, descriptor number, or what follows "rhttp@". */
  readonly host: string;
  /** For names: the only family allowed, else "any". */
  readonly resolve: "any" | "ipv4" | "ipv6";
  /** First and last port; equal unless a range was given. 0: none given. With an offset: what to add (or subtract). */
  readonly port: number;
  readonly portEnd: number;
  /** How `port` counts: "none" given, "fixed", or "offset" from the port the client connected to (may be negative). */
  readonly portKind: "none" | "fixed" | "offset";
  readonly mptcp: boolean;
  /** As written. */
  readonly text: string;
}

/** One statement: the entry that parsed it and the plain data it made of it. */
export interface Node<N = unknown> {
  /** Name of the keyword entry, e.g. "timeout client" or "http-request". */
  readonly keyword: string;
  /** Where its first word is. */
  readonly at: Location;
  /** True for "no <keyword>". */
  readonly negated: boolean;
  /** What its entry made of its words. */
  readonly value: N;
}

/** A section: its head and its statements. */
export interface Section {
  /** Its first word. */
  readonly kind: SectionKind;
  /** The name behind it; empty without one. */
  readonly name: string;
  /** Where its head is. */
  readonly at: Location;
  /**
   * The statements in order. For proxies those inherited from their defaults section come first (the ones whose entry
   * says `inherit`), then their own: a later statement wins, a list grows.
   */
  readonly nodes: readonly Node[];
  /** For proxies: the defaults section used, if any (its index among all sections). */
  readonly defaults: number;
}

/** A configuration as plain data. */
export interface Model {
  /** All sections in order; several "global" sections are merged into the first. */
  readonly sections: readonly Section[];
  /** Content of every file the configuration refers to, by the name the entries use to look it up. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** Addresses of hosts that address patterns of ACLs name, as of the start. */
  readonly names?: Readonly<Record<string, string>>;
  /** The environment after the last line, one code unit a byte: what the fetch "env" gives. */
  readonly environment: Readonly<Record<string, string>>;
  /** The configuration files in order, as HAPROXY_CFGFILES lists them. */
  readonly sources: readonly string[];
}

/** Visits every object in a node's value: what entries of other folders made of their words is found by its shape. */
export function eachObject(value: unknown, visit: (object: Readonly<Record<string, unknown>>) => void): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>);
  for (const part of Object.values(value)) eachObject(part, visit);
}
