// Statements of userlist sections: `user` and `group` (configuration.txt 12.2).
import type { Cursor, KeywordEntry, Names, Section } from "../../config/mod.ts";
import { parseCrypt } from "./crypt.ts";
import type { GroupNode, UserNode } from "./userlist.ts";

/** True when an earlier statement of the section has the same keyword and name; warned about. */
function duplicated(cursor: Cursor, name: string): void {
  const { section } = cursor.context;
  const earlier = section.nodes.some((n) =>
    n.keyword === cursor.keyword && (n.value as { name: string }).name === name
  );
  if (earlier) cursor.warn(`ignoring duplicated ${cursor.keyword} '${name}' in userlist '${section.name}'.`);
}

function list(cursor: Cursor, what: string): string[] {
  return cursor.take(what).split(",").filter((name) => name !== "");
}

function parseUser(cursor: Cursor): UserNode {
  const name = cursor.take("<name>");
  duplicated(cursor, name);
  let password: UserNode["password"] = null;
  let groups: string[] = [];
  while (!cursor.done) {
    if (cursor.accept("insecure-password")) {
      password = { plain: cursor.take("a password") };
    } else if (cursor.accept("password")) {
      const at = cursor.at;
      const hash = parseCrypt(cursor.take("a password hash"));
      if (typeof hash === "string") cursor.fail(`'user' : the password of '${name}' is unusable: ${hash}.`, at);
      password = { hash };
    } else if (cursor.accept("groups")) {
      groups = list(cursor, "a list of groups");
    } else {
      cursor.fail("'user' only supports 'password', 'insecure-password' and 'groups' options.");
    }
  }
  return { name, password, groups };
}

function parseGroup(cursor: Cursor): GroupNode {
  const name = cursor.take("<name>");
  duplicated(cursor, name);
  let users: string[] = [];
  while (!cursor.done) {
    if (!cursor.accept("users")) cursor.fail("'group' only supports 'users' option.");
    users = list(cursor, "a list of users");
  }
  return { name, users };
}

/** The names that statements with `keyword` define in a section. */
function defined(section: Section, keyword: string): ReadonlySet<string> {
  return new Set(section.nodes.filter((n) => n.keyword === keyword).map((n) => (n.value as { name: string }).name));
}

const user: KeywordEntry<UserNode> = {
  kind: "keyword",
  name: "user",
  manual: "12.2",
  doc: "A user of the userlist, with a password and groups.",
  sections: ["userlist"],
  parse: parseUser,
  check(node, section: Section, names: Names) {
    const groups = defined(section, "group");
    for (const group of node.value.groups) {
      if (groups.has(group)) continue;
      names.error(
        node.at,
        `userlist '${section.name}': no such group '${group}' specified in user '${node.value.name}'`,
      );
    }
  },
};

const group: KeywordEntry<GroupNode> = {
  kind: "keyword",
  name: "group",
  manual: "12.2",
  doc: "A group of the userlist, and who is in it.",
  sections: ["userlist"],
  parse: parseGroup,
  check(node, section: Section, names: Names) {
    const users = defined(section, "user");
    for (const name of node.value.users) {
      if (users.has(name)) continue;
      names.error(
        node.at,
        `userlist '${section.name}': no such user '${name}' specified in group '${node.value.name}'`,
      );
    }
  },
};

export const userlistEntries = [user, group] as const;
