// Finding an ACL by name where a rule is parsed: those of the section so far, then the predefined ones.
import type { ParseContext } from "../config/mod.ts";
import type { AclNode, AclTest } from "./types.ts";

/** What the keyword `acl` makes of its line. */
export interface AclLineNode {
  readonly test: AclTest;
  /** Shared by all lines of the name, and by the conditions that use it: later lines add to it. */
  readonly acl: AclNode;
}

/** An ACL the section has declared so far; null when there is none of that name. */
export function findAcl(name: string, context: ParseContext): AclNode | null {
  for (const node of context.section.nodes) {
    if (node.keyword !== "acl") continue;
    const { acl } = node.value as AclLineNode;
    if (acl.name === name) return acl;
  }
  return null;
}

/** Predefined ACLs (configuration.txt 7.4) as `acl` lines write them. */
export const PREDEFINED_ACLS: Readonly<Record<string, readonly string[]>> = {
  FALSE: ["always_false"],
  HTTP: ["req.proto_http"],
  "HTTP_1.0": ["req.ver", "1.0"],
  "HTTP_1.1": ["req.ver", "1.1"],
  "HTTP_2.0": ["req.ver", "2.0"],
  "HTTP_3.0": ["req.ver", "3.0"],
  HTTP_CONTENT: ["req.hdr_val(content-length)", "gt", "0"],
  HTTP_URL_ABS: ["url_reg", "^[^/:]*://"],
  HTTP_URL_SLASH: ["url_beg", "/"],
  HTTP_URL_STAR: ["url", "*"],
  LOCALHOST: ["src", "127.0.0.1/8", "::1"],
  METH_CONNECT: ["method", "CONNECT"],
  METH_DELETE: ["method", "DELETE"],
  METH_GET: ["method", "GET", "HEAD"],
  METH_HEAD: ["method", "HEAD"],
  METH_OPTIONS: ["method", "OPTIONS"],
  METH_POST: ["method", "POST"],
  METH_PUT: ["method", "PUT"],
  METH_TRACE: ["method", "TRACE"],
  RDP_COOKIE: ["req.rdp_cookie_cnt", "gt", "0"],
  REQ_CONTENT: ["req.len", "gt", "0"],
  TRUE: ["always_true"],
  WAIT_END: ["wait_end"],
};
