// Small configurations and requests drawn from a seed, for the comparison of explain with what runs. Every rule has a
// companion before it, with the same condition, that notes its number in a variable; the response shows the variable, so
// that the verdict of each condition can be seen from outside.
import { Prng } from "../../src/base/mod.ts";

/** A configuration: one frontend, its backends, and what is asked of it. */
export interface DrawnCase {
  readonly name: string;
  /** Rules of the frontend: a line each, with its companion before it. */
  readonly rules: readonly string[];
  /** What else the frontend has: ACLs before the rules, switching behind them. */
  readonly acls: readonly string[];
  readonly switching: readonly string[];
  readonly backends: readonly string[];
  readonly requests: readonly DrawnRequest[];
}

export interface DrawnRequest {
  readonly method: string;
  readonly path: string;
  /** "Name: value". */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Names of the three servers that all backends have, in order. */
export const SERVERS = ["s1", "s2", "s3"] as const;

const PATHS = ["/", "/a", "/a/b", "/api/users", "/static/x.css", "/old/page"] as const;
const VALUES = ["red", "green", "blue, red", ""] as const;
const HOSTS = ["www.example.com", "api.example.com", "x"] as const;

/** Conditions that a request can meet or not. */
function drawTest(prng: Prng): string {
  return prng.pick([
    `path ${prng.pick(PATHS)}`,
    `path_beg ${prng.pick(["/a", "/api", "/static", "/o"])}`,
    "path_end .css b",
    `req.hdr(x-color) -m found`,
    `req.hdr(x-color) ${prng.pick(["red", "green", "-i BLUE"])}`,
    `req.hdr(x-color) -m sub ${prng.pick(["re", "e"])}`,
    `req.hdr_cnt(x-color) ${prng.pick(["gt 1", "eq 1", "lt 2"])}`,
    `method ${prng.pick(["GET", "POST", "PUT"])}`,
    `hdr(host) -i ${prng.pick(HOSTS)}`,
    `query -m found`,
    `url_param(n) -m int ge ${prng.between(0, 5)}`,
    `src ${prng.pick(["127.0.0.0/8", "10.0.0.0/8"])}`,
    `req.hdr(content-length) -m int gt ${prng.between(0, 4)}`,
    `var(txn.met) -m found`,
    `path,length ge ${prng.between(2, 8)}`,
  ]);
}

/** " if ..." or " unless ...", sometimes "". */
function drawCondition(prng: Prng, acls: readonly string[], always = false): string {
  if (!always && prng.chance(0.2)) return "";
  const term = () => {
    const not = prng.chance(0.3) ? "!" : "";
    return `${not}${acls.length > 0 && prng.chance(0.5) ? prng.pick(acls) : `{ ${drawTest(prng)} }`}`;
  };
  const group = () => Array.from({ length: prng.between(1, 2) }, term).join(" ");
  const groups = Array.from({ length: prng.chance(0.3) ? 2 : 1 }, group);
  return ` ${prng.pick(["if", "if", "if", "unless"])} ${groups.join(prng.pick([" || ", " or "]))}`;
}

/** An action that lets the request go on. What known.ts lists is not among them: replace-value. */
function drawChange(prng: Prng): string {
  const name = `X-${prng.pick(["One", "Two", "Color"])}`;
  return prng.pick([
    `set-header ${name} ${prng.pick(["%[path]", "%[req.hdr(host),upper]", "%[src]", "fixed", "%[query]", "%b-%f"])}`,
    `add-header ${name} ${prng.pick(["%[method]", "again", "%[path,length]"])}`,
    `del-header ${name}`,
    `replace-header ${name} (.*)r(.*) \\1R\\2`,
    `set-path /new%[path]`,
    `replace-path /a(.*) /b\\1`,
    `set-query n=%[rand(1)]`,
    `set-uri /u%[path]?u=1`,
    `set-var(txn.v) req.hdr(x-color)`,
    `set-header X-V %[var(txn.v)]`,
  ]);
}

/** An action that ends the rules. */
function drawEnd(prng: Prng): string {
  return prng.pick([
    "deny",
    `deny deny_status ${prng.pick([400, 404, 503])}`,
    `return status ${prng.pick([200, 404])} content-type text/plain lf-string "at %[path]"`,
    `return status 200 content-type text/plain string here hdr X-By %[src]`,
    `redirect location /moved code ${prng.pick([301, 302, 307])}`,
    "redirect prefix https://other.example.com",
    "redirect scheme https",
    "allow",
  ]);
}

function drawRules(prng: Prng, acls: readonly string[]): string[] {
  const rules: string[] = [];
  for (let i = prng.between(2, 6); i > 0; i--) {
    const ends = prng.chance(0.3);
    const condition = drawCondition(prng, acls, ends);
    rules.push(`http-request ${ends ? drawEnd(prng) : drawChange(prng)}${condition}`);
  }
  return rules;
}

/** The companion of a rule. */
function noteOf(rule: string, number: number): string {
  const condition = / (?:if|unless) .*$/.exec(rule)?.[0] ?? "";
  return `http-request set-var-fmt(txn.met) %[var(txn.met)],${number}${condition}`;
}

const BALANCES = [
  "roundrobin",
  "source",
  "uri",
  "hdr(x-color)",
  "url_param n",
  "static-rr",
  "leastconn",
  "first",
] as const;
/** Algorithms whose choice moves on with each request. */
const TURNING = /^(roundrobin|static-rr|leastconn|hdr|url_param)/;

function drawBackend(prng: Prng, name: string): { lines: string[]; turns: boolean } {
  const balance = prng.pick(BALANCES);
  const lines = [`backend ${name}`, `    balance ${balance}`];
  if (prng.chance(0.3)) lines.push("    option forwardfor");
  if (prng.chance(0.4)) lines.push(`    http-request ${drawChange(prng)}${drawCondition(prng, [])}`);
  if (prng.chance(0.3)) lines.push(`    use-server ${prng.pick(SERVERS)} if { ${drawTest(prng)} }`);
  if (prng.chance(0.4)) lines.push(`    http-response set-header X-Served %s if { status 200 }`);
  if (prng.chance(0.3)) lines.push(`    http-response add-header X-Color back`);
  for (const server of SERVERS) lines.push(`    server ${server} {${server}}${drawWeight(prng)}`);
  return { lines, turns: TURNING.test(balance) };
}

function drawWeight(prng: Prng): string {
  return prng.chance(0.2) ? ` weight ${prng.between(1, 3)}` : prng.chance(0.05) ? " backup" : "";
}

function drawRequest(prng: Prng): DrawnRequest {
  const method = prng.pick(["GET", "GET", "POST", "PUT", "HEAD"]);
  const query = prng.pick(["", "", "?n=3", "?n=x&m=1"]);
  const headers = [`Host: ${prng.pick(HOSTS)}`, "Connection: close"];
  for (let i = prng.between(0, 2); i > 0; i--) headers.push(`X-Color: ${prng.pick(VALUES)}`.trimEnd());
  if (prng.chance(0.3)) headers.push("X-One: bird");
  const body = method === "POST" || method === "PUT" ? "x".repeat(prng.between(0, 9)) : "";
  if (body !== "") headers.push(`Content-Length: ${body.length}`);
  return { method, path: prng.pick(PATHS) + query, headers, body };
}

/** The case of a seed. */
export function drawCase(seed: number): DrawnCase {
  const prng = new Prng(seed);
  const name = `c${seed}`;
  const aclNames = ["one", "two"].slice(0, prng.between(0, 2));
  const acls = aclNames.flatMap((acl) =>
    Array.from({ length: prng.between(1, 2) }, () => `acl ${acl} ${drawTest(prng)}`)
  );
  const drawn = drawRules(prng, aclNames);
  const rules = drawn.map((rule, i) => `    ${noteOf(rule, i + 1)}\n    ${rule}`);
  const names = [`${name}_a`, `${name}_b`];
  const backends = names.map((backend) => drawBackend(prng, backend));
  const switching: string[] = [];
  if (prng.chance(0.5)) switching.push(`use_backend ${names[1]}${drawCondition(prng, aclNames, true)}`);
  if (prng.chance(0.4)) switching.push(`use_backend ${name}_%[req.hdr(x-color)]${drawCondition(prng, aclNames)}`);
  if (prng.chance(0.9)) switching.push(`default_backend ${names[0]}`);
  const turns = backends.some((b) => b.turns);
  const requests = Array.from({ length: turns ? 1 : 3 }, () => drawRequest(prng));
  return { name, rules, acls, switching, backends: backends.flatMap((b) => b.lines), requests };
}

/** The sections of a case; `ports`: of the servers. */
export function caseText(c: DrawnCase, bind: string, ports: readonly number[]): string {
  const backends = c.backends.join("\n").replace(/\{s(\d)\}/g, (_, n) => `127.0.0.1:${ports[Number(n) - 1]}`);
  return [
    `frontend ${c.name}`,
    `    bind ${bind}`,
    ...c.acls.map((line) => `    ${line}`),
    ...c.rules,
    `    http-after-response set-header X-Met %[var(txn.met)]`,
    ...c.switching.map((line) => `    ${line}`),
    backends,
    "",
  ].join("\n");
}

/** The case with two neighbouring rules in each other's place. */
export function reordered(c: DrawnCase, at: number): DrawnCase {
  const rules = [...c.rules];
  [rules[at], rules[at + 1]] = [rules[at + 1], rules[at]];
  return { ...c, rules };
}

export const DEFAULTS = `defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
`;
