// Web servers for the demonstration: each says which one it is and what it was sent.

export interface DemoServer {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a web server on a free port of the loopback. */
export function startDemoServer(name: string): DemoServer {
  let served = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    served++;
    const lines = [
      `Hello from ${name}, which has now answered ${served} ${served === 1 ? "request" : "requests"}.`,
      "",
    ];
    lines.push(`${request.method} ${new URL(request.url).pathname}`);
    for (const [header, value] of request.headers) lines.push(`${header}: ${value}`);
    return new Response(lines.join("\n") + "\n", {
      headers: { "content-type": "text/plain; charset=utf-8", "x-served-by": name },
    });
  });
  return { name, port: server.addr.port, stop: () => server.shutdown() };
}
