// Repeating an attempt whose request was already sent (configuration.txt 4.2 "retry-on"): when a request is kept for that, and
// which failures are a reason. The client sees only the last attempt.
import { BODY_LENGTH } from "../http/mod.ts";
import { EP_INVALID, EP_NOTHING, EP_TOO_LARGE, EP_TRUNCATED } from "../mux/mod.ts";
import {
  RETRY_AFTER_REUSE,
  RETRY_EMPTY_RESPONSE,
  RETRY_JUNK_RESPONSE,
  RETRY_REQUEST,
  RETRY_RESPONSE_TIMEOUT,
  retryOfStatus,
} from "../proxy/mod.ts";
import { IO_RESET, WAKE_TIMEOUT } from "../sys/types.ts";
import { KeptBody } from "./kept_body.ts";
import type { Stream } from "./stream.ts";

/** How often an attempt may be repeated: `http-request set-retries`, else `retries`. */
export function retriesOf(s: Stream): number {
  return s.retriesAllowed >= 0 ? s.retriesAllowed : s.backend!.config.retries;
}

/** Keeps the request from here on, if the backend wants attempts repeated and no rule forbids it. */
export function keepRequest(s: Stream): void {
  if ((s.backend!.config.retryOn & RETRY_REQUEST) === 0 || s.l7RetryDisabled || retriesOf(s) === 0) return;
  s.uploader.kept = s.keptBody ??= new KeptBody(s.env.sys.blocks, s.env.bug);
}

/** The first request of a session may go over a connection that rested: should that be dead it is sent over another one. */
export function coversReuse(s: Stream): boolean {
  if (s.uploader.kept === null || (s.backend!.config.retryOn & RETRY_AFTER_REUSE) !== RETRY_AFTER_REUSE) return false;
  return s.front.complete || (s.request.bodyKind === BODY_LENGTH && s.request.contentLength <= s.env.sys.blocks.size);
}

/** Whether what came of the attempt, a head (1) or a code, is a reason for another one. */
export function isWorthRetrying(s: Stream, got: number): boolean {
  const { kept } = s.uploader;
  if (kept === null || !kept.whole || s.interimSent || s.stopped !== 0 || s.clientCode < 0) return false;
  if (s.retries >= retriesOf(s)) return false;
  return (s.backend!.config.retryOn & reasonOf(s, got)) !== 0;
}

function reasonOf(s: Stream, got: number): number {
  switch (got) {
    case 1:
      return retryOfStatus(s.response.status);
    case WAKE_TIMEOUT:
      return RETRY_RESPONSE_TIMEOUT;
    case EP_NOTHING:
      return RETRY_EMPTY_RESPONSE;
    case IO_RESET: {
      const { conn } = s.back!;
      return conn !== null && conn.tail > conn.head ? RETRY_JUNK_RESPONSE : RETRY_EMPTY_RESPONSE;
    }
    case EP_INVALID:
    case EP_TOO_LARGE:
    case EP_TRUNCATED:
      return RETRY_JUNK_RESPONSE;
    default:
      return 0;
  }
}

/** Lets go of the connection of an attempt that failed, and waits until nothing of it borrows the request. */
export async function dropAttempt(s: Stream): Promise<void> {
  // The end of the upload must not look like the client's.
  s.unwatchClient();
  if (s.upload !== null) {
    await s.stopUpload();
    s.uploader.stop = s.stopped;
  }
  const back = s.detachBack()!;
  s.clientSide.resume();
  back.close();
  await back.sendIdle();
  if (s.backend!.config.abortOnClose) s.watchClient();
}
