// Userlists (configuration.txt 12.2): users with passwords, and the groups they are in.
//
// Checking a hash takes milliseconds in which the thread does nothing else, and a browser repeats its password with
// every request. So the SHA-256 of the last password that was right is kept for each user, and the hash is computed only
// for a password that differs from it.
import { digest, equalSecrets, latin1ToBytes } from "../../base/mod.ts";
import type { Model, Node } from "../../config/mod.ts";
import type { Userlist } from "../../sample/mod.ts";
import { cryptDigest } from "./crypt.ts";
import type { CryptHash } from "./crypt.ts";

export interface UserNode {
  readonly name: string;
  /** Null: the user has no password, nobody can be this user. */
  readonly password: { readonly plain: string } | { readonly hash: CryptHash } | null;
  readonly groups: readonly string[];
}

export interface GroupNode {
  readonly name: string;
  readonly users: readonly string[];
}

/** Longer passwords are wrong without a look: hashing takes time that grows with their length. */
const PASSWORD_MAX = 512;

class User {
  readonly groups: string[];
  readonly #password: UserNode["password"];
  #verified: Uint8Array | null = null;

  constructor(node: UserNode) {
    this.groups = [...node.groups];
    this.#password = node.password;
  }

  /** True when the password, whose characters are bytes, is the user's. */
  verify(password: string): boolean {
    if (this.#password === null || password.length > PASSWORD_MAX) return false;
    const sum = digest("sha256", latin1ToBytes(password))!;
    if (this.#verified !== null && equalSecrets(sum, this.#verified)) return true;
    if (!this.#matches(password)) return false;
    this.#verified = sum;
    return true;
  }

  #matches(password: string): boolean {
    const own = this.#password!;
    if ("plain" in own) return equalSecrets(latin1ToBytes(password), latin1ToBytes(own.plain));
    return equalSecrets(latin1ToBytes(cryptDigest(password, own.hash)), latin1ToBytes(own.hash.digest));
  }
}

/** The userlists of a model, by name, for one thread. */
export function buildUserlists(model: Model): Map<string, Userlist> {
  const lists = new Map<string, Userlist>();
  for (const section of model.sections) {
    if (section.kind === "userlist") lists.set(section.name, buildUserlist(section.nodes));
  }
  return lists;
}

function buildUserlist(nodes: readonly Node[]): Userlist {
  const users = new Map<string, User>();
  for (const node of nodes) {
    if (node.keyword !== "user") continue;
    const value = node.value as UserNode;
    if (!users.has(value.name)) users.set(value.name, new User(value));
  }
  for (const node of nodes) {
    if (node.keyword !== "group") continue;
    const value = node.value as GroupNode;
    for (const name of value.users) users.get(name)?.groups.push(value.name);
  }
  return {
    check(name, password) {
      const user = users.get(name);
      return user !== undefined && user.verify(password) ? user.groups : null;
    },
  };
}
