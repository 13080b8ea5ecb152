// Captures: what of a request and its response is kept for logs and capture.* fetches (configuration.txt 8.7, 8.8). Slots
// are numbered in the order of declaration, requests and responses apart.
/** A slot. `name` is the header whose last value is captured; empty: only actions fill the slot. */
export interface CaptureSlot {
  readonly name: string;
  /** The most characters kept. */
  readonly length: number;
}

/** `capture cookie`: the first cookie whose name begins so; a name that ends in "=" is exact. */
export interface CookieCapture {
  readonly name: string;
  readonly length: number;
}

/** The capture slots of one frontend. */
export class Captures {
  readonly request: CaptureSlot[] = [];
  readonly response: CaptureSlot[] = [];
  cookie: CookieCapture | null = null;
}
