// Where Sluice differs from the packaged haproxy (2.6) on purpose. Every other difference is a bug.

export interface KnownDifference {
  /** The case's name, or a pattern of several. */
  readonly case: string | RegExp;
  /** The reason: what the manual of 3.2 or a standard says. */
  readonly why: string;
  /** What has to be in what was seen of Sluice. */
  readonly sluice: readonly string[];
  /** haproxy itself answers so or so, by who comes first: no difference is no fault either. */
  readonly sometimes?: boolean;
}

const BAD_REQUEST = ["HTTP/1.1 400 Bad request", "--- closed"];
const BAD_GATEWAY = ["HTTP/1.1 502 Bad Gateway"];

const known: readonly KnownDifference[] = [
  {
    case: "request: target without slash",
    why: "RFC 9112 3.2: a target is a path, an absolute URI, an authority of CONNECT or an asterisk",
    sluice: BAD_REQUEST,
  },
  {
    case: /^request: host with an? (space|slash|at sign|control character)$/,
    why: "3.2 checks the characters of Host (feature H1-07)",
    sluice: BAD_REQUEST,
  },
  {
    case: "request: value with NUL",
    why: "3.2: only with accept-unsafe-violations-in-http-request",
    sluice: BAD_REQUEST,
  },
  {
    case: "response: value with NUL",
    why: "3.2: only with accept-unsafe-violations-in-http-response",
    sluice: BAD_GATEWAY,
  },
  {
    case: "response: RTSP",
    why: "3.2: other protocol names only with accept-unsafe-violations-in-http-response",
    sluice: BAD_GATEWAY,
  },
  {
    case: /^response: status (of two digits|of four digits|099)$/,
    why: "RFC 9112 4: a status has three digits; RFC 9110 15: of 100 to 599",
    sluice: BAD_GATEWAY,
  },
  {
    case: "request: gzip, chunked",
    why: "RFC 9112 9.6: who closes after a response says so in it",
    sluice: ["HTTP/1.1 422 Unprocessable Content", "connection: close↵\n", "--- closed"],
  },
  {
    case: /^request: CONNECT( with authority|, host without port)$/,
    why: "RFC 9110 8.6: no Content-Length in a 2xx to CONNECT",
    sluice: ["HTTP/1.1 200 OK↵\n↵\nok"],
  },
  {
    case: /^request: chunks: (line feed ends the (size|data|last)|trailer with a bad name)$/,
    why: "RFC 9112 2.2, 7.1: lines of chunks end with CRLF, trailer fields are fields",
    // haproxy answers 400 as well when it sees the fault before the server's response.
    sometimes: true,
    sluice: BAD_REQUEST,
  },
  {
    case: "request: chunks: forbidden trailers",
    why: "RFC 9110 6.5.1: fields that frame or route are dropped from trailers",
    sluice: ["3↵\nabc↵\n0↵\n↵\n"],
  },
  {
    case: /^forbidden trailer: /,
    why: "RFC 9110 6.5.1: fields that frame or route are dropped from trailers",
    sluice: ["2↵\nok↵\n0↵\n↵\nHTTP/1.1 200 OK"],
  },
  {
    case: /^(keep-alive|server-close|httpclose): client 1\.0( keep-alive)?, server 1\.1 chunks$/,
    why: "RFC 9112 6.1: no chunks to a client of HTTP/1.0 (docs/migrating.md)",
    sluice: ["HTTP/1.1 200 OK↵\nconnection: close↵\n↵\nok\n--- closed"],
  },
  {
    case: /^(trailers to HTTP\/1\.0|no chunks to HTTP\/1\.0)$/,
    why: "RFC 9112 6.1: no chunks to a client of HTTP/1.0 (docs/migrating.md)",
    sluice: ["HTTP/1.1 200 OK↵\nconnection: close↵\n↵\nok\n--- closed"],
  },
  {
    case:
      /^errorfile (?!of a (bad request|request that)|with a length|\/dev)|^(deny|return) with errorfiles?$|^errorfiles of|^http-error with a file$/,
    why: "RFC 9110 6.2: an error is sent in this proxy's version, with its length, and the connection goes on",
    sluice: ["HTTP/1.1 ", "content-length: "],
  },
  {
    case: /^errorfile of a (bad request|request that does not come)$/,
    why: "manual 4.2: errorfile replaces every error of its code; 2.6 has its own page where no stream began",
    sluice: ["x-page: own", "--- closed"],
  },
  {
    case: "silently dropped",
    why: "no TCP_REPAIR on this runtime: the client is reset",
    sluice: ["--- client 0 received\n\n--- closed"],
  },
  {
    case:
      /^http-request set-header Transfer-Encoding |^http-request set-header Content-Length (5 # (length|chunks)|3 # chunks)$|^http-response set-header (Transfer-Encoding chunked|Content-Length [157]( # chunks)?)$/,
    why: "RFC 9112 6.3: what frames the body is this proxy's to say; 2.6 sends what the rule says, or breaks off",
    sluice: ["HTTP/1.1 200 OK"],
  },
  {
    case: "http-response set-header Content-Length 0 # 204",
    why: "3.2 keeps a length of zero that a rule gave to 204 (feature H1-11)",
    sluice: ["HTTP/1.1 204 No Content↵\ncontent-length: 0↵\n↵"],
  },
  {
    case: /^http-response set-status (204|304) # length$|^deny of a response( with status)?$/,
    why: "a response that is not forwarded takes its connection along; 2.6 reads it to its end",
    sluice: ["--- server  connection 1 received"],
  },
  {
    case: "http-response set-status 200 # 204",
    why: "an empty body is of length zero, 2.6 sends an empty chunked one",
    sluice: ["HTTP/1.1 200 OK↵\ncontent-length: 0↵"],
  },
  {
    case: "http-request replace-value X-Multi (.*) <\\1>",
    why: "manual 4.4, replace-value: the blanks between values stay, as in its example",
    sluice: ["x-multi: <a>, <b>↵"],
  },
  {
    case: "http-request set-path /sp\\ ace",
    why: "RFC 9112 3.2: no blank in a target",
    sluice: ["HTTP/1.1 500 Internal Server Error"],
  },
  {
    case: "http-request return status 304",
    why: "RFC 9110 8.6: a length in a 304 would be that of another response",
    sluice: ["HTTP/1.1 304 Not Modified↵\n↵"],
  },
  {
    case: "redirect location /new # POST",
    why: "the request was read whole, nothing has to close",
    sluice: ["HTTP/1.1 302 Found", "--- open"],
  },
  {
    case: "{ method -i get }",
    why: "-i is honoured; 2.6 compares the methods it knows by number",
    sluice: ["HTTP/1.1 200 OK", "HTTP/1.1 201 Created"],
  },
  {
    case: "log: rfc5424 structured data",
    why: "2.6 sends the line twice",
    sluice: ['--- log \n<142>1 <date> <host> haproxy <pid> - [x@1 a="/p/a?x=1"] GET\n\n'],
  },
  {
    case: "state: bad chunk",
    why: "manual 8.5: PD is a malformed chunk",
    sluice: ["200 <bytes> - - PD-- "],
  },
  {
    case: /^state: (rejected|tarpitted)$/,
    why: "the request was received whole: its time is told",
    sluice: ["<NOSRV> <masked>/"],
  },
];

/** The entry of a case that differs on purpose. */
export function knownDifference(name: string): KnownDifference | undefined {
  return known.find((k) => typeof k.case === "string" ? k.case === name : k.case.test(name));
}
