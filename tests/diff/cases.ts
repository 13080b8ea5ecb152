// What a case of the comparisons is: plain data, so that a table of them reads like one.
//
// In configurations these words are replaced, the same way for both programs but with ports of their own:
//   {n}              a number of the case, for names of sections
//   {bind} {bind:x}  the address of a frontend of the case
//   {server} {server:x}  the address of a scripted server      {dead}  an address where nobody listens
//   {log} {log:x}    the address of a UDP receiver of log lines
//   {file:x}         the path of a file with the content files.x

/** What is done on a connection, one after another. A text is sent as it is (a character is a byte). */
export type Step =
  | string
  /** Waits until everything received so far contains `text`, `times` times (1). */
  | { readonly until: string; readonly times?: number }
  /** Waits until nothing has come for a while. */
  | "quiet"
  /** Ends the sending side. */
  | "shut"
  | "reset"
  | "close"
  /** Lets time pass: only where time itself is the matter. */
  | { readonly ms: number };

/** What a server sends when a whole request is there; a text leaves the connection open. */
export type Reply = string | { readonly send: string; readonly then: "close" | "reset" };

export type ServerScript =
  /** The k-th request of all connections gets the k-th reply; the last one answers all that follow. */
  | { readonly replies: readonly Reply[] }
  /** The k-th connection follows the k-th list, the last one all that follow. */
  | { readonly steps: readonly (readonly Step[])[] };

export interface ClientScript {
  readonly steps: readonly Step[];
  /** Which frontend: {bind} or {bind:to}. */
  readonly to?: string;
  /** Source address, of 127.0.0.0/8. */
  readonly from?: string;
}

export interface Case {
  /** Unique in its table. */
  readonly name: string;
  /** Sections; or, when the first word is no section's, lines of a `listen` whose bind (and server "s1") are added. */
  readonly config: string;
  /** Scripted servers; alone: of the name "" ({server}). */
  readonly server?: ServerScript;
  readonly servers?: Readonly<Record<string, ServerScript>>;
  /** Connections, one after another; or one, by its steps. */
  readonly clients: readonly ClientScript[] | readonly Step[];
  readonly files?: Readonly<Record<string, string>>;
  /** Compares also how the proxy left the connections of servers. */
  readonly serverEnds?: true;
  /** Takes the chunks of the first message each way as one: where a body does not fit in a buffer. */
  readonly oneChunk?: true;
  /** Compares a reset as something else than an end of stream. */
  readonly resets?: true;
  /** Compares lines of logs as they are, times included, but for these. */
  readonly mask?: readonly RegExp[];
  /** The name of a feature that is not built yet: the case waits for it. */
  readonly waits?: string | undefined;
}

export interface Table {
  /** Lines of `global`. */
  readonly global?: string;
  /** Lines of `defaults` after the usual ones (mode http, timeouts). */
  readonly defaults?: string;
  readonly cases: readonly Case[];
}
