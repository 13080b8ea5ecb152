// The command line program: `deno run -A main.ts -f haproxy.cfg`. Its threads run this module too.
import { inThread, main, runThread } from "./src/app/mod.ts";

if (inThread()) runThread();
else await main(Deno.args, new URL(import.meta.url));
