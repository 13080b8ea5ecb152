// Actions that answer the request here: return, deny, tarpit, auth (configuration.txt 4.4).
import { isFieldValueText } from "../../http/mod.ts";
import { buildHttpReply, checkHttpReply, parseHttpReply } from "../replies/http_reply.ts";
import type { HttpReplyNode, ReplyPlace } from "../replies/http_reply.ts";
import type { RuleCursor } from "../rule_cursor.ts";
import { Reply, RULE_REPLY } from "../types.ts";
import type { ActionEntry, ActionFn } from "../types.ts";
import { takeArgument } from "./arguments.ts";

function parse(cursor: RuleCursor, status: number, body: ReplyPlace["body"]): HttpReplyNode {
  return parseHttpReply(cursor, { status, body, offers: cursor.offers });
}

const returnAction: ActionEntry<HttpReplyNode> = {
  kind: "action",
  name: "return",
  manual: "4.4",
  doc: "Answers with a response made here.",
  rulesets: ["http-request", "http-response"],
  final: true,
  parse: (cursor) => parse(cursor, 200, "none"),
  check: (node, at, _section, names) => checkHttpReply(node, at, names),
  build(node, env): ActionFn {
    const make = buildHttpReply(node, env);
    return (context) => {
      context.reply = make(context);
      return RULE_REPLY;
    };
  },
};

const deny: ActionEntry<HttpReplyNode> = {
  kind: "action",
  name: "deny",
  manual: "4.4",
  doc: "Refuses the request, or the response.",
  rulesets: ["http-request", "http-response"],
  final: true,
  parse: (cursor) => parse(cursor, cursor.ruleset === "http-request" ? 403 : 502, "default"),
  check: (node, at, _section, names) => checkHttpReply(node, at, names),
  build(node, env): ActionFn {
    const make = buildHttpReply(node, env);
    return (context) => {
      context.finalStatus("P");
      context.reply = make(context);
      return RULE_REPLY;
    };
  },
};

const tarpit: ActionEntry<HttpReplyNode> = {
  kind: "action",
  name: "tarpit",
  manual: "4.4",
  doc: 'Refuses the request, after "timeout tarpit".',
  rulesets: ["http-request"],
  final: true,
  parse: (cursor) => parse(cursor, 500, "default"),
  check: (node, at, _section, names) => checkHttpReply(node, at, names),
  build(node, env): ActionFn {
    const make = buildHttpReply(node, env);
    return (context) => {
      context.finalStatus("P");
      const reply = copyReply(make(context));
      reply.tarpit = true;
      context.reply = reply;
      return RULE_REPLY;
    };
  },
};

/** Without a realm the proxy's name stands for it. */
const auth: ActionEntry<string> = {
  kind: "action",
  name: "auth",
  manual: "4.4",
  doc: "Asks the client for a user name and password.",
  rulesets: ["http-request"],
  final: true,
  parse(cursor: RuleCursor) {
    if (!cursor.accept("realm")) return "";
    const at = cursor.at;
    const realm = takeArgument(cursor, "<realm>");
    if (realm.includes('"') || !isFieldValueText(realm)) cursor.fail(`'${realm}' cannot be sent as a realm.`, at);
    return realm;
  },
  build(realm, env): ActionFn {
    return (context) => {
      const proxy = context.proxyRequest;
      const header = proxy ? "proxy-authenticate" : "www-authenticate";
      const page = context.errorReply(proxy ? 407 : 401);
      const reply = copyReply(page, header);
      reply.headers.push(header, `Basic realm="${realm || env.rules.name}"`);
      context.reply = reply;
      return RULE_REPLY;
    };
  },
};

/** A reply of one's own, without the headers called `without`. */
function copyReply(reply: Reply, without = ""): Reply {
  const copy = new Reply();
  copy.status = reply.status;
  copy.reason = reply.reason;
  for (let i = 0; i < reply.headers.length; i += 2) {
    if (reply.headers[i] !== without) copy.headers.push(reply.headers[i], reply.headers[i + 1]);
  }
  copy.body = reply.body;
  copy.raw = reply.raw;
  copy.close = reply.close;
  return copy;
}

export const replyActions = [returnAction, deny, tarpit, auth] as const;
