// Results of health checks, as the statistics name and describe them (management.txt 9.1 "check_status").

export const CHK_UNK = 0;
export const CHK_INI = 1;
export const CHK_SOCKERR = 2;
export const CHK_L4OK = 3;
export const CHK_L4TOUT = 4;
export const CHK_L4CON = 5;
export const CHK_L7OK = 6;
/** Passed on condition: the server gets no new streams (404 with `http-check disable-on-404`). */
export const CHK_L7OKC = 7;
export const CHK_L7TOUT = 8;
export const CHK_L7RSP = 9;
export const CHK_L7STS = 10;

/** Short and long names by status. */
export const CHECK_STATUSES: readonly (readonly [name: string, text: string])[] = [
  ["UNK", "Unknown"],
  ["INI", "Initializing"],
  ["SOCKERR", "Socket error"],
  ["L4OK", "Layer4 check passed"],
  ["L4TOUT", "Layer4 timeout"],
  ["L4CON", "Layer4 connection problem"],
  ["L7OK", "Layer7 check passed"],
  ["L7OKC", "Layer7 check conditionally passed"],
  ["L7TOUT", "Layer7 timeout"],
  ["L7RSP", "Layer7 invalid response"],
  ["L7STS", "Layer7 wrong status"],
];

/** What one check found. */
export interface CheckResult {
  readonly status: number;
  /** HTTP status of a layer 7 check, 0: none. */
  readonly code: number;
  /** What went wrong, for people; "" nothing to say. */
  readonly info: string;
}

/** Statuses of layer 7 that come with a code, be it 0. */
const WITH_CODE: readonly number[] = [CHK_L7OK, CHK_L7OKC, CHK_L7STS];

export function passed(status: number): boolean {
  return status === CHK_L4OK || status === CHK_L7OK || status === CHK_L7OKC;
}

/** "Layer7 wrong status, code: 500, info: "Internal Server Error", check duration: 1ms". */
export function describeResult(result: CheckResult, durationMs: number): string {
  let text = CHECK_STATUSES[result.status][1];
  if (WITH_CODE.includes(result.status)) text += `, code: ${result.code}`;
  if (result.info !== "") text += `, info: "${result.info}"`;
  return `${text}, check duration: ${durationMs}ms`;
}
