// The part of @std/assert that the tests use, on node:assert, for machines that cannot reach JSR.
// On a normal network only the import map in deno.json changes.
import strict from "node:assert/strict";

export { AssertionError } from "node:assert";

export function assert(condition: unknown, message = ""): asserts condition {
  strict.ok(condition, message || undefined);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  strict.deepStrictEqual(actual, expected, message);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  strict.notDeepStrictEqual(actual, expected, message);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  strict.strictEqual(actual, expected, message);
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  strict.ok(actual !== undefined && actual !== null, message ?? "expected a value");
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  strict.match(actual, expected, message);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  strict.ok(
    actual.includes(expected),
    message ?? `expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`,
  );
}

// deno-lint-ignore no-explicit-any
export function assertThrows(fn: () => unknown, type?: new (...a: any[]) => Error, includes = ""): Error {
  try {
    fn();
  } catch (e) {
    return checkThrown(e, type, includes);
  }
  throw new strict.AssertionError({ message: "expected the function to throw" });
}

export async function assertRejects(
  fn: () => Promise<unknown>,
  // deno-lint-ignore no-explicit-any
  type?: new (...a: any[]) => Error,
  includes = "",
): Promise<Error> {
  try {
    await fn();
  } catch (e) {
    return checkThrown(e, type, includes);
  }
  throw new strict.AssertionError({ message: "expected the promise to be rejected" });
}

export function fail(message = "failed"): never {
  strict.fail(message);
}

// deno-lint-ignore no-explicit-any
function checkThrown(e: unknown, type: (new (...a: any[]) => Error) | undefined, includes: string): Error {
  strict.ok(e instanceof Error, `expected an Error, got ${String(e)}`);
  if (type) strict.ok(e instanceof type, `expected ${type.name}, got ${e.name}: ${e.message}`);
  strict.ok(
    e.message.includes(includes),
    `expected ${JSON.stringify(e.message)} to contain ${JSON.stringify(includes)}`,
  );
  return e;
}
