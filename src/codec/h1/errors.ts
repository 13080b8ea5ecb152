// What may be wrong with an HTTP/1 message, as the negative results of the parsers.

export const H1_BAD_START_LINE = -1;
export const H1_BAD_VERSION = -2;
export const H1_BAD_TARGET = -3;
export const H1_BAD_STATUS = -4;
export const H1_BAD_NAME = -5;
export const H1_BAD_VALUE = -6;
export const H1_BAD_CONTENT_LENGTH = -7;
export const H1_BAD_TRANSFER_ENCODING = -8;
/** A transfer coding that exists but is not built: a request with it is answered 422. */
export const H1_UNSUPPORTED_CODING = -9;
export const H1_BAD_HOST = -10;
export const H1_BAD_UPGRADE = -11;
export const H1_TOO_LONG = -12;
export const H1_TOO_MANY_FIELDS = -13;
export const H1_BAD_CHUNK = -14;
/** A payload in an HTTP/1.0 GET, HEAD or DELETE: answered 413. */
export const H1_UNEXPECTED_BODY = -15;

/** Reasons by number, negated, for `show errors` and logs. */
export const H1_ERRORS: readonly string[] = [
  "",
  "malformed start line",
  "unsupported protocol version",
  "invalid character or form of the request target",
  "invalid status code",
  "invalid header field name",
  "invalid character in a header field value",
  "invalid or conflicting content-length",
  "invalid transfer-encoding",
  "unsupported transfer coding",
  "invalid or conflicting host",
  "unasked upgrade or incomplete websocket handshake",
  "message head too long",
  "too many header fields",
  "malformed chunk",
  "payload in a request of HTTP/1.0 that should have none",
];
