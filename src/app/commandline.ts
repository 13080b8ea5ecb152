// The command line (management.txt 3): words to plain options. Pure; what it cannot do is refused by name, so that no
// switch is accepted and ignored without a word.
import { IO_LAYERS, type IoLayer } from "../sys/deno/mod.ts";

/** What the program is asked to do. */
const COMMANDS = ["run", "check", "condition", "version", "report", "usage", "help", "permissions"] as const;
export type Command = (typeof COMMANDS)[number];

export interface CommandLine {
  readonly command: Command;
  /** The condition of -cc. */
  readonly condition: string;
  /** Files and folders of -f and --, in order. */
  readonly sources: readonly string[];
  /** -C: the folder to change to before anything is read. */
  readonly folder: string | null;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** -db: overrides -D and `daemon`. */
  readonly foreground: boolean;
  readonly daemon: boolean;
  readonly pidFile: string | null;
  readonly localPeer: string | null;
  /** -n, -N: 0 when not given. */
  readonly maxconn: number;
  readonly proxyMaxconn: number;
  readonly zeroWarning: boolean;
  readonly diagnostic: boolean;
  /** -dI: as `insecure-fork-wanted`. */
  readonly forkWanted: boolean;
  /** Classes of -dK, empty when not given. */
  readonly dumpKeywords: readonly string[];
  /** Processes to signal once this one serves, with SIGUSR1 or SIGTERM. */
  readonly finish: readonly number[];
  readonly terminate: readonly number[];
  /** -W, -Ws: a master and its worker; `notify`: it tells the service manager (-Ws). */
  readonly masterWorker: boolean;
  readonly notify: boolean;
  /** -S: the addresses of the master's command line with their options, as `bind` has them. */
  readonly masterSockets: readonly string[];
  /** -x: a unix socket where an older process gives its listening sockets; null: none. */
  readonly socketsFrom: string | null;
  /** -d: one line for each event of a connection. */
  readonly debug: boolean;
  /** -dC: prints the configuration, with names hidden when the key is not 0; null: does not. */
  readonly dumpConfiguration: number | null;
  /** -dc: prints which processors the threads may use. */
  readonly processors: boolean;
  /** -dL: prints the libraries that are loaded. */
  readonly libraries: boolean;
  /** -4: names of servers have IPv4 addresses only. */
  readonly ipv4Only: boolean;
  /** -dr: a server whose name has no address is disabled. */
  readonly ignoreFailures: boolean;
  readonly io: IoLayer;
  /** Switches given that can have no effect here, each with the reason. */
  readonly ineffective: readonly string[];
}

/** Switches without effect here, and why: accepted with a notice. */
const INEFFECTIVE: Readonly<Record<string, string>> = {
  "-de": "the event loop is the runtime's",
  "-dp": "the event loop is the runtime's",
  "-dS": "nothing is spliced by the kernel",
  "-dF": "there is no fast-forwarding between sockets to disable",
  "-dZ": "there is no zero-copy forwarding to disable",
  "-dG": "names are resolved by the runtime",
  "-dR": "a listening socket is opened once and shared by the threads, without SO_REUSEPORT",
  "-dk": "the event loop is the runtime's",
  "-dv": "the event loop is the runtime's",
  "-dM": "memory is managed by the runtime",
};

/** Switches of the manual that are not built. */
const NOT_YET: readonly string[] = ["-dV", "-dt"];

/** Those that carry their argument in the same word: "-dC1234", "-dMfail", "-dtfoo". */
const WITH_ARGUMENT: readonly string[] = ["-dM", "-dt"];

