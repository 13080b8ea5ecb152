// The one place a promise that nobody awaits goes through, so that no rejection is ever unhandled.

/** Lets a promise run; what it throws goes to `onError`, which must not throw itself. A number is a result at once. */
export function spawn(promise: Promise<unknown> | number, onError: (error: unknown) => void): void {
  if (typeof promise !== "number") promise.then(undefined, onError);
}
