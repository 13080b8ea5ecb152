// The parts of a request target (RFC 9112 3.2) as rules replace them. Characters are bytes.
import { writeLatin1 } from "../base/mod.ts";
import type { Message } from "../http/mod.ts";
import type { SampleEnv } from "../sample/mod.ts";

export type TargetPart = "path" | "pathq" | "query" | "uri";

/** Where the path begins: at the first slash behind an optional scheme and authority; -1: there is no path. */
function pathStart(target: string): number {
  if (target.startsWith("/")) return 0;
  const scheme = target.indexOf("://");
  if (scheme < 0) return -1;
  const slash = target.indexOf("/", scheme + 3);
  const query = target.indexOf("?", scheme + 3);
  return query >= 0 && query < slash ? -1 : slash;
}

/** The part of a target; null when it has none. A query is what follows the question mark. */
export function targetPart(target: string, part: TargetPart): string | null {
  if (part === "uri") return target;
  const start = pathStart(target);
  if (start < 0) return null;
  const query = target.indexOf("?", start);
  if (part === "pathq") return target.slice(start);
  if (part === "path") return query < 0 ? target.slice(start) : target.slice(start, query);
  return query < 0 ? null : target.slice(query + 1);
}

/** The target with a part replaced. A target without a path ("*") becomes the path. */
export function withPart(target: string, part: TargetPart, value: string): string {
  if (part === "uri") return value;
  const mark = target.indexOf("?");
  if (part === "query") {
    if (mark >= 0) return target.slice(0, mark + 1) + value;
    return value === "" ? target : target + "?" + value;
  }
  const start = pathStart(target);
  if (start < 0) return value;
  const query = target.indexOf("?", start);
  const before = target.slice(0, start);
  return part === "pathq" || query < 0 ? before + value : before + value + target.slice(query);
}

/** Gives a request another target. False: no room, or no target can be so. */
export function setTarget(message: Message, target: string, env: SampleEnv): boolean {
  const scratch = env.scratch();
  if (target.length > scratch.length) return false;
  return message.setTarget(scratch, 0, writeLatin1(scratch, 0, target));
}
