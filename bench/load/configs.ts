// Equivalent configurations of the programs compared, for each scenario. One thread each, no log, server connections
// kept and reused where the scenario's clients keep theirs.

import { idleConnections } from "./limits.ts";

export const SCENARIOS = [
  "keepalive",
  "rules",
  "close",
  "tcp",
  "pipeline",
  "large",
  "huge",
  "websocket",
  "idle",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** Who asks: wrk, wrk with sixteen requests at once on each connection, curl, or the client of peer.ts. */
export type Client = "wrk" | "wrk-pipeline" | "curl" | "websocket" | "idle";

/** What is asked for in a scenario. */
export interface Request {
  readonly title: string;
  readonly client: Client;
  readonly path: string;
  readonly headers: readonly string[];
}

export const REQUESTS: Readonly<Record<Scenario, Request>> = {
  keepalive: { title: "HTTP/1 keep-alive, 100 bytes", client: "wrk", path: "/small", headers: [] },
  rules: {
    title: "HTTP/1 keep-alive, 100 bytes, twenty rules and a log line a request",
    client: "wrk",
    path: "/small",
    headers: ["User-Agent: bench/1.0", "Cookie: id=4711; theme=dark", "X-Request: 1"],
  },
  close: {
    title: "HTTP/1, new connection per request, 100 bytes",
    client: "wrk",
    path: "/small",
    headers: ["Connection: close"],
  },
  tcp: { title: "TCP mode, HTTP/1 keep-alive through it, 100 bytes", client: "wrk", path: "/small", headers: [] },
  pipeline: { title: "HTTP/1, 16 requests in a row, 100 bytes", client: "wrk-pipeline", path: "/small", headers: [] },
  large: { title: "HTTP/1 keep-alive, 1 MB", client: "wrk", path: "/large", headers: [] },
  huge: { title: "HTTP/1, 1 GB", client: "curl", path: "/huge", headers: [] },
  websocket: { title: "WebSocket, echo of 64 bytes", client: "websocket", path: "/", headers: [] },
  idle: {
    title: "idle connections after one request each, 10,000 or as the limit allows (RSS: KB for each)",
    client: "idle",
    path: "/small",
    headers: [],
  },
};

/** Bytes of what the server answers on /small, /large and /huge. */
export const SMALL_BYTES = 100;
export const LARGE_BYTES = 1 << 20;
export const HUGE_BYTES = 1 << 30;

/** What sites have: refusals, rewrites, headers, variables, routing that does not apply here. Logs go where nobody listens. */
const TWENTY_RULES = `    log 127.0.0.1:9 local0
    option httplog
    option forwardfor
    acl static path_beg /static /img /css /js
    acl api path_beg /api/
    acl inside src 10.0.0.0/8 192.168.0.0/16
    acl bot hdr_sub(user-agent) -i curl wget scrapy
    http-request deny if { path_beg /admin } !inside
    http-request deny if bot { path_end .php }
    http-request deny if { req.hdr_cnt(host) gt 1 }
    http-request deny if { path -m sub ../ }
    http-request deny if { method TRACE }
    http-request redirect location /new if { path /old }
    http-request redirect prefix https://www.example.com if { hdr(host) -i example.com }
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Client %[src]
    http-request set-header X-Path %[path,lower]
    http-request add-header Via "1.1 proxy"
    http-request del-header X-Internal
    http-request set-var(txn.path) path
    http-request set-var(txn.id) req.cook(id)
    http-request set-header X-Id %[var(txn.id)] if { var(txn.id) -m found }
    http-request replace-header Cookie (.*)theme=[a-z]+(.*) \\1\\2 if { hdr(cookie) -m sub none=1 }
    http-response set-header X-Frame-Options DENY
    http-response set-header Strict-Transport-Security max-age=63072000 if { status 200 }
    http-response del-header Server
    use_backend out if static
    use_backend out if api
`;

/** A configuration for HAProxy and for Sluice: the same text. */
export function haproxyConfig(scenario: Scenario, port: number, serverPort: number): string {
  return `global
    nbthread 1
    maxconn ${scenario === "idle" ? idleConnections() + 200 : 4096}

defaults
    mode ${scenario === "tcp" ? "tcp" : "http"}
    timeout connect 5s
    timeout client 30s
    timeout server 30s

frontend in
    bind 127.0.0.1:${port}
${scenario === "rules" ? TWENTY_RULES : ""}    default_backend out

backend out
    server s1 127.0.0.1:${serverPort}
`;
}

const NGINX_UPGRADE = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;";

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
            ${scenario === "websocket" ? NGINX_UPGRADE : 'proxy_set_header Connection "";'}
            proxy_pass http://out;
        }
    }
}
`;
}

/** The server behind all of them: nginx with a fixed answer, and files of LARGE_BYTES and HUGE_BYTES in \`folder\`. */
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
        location /huge { root ${folder}; }
    }
}
`;
}

function nginxTop(folder: string): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 12000; }`;
}

function nginxTemporary(folder: string): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((n) => `${n}_temp_path ${folder}/${n};`).join(" ");
}
