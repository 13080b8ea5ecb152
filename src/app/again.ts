// How this process was started, to start the same program again: in the background, as a worker.

/** What starts the program: the executable, and the words before those of the command line. */
export interface Program {
  readonly executable: string;
  readonly words: readonly string[];
}

const PERMISSIONS = ["net", "read", "write", "env", "run", "ffi", "sys", "import"] as const;

/** The program as it runs. A granted part of a permission cannot be asked for, so the child has it whole or not at all. */
export function thisProgram(): Program {
  return { executable: Deno.execPath(), words: Deno.build.standalone ? [] : asStarted() ?? asPermitted() };
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

function asPermitted(): string[] {
  const granted = PERMISSIONS.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  return ["run", "--no-prompt", "--quiet", ...granted.map((name) => `--allow-${name}`), Deno.mainModule];
}
