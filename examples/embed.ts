// A program with a proxy in it: two versions of a web application in this process, and in front of them a proxy that sends
// a tenth of the requests to the new one and shows its own state under /proxy. Run it with `deno run -A examples/embed.ts`.
import { check, run, type RunningProxy } from "../mod.ts";

/** A version of the application, on a free port. */
function application(version: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response(`version ${version}\n`));
}

/** The configuration, with addresses put in by the environment that only it sees. */
const CONFIG = `
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s

frontend web
    bind "$WEB"
    http-request return status 200 content-type text/plain string "the proxy serves\\n" if { path /proxy }
    http-response set-header x-served-by %s
    default_backend application

backend application
    server current "$CURRENT" weight 90
    server next "$NEXT" weight 10
`;

/** A proxy in this program, and the application behind it: all of it ends with the block that holds it. */
export async function start(address: string): Promise<{ proxy: RunningProxy } & AsyncDisposable> {
  const versions = [application("1"), application("2")];
  const [current, next] = versions.map(({ addr }) => `127.0.0.1:${addr.port}`);
  const source = { text: CONFIG, name: "embed", env: { WEB: address, CURRENT: current, NEXT: next } };
  // What is wrong is told as the command line would.
  const { valid, text } = check(source);
  if (!valid) throw new Error(text);
  const proxy = await run(source);
  return {
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy.stop(1000);
      await Promise.all(versions.map((version) => version.shutdown()));
    },
  };
}

if (import.meta.main) {
  await using _ = await start("127.0.0.1:8080");
  console.log("http://127.0.0.1:8080/ and http://127.0.0.1:8080/proxy, ^C ends it");
  await new Promise<void>((stop) => Deno.addSignalListener("SIGINT", stop));
}
