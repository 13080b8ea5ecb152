// The command line program: `deno run -A main.ts -f haproxy.cfg`.
import { main } from "./src/app/mod.ts";

await main(Deno.args);
