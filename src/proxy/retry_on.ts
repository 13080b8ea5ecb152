// Failures after which an attempt on a server is repeated (configuration.txt 4.2 "retry-on"): bits of one number.

export const RETRY_CONN_FAILURE = 1;
export const RETRY_EMPTY_RESPONSE = 2;
export const RETRY_JUNK_RESPONSE = 4;
export const RETRY_RESPONSE_TIMEOUT = 8;
/** No connection to a server sends early data so far: nothing can be rejected. */
const RETRY_0RTT_REJECTED = 16;
/** The bit of the first status of STATUSES. */
const FIRST_STATUS = 32;

const STATUSES: readonly number[] = [401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504];

const KEYWORDS: ReadonlyMap<string, number> = new Map([
  ["none", 0],
  ["conn-failure", RETRY_CONN_FAILURE],
  ["empty-response", RETRY_EMPTY_RESPONSE],
  ["junk-response", RETRY_JUNK_RESPONSE],
  ["response-timeout", RETRY_RESPONSE_TIMEOUT],
  ["0rtt-rejected", RETRY_0RTT_REJECTED],
  [
    "all-retryable-errors",
    [500, 502, 503, 504].reduce((bits, status) => bits | retryOfStatus(status), FIRST_STATUS - 1),
  ],
  ...STATUSES.map((status): [string, number] => [String(status), retryOfStatus(status)]),
]);

/** All that happens to a request on its way back and forth: it must be kept until then. */
export const RETRY_REQUEST: number = (FIRST_STATUS << STATUSES.length) - 1 & ~RETRY_CONN_FAILURE;

/** What may happen to a request on a connection that rested and broke: with these a first request may go over one. */
export const RETRY_AFTER_REUSE: number = RETRY_CONN_FAILURE | RETRY_EMPTY_RESPONSE | RETRY_RESPONSE_TIMEOUT;

/** The bit of a keyword; undefined when there is none of that name. */
export function retryOfKeyword(keyword: string): number | undefined {
  return KEYWORDS.get(keyword);
}

/** The bit of a status, 0 for one that is never a reason. */
export function retryOfStatus(status: number): number {
  const i = STATUSES.indexOf(status);
  return i < 0 ? 0 : FIRST_STATUS << i;
}
