// Equivalent configurations of the programs compared, for each scenario. One thread each, no log, server connections
// kept and reused where the scenario's clients keep theirs.

export const SCENARIOS = ["keepalive", "close", "tcp", "large"] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** What wrk asks for in a scenario. */
export interface Request {
  readonly title: string;
  readonly path: string;
  readonly headers: readonly string[];
}

export const REQUESTS: Readonly<Record<Scenario, Request>> = {
  keepalive: { title: "HTTP/1 keep-alive, 100 bytes", path: "/small", headers: [] },
  close: { title: "HTTP/1, new connection per request, 100 bytes", path: "/small", headers: ["Connection: close"] },
  tcp: { title: "TCP mode, HTTP/1 keep-alive through it, 100 bytes", path: "/small", headers: [] },
  large: { title: "HTTP/1 keep-alive, 1 MB", path: "/large", headers: [] },
};

/** Bytes of what the server answers on /small and /large. */
export const SMALL_BYTES = 100;
export const LARGE_BYTES = 1 << 20;

/** A configuration for HAProxy and for Sluice: the same text. */
export function haproxyConfig(scenario: Scenario, port: number, serverPort: number): string {
  return `global
    nbthread 1
    maxconn 4096

defaults
    mode ${scenario === "tcp" ? "tcp" : "http"}
    timeout connect 5s
    timeout client 30s
    timeout server 30s

frontend in
    bind 127.0.0.1:${port}
    default_backend out

backend out
    server s1 127.0.0.1:${serverPort}
`;
}

/** The same for nginx. `folder` holds its pid file and temporary files. */
export function nginxConfig(scenario: Scenario, port: number, serverPort: number, folder: string): string {
  const top = nginxTop(folder);
  if (scenario === "tcp") {
    return `load_module modules/ngx_stream_module.so;
${top}
stream {
    upstream out { server 127.0.0.1:${serverPort}; }
    server { listen 127.0.0.1:${port} backlog=1024; proxy_connect_timeout 5s; proxy_timeout 30s; proxy_pass out; }
}
`;
  }
  return `${top}
http {
    access_log off;
    ${nginxTemporary(folder)}
    keepalive_requests 1000000000;
    upstream out { server 127.0.0.1:${serverPort}; keepalive 256; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:${port} backlog=1024;
        location / {
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://out;
        }
    }
}
`;
}

/** The server behind all of them: nginx with a fixed answer, and a file of LARGE_BYTES in \`folder\`. */
export function serverConfig(port: number, folder: string): string {
  return `${nginxTop(folder)}
http {
    access_log off;
    ${nginxTemporary(folder)}
    sendfile on;
    keepalive_requests 1000000000;
    server {
        listen 127.0.0.1:${port} backlog=1024;
        location /small { return 200 "${"x".repeat(SMALL_BYTES - 1)}\\n"; }
        location /large { root ${folder}; }
    }
}
`;
}

function nginxTop(folder: string): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }`;
}

function nginxTemporary(folder: string): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((n) => `${n}_temp_path ${folder}/${n};`).join(" ");
}
