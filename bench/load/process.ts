// Programs under measurement: started pinned to a core, measured through /proc, ended by their id.

/** A running program and its descendants. */
export class Program {
  readonly #child: Deno.ChildProcess;

  private constructor(readonly name: string, child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Starts `command` on one core and waits until it accepts connections on `port` of the loopback. */
  static async start(
    name: string,
    core: number,
    command: readonly string[],
    port: number,
    log: string,
  ): Promise<Program> {
    const file = await Deno.open(log, { create: true, append: true, write: true });
    const child = new Deno.Command("taskset", {
      args: ["-c", String(core), ...command],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    child.stderr.pipeTo(file.writable).catch(() => {});
    const program = new Program(name, child);
    const ended = child.status.then((s) => s.code);
    for (let tries = 0; tries < 200; tries++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return program;
      } catch {
        const code = await Promise.race([ended, new Promise<null>((done) => setTimeout(() => done(null), 50))]);
        if (code !== null) throw new Error(`${name} ended with ${code}: ${await Deno.readTextFile(log)}`);
      }
    }
    await program.stop();
    throw new Error(`${name} does not listen: ${await Deno.readTextFile(log)}`);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** CPU time used so far by the program and its descendants, milliseconds (resolution: one clock tick, 10 ms). */
  cpuMs(): number {
    let ticks = 0;
    for (const pid of this.#tree()) {
      const fields = statOf(pid);
      if (fields !== null) ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks * 10;
  }

  /** Resident memory of the program and its descendants, megabytes. */
  residentMb(): number {
    let kb = 0;
    for (const pid of this.#tree()) {
      try {
        kb += Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
      } catch { /* ended meanwhile */ }
    }
    return kb / 1024;
  }

  #tree(): number[] {
    const parents: [number, number][] = [];
    for (const entry of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(entry.name)) continue;
      const fields = statOf(Number(entry.name));
      if (fields !== null) parents.push([Number(entry.name), Number(fields[1])]);
    }
    const tree = [this.pid];
    for (let i = 0; i < tree.length; i++) for (const [pid, parent] of parents) if (parent === tree[i]) tree.push(pid);
    return tree;
  }

  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch { /* ended already */ }
    await this.#child.status;
  }
}

/** Fields of /proc/<pid>/stat from the third on (state, ppid, …), or null when there is no such process. */
function statOf(pid: number): string[] | null {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** A port of the loopback that nobody listens on now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = listener.addr.port;
  listener.close();
  return port;
}

/** The full path of a program, or null when it is not installed. */
export async function installed(name: string): Promise<string | null> {
  for (const folder of [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"]) {
    try {
      if ((await Deno.stat(`${folder}/${name}`)).isFile) return `${folder}/${name}`;
    } catch { /* not there */ }
  }
  return null;
}
