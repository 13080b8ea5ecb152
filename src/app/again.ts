// How this process was started, to start the same program again: in the background, as a worker.

/** What starts the program: the executable, and the words before those of the command line. */
export interface Program {
  readonly executable: string;
  readonly words: readonly string[];
}

/** The program as it runs. `permissions`: the flags for it where the system does not tell those of this process. */
export function thisProgram(permissions: readonly string[]): Program {
  const started = () => ["run", "--no-prompt", "--quiet", ...permissions, Deno.mainModule];
  return { executable: Deno.execPath(), words: Deno.build.standalone ? [] : asStarted() ?? started() };
}

/** The words this process was started with; null where the system does not tell, or may not be asked. */
function asStarted(): string[] | null {
  try {
    const words = Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(1, -1);
    return words.slice(0, words.length - Deno.args.length);
  } catch {
    return null;
  }
}