/** Reads the words after the program's name. A string says what is wrong with them. */
export function parseCommandLine(words: readonly string[]): CommandLine | string {
  const sources: string[] = [];
  const finish: number[] = [];
  const terminate: number[] = [];
  const ineffective: string[] = [];
  const masterSockets: string[] = [];
  const set = {
    command: (words.length === 0 ? "usage" : "run") as Command,
    condition: "",
    folder: null as string | null,
    quiet: false,
    verbose: false,
    foreground: false,
    daemon: false,
    pidFile: null as string | null,
    localPeer: null as string | null,
    maxconn: 0,
    proxyMaxconn: 0,
    zeroWarning: false,
    diagnostic: false,
    forkWanted: false,
    masterWorker: false,
    notify: false,
    socketsFrom: null as string | null,
    debug: false,
    dumpConfiguration: null as number | null,
    processors: false,
    libraries: false,
    ipv4Only: false,
    ignoreFailures: false,
    dumpKeywords: [] as string[],
    io: "auto" as IoLayer,
  };
  let at = 0;
  /** The argument of the switch just read, or null when the line ends. */
  const argument = (): string | null => at < words.length ? words[at++] : null;
  const count = (name: string): number | string => {
    const text = argument();
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : `'${name}' expects a number as argument.`;
  };
  while (at < words.length) {
    const word = words[at++];
    const name = WITH_ARGUMENT.find((s) => word.startsWith(s)) ?? word;
    if (NOT_YET.includes(name)) return `switch '${name}' is not supported yet.`;
    switch (word) {
      case "--":
        sources.push(...words.slice(at));
        at = words.length;
        break;
      case "-f": {
        const path = argument();
        if (path === null) return "'-f' expects a configuration file or folder as argument.";
        sources.push(path);
        break;
      }
      case "-c":
        set.command = "check";
        break;
      case "-cc": {
        const condition = argument();
        if (condition === null) return "'-cc' expects a condition as argument.";
        set.command = "condition";
        set.condition = condition;
        break;
      }
      case "--print-permissions":
        set.command = "permissions";
        break;
      case "-v":
        set.command = "version";
        break;
      case "-vv":
        set.command = "report";
        break;
      case "-h":
      case "--help":
        set.command = "help";
        break;
      case "-V":
        set.verbose = true;
        set.quiet = false;
        break;
      case "-q":
        set.quiet = true;
        set.verbose = false;
        break;
      case "-db":
        set.foreground = true;
        break;
      case "-D":
        set.daemon = true;
        break;
      case "-W":
        set.masterWorker = true;
        break;
      case "-Ws":
        set.masterWorker = set.notify = true;
        break;
      case "-S": {
        const bind = argument();
        if (bind === null || bind === "") return "'-S' expects an address with its options as argument.";
        masterSockets.push(bind);
        break;
      }
      case "-d":
        set.debug = true;
        set.quiet = false;
        break;
      case "-x": {
        const path = argument();
        if (path === null) return "'-x' expects the path of a unix socket as argument.";
        // As the manual has it: nothing is taken over.
        set.socketsFrom = path === "/dev/null" ? null : path;
        break;
      }
      case "-4":
        set.ipv4Only = true;
        break;
      case "-dr":
        set.ignoreFailures = true;
        break;
      case "-dc":
        set.processors = true;
        break;
      case "-dL":
        set.libraries = true;
        break;
      case "-dW":
        set.zeroWarning = true;
        break;
      case "-dD":
        set.diagnostic = true;
        break;
      case "-dI":
        set.forkWanted = true;
        break;
      case "-C":
      case "-L":
      case "-p": {
        const text = argument();
        if (text === null) return `'${word}' expects an argument.`;
        if (word === "-C") set.folder = text;
        else if (word === "-L") set.localPeer = text;
        else set.pidFile = text;
        break;
      }
      case "-n":
      case "-N":
      case "-m": {
        const number = count(word);
        if (typeof number === "string") return number;
        if (word === "-n") set.maxconn = number;
        else if (word === "-N") set.proxyMaxconn = number;
        else ineffective.push(`switch '-m' has no effect here: memory is limited by the runtime's own options.`);
        break;
      }
      case "-sf":
      case "-st":
        while (at < words.length && !words[at].startsWith("-")) {
          const pid = count(word);
          if (typeof pid === "string" || pid === 0) return `'${word}' expects process ids as arguments.`;
          (word === "-sf" ? finish : terminate).push(pid);
        }
        break;
      case "--io": {
        const layer = argument();
        if (!(IO_LAYERS as readonly (string | null)[]).includes(layer)) {
          return `'--io' expects ${IO_LAYERS.map((l) => `'${l}'`).join(", ")} as argument.`;
        }
        set.io = layer as IoLayer;
        break;
      }
      default: {
        if (INEFFECTIVE[name] !== undefined) {
          ineffective.push(`switch '${name}' has no effect here: ${INEFFECTIVE[name]}.`);
          break;
        }
        if (/^-dC\d*$/.test(word)) {
          set.dumpConfiguration = Number(word.slice(3)) >>> 0;
          break;
        }
        if (word.startsWith("-dK")) {
          set.dumpKeywords = word.slice(3).split(",").filter((c) => c !== "");
          if (set.dumpKeywords.length === 0) set.dumpKeywords = ["help"];
          break;
        }
        return word.startsWith("-") ? `unknown switch '${word}'.` : `unexpected argument '${word}'.`;
      }
    }
  }
  return { ...set, sources, finish, terminate, ineffective, masterSockets };
}

/** What --help prints, and what a wrong command line gets to see. */
export const USAGE = `Usage: sluice [-f <file|folder>]... [options] [-- <file|folder>...]
       sluice explain ...      what becomes of a request ("sluice explain --help")
       sluice term_events ...  termination events of log lines in words: tuples, or lines on standard input
  -f <file|folder>     read this configuration (a folder: its *.cfg, in order); may be repeated
  -c                   check the configuration and exit
  -cc <condition>      evaluate a condition of the configuration language; exit 0 true, 1 false, 2 error
  -v, -vv              version; version and what is built in
  -C <folder>          change to this folder first
  -D                   run in the background
  -db                  stay in the foreground, whatever the configuration says
  -W, -Ws              run a master that supervises a worker; and tell the service manager
  -S <bind>[,<option>] address of the master's command line, with options of "bind"
  -V, -q               more messages; no messages
  -p <file>            write the process id to this file
  -n <number>          most connections at once
  -N <number>          most connections at once of each proxy that does not say
  -L <name>            name of this peer (default: the host's name)
  -dW                  treat warnings as errors
  -dD                  report suspicious statements too
  -dI                  may run programs after the start (insecure-fork-wanted)
  -d                   stay in the foreground and print every event
  -dC[key]             print the configuration; with a key, without names and addresses
  -dL, -dc             print the libraries that are loaded; the processors of the threads
  -dr                  disable servers whose names have no address
  -4                   use IPv4 addresses of names only
  -dK<class>[,...]     print the keywords of these classes ("-dKhelp" lists the classes)
  -x <path>            take the listening sockets of the process that serves this socket ("expose-fd listeners")
  -sf <pid>...         once serving, ask these processes to finish
  -st <pid>...         once serving, end these processes
  --print-permissions  print the runtime's permission flags that the configuration needs, and exit
  --io <layer>         stream layer: auto, public, handles
  --help               this text
`;
