// What is said at the start, on standard error in HAProxy's form (management.txt 9.3 "show startup-logs"): every message
// is also kept until the start is over, for who asks later. The first warning or alert is introduced by the version.
import { type Diagnostic, type Level, renderDiagnostics, renderMessage } from "../config/mod.ts";
import { HAPROXY_VERSION, SLUICE_VERSION } from "./version.ts";

/** The kept messages, at most; later ones are only printed. */
const MAX_KEPT = 1 << 18;

export interface StartupOptions {
  readonly pid: number;
  readonly executable: string;
  /** Where it is printed. */
  print(text: string): void;
}

export class StartupMessages {
  /** No messages: -q, `quiet`. */
  quiet = false;
  readonly #options: StartupOptions;
  #introduced = false;
  #starting = true;
  #kept = "";

  constructor(options: StartupOptions) {
    this.#options = options;
  }

  /** The messages of the last start or reload, as they were printed. */
  get text(): string {
    return this.#kept;
  }

  /** The start is over. */
  get over(): boolean {
    return !this.#starting;
  }

  /** A start, or another one: what was kept of the one before is forgotten. */
  begin(): void {
    this.#kept = "";
    this.#introduced = false;
    this.#starting = true;
  }

  /** The start is over: messages are not kept from here on, nor introduced. */
  end(): void {
    this.#starting = false;
  }

  readonly say = (level: Level, text: string): void => {
    if (level === "WARNING" || level === "ALERT") this.#introduce();
    this.#out(renderMessage(level, this.#options.pid, text) + "\n");
  };

  /** Messages about a configuration. */
  tell(diagnostics: readonly Diagnostic[], diagnosticMode: boolean): void {
    const text = renderDiagnostics(diagnostics, { pid: this.#options.pid, diagnosticMode });
    if (text === "") return;
    this.#introduce();
    this.#out(text);
  }

  /** Lines as another process of this program printed them. */
  keep(text: string): void {
    if (this.#starting && this.#kept.length + text.length <= MAX_KEPT) this.#kept += text;
  }

  /** A line without level. */
  plain(text: string): void {
    if (!this.quiet) this.#options.print(text);
  }

  #introduce(): void {
    if (this.#introduced || !this.#starting) return;
    this.#introduced = true;
    const { pid, executable } = this.#options;
    this.#out(renderMessage("NOTICE", pid, `haproxy version is ${HAPROXY_VERSION}-sluice-${SLUICE_VERSION}`) + "\n");
    this.#out(renderMessage("NOTICE", pid, `path to executable is ${executable}`) + "\n");
  }

  #out(text: string): void {
    if (this.quiet) return;
    this.keep(text);
    this.#options.print(text);
  }
}
