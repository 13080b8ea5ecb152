// What a process gives up, on a system that remembers the calls.
import { assertEquals } from "@std/assert";
import type { System } from "../sys/deno/mod.ts";
import { load } from "./load.ts";
import { programRegistry } from "./manifest.ts";
import { dropPrivileges, identityOf, limitDescriptors } from "./privileges.ts";
import { type ProcessSettings, processSettings } from "./settings.ts";

const registry = programRegistry();

function loaded(text: string) {
  const fs = { readFile: () => "none", readDir: () => "none", kind: () => "absent" as const };
  const files = [{ name: "t.cfg", text: `global\n${text}` }];
  return load({ files, env: {} }, registry, { fs, proc: { hostname: "h" } });
}

function settings(text: string): ProcessSettings {
  const { model, diagnostics } = loaded(text);
  if (model === null) throw new Error(diagnostics.map((d) => d.text).join("\n"));
  return processSettings(model, registry);
}

const ACCOUNTS: Record<string, string> = {
  "/etc/passwd": "root:x:0:0::/:/bin/sh\nproxy:x:13:14::/:/bin/false\n",
  "/etc/group": "root:x:0:\nproxies:x:15:proxy\n",
};
const fs = { readFile: (path: string) => new TextEncoder().encode(ACCOUNTS[path]) };

/** A system that does everything but what `fails` names. */
function system(fails = "", limits: [number, number] | string = [1000, 4000]) {
  const calls: string[] = [];
  const call = (name: string) => {
    calls.push(name);
    return name.startsWith(fails) && fails !== "" ? "Operation not permitted" : "";
  };
  const it = {
    forbidNewPrivileges: () => call("no new privileges"),
    changeRoot: (path: string) => call(`root ${path}`),
    clearGroups: () => call("groups"),
    setGroup: (gid: number) => call(`gid ${gid}`),
    setUser: (uid: number) => call(`uid ${uid}`),
    descriptorLimits: () => limits,
    setDescriptorLimits: (soft: number, hard: number) => call(`limit ${soft} ${hard}`),
  };
  return { system: it as unknown as System, calls };
}

function drop(text: string, fails = ""): unknown {
  const own = settings(text);
  const identity = identityOf(own, fs);
  if (typeof identity === "string") return identity;
  const { system: it, calls } = system(fails);
  const warnings: string[] = [];
  const result = dropPrivileges(it, own, identity, (text) => warnings.push(text));
  return [...calls, ...warnings, ...(result === "" ? [] : [result])];
}

Deno.test("PROC-11 root directory, groups, group, user: in this order", () => {
  const text = "  user proxy\n  group proxies\n  chroot /jail\n";
  assertEquals(drop(text), ["no new privileges", "root /jail", "groups", "gid 15", "uid 13"]);
  assertEquals(drop("  uid 7\n  gid 8\n"), ["no new privileges", "groups", "gid 8", "uid 7"]);
  assertEquals(drop("  uid 7\n"), ["no new privileges", "groups", "uid 7"]);
  assertEquals(drop("  daemon\n"), ["no new privileges"]);
});

Deno.test("PROC-11 what the system refuses ends the process; groups that stay are told", () => {
  const text = "  uid 7\n  gid 8\n  chroot /jail\n";
  assertEquals(drop(text, "root"), [
    "no new privileges",
    "root /jail",
    "Cannot chroot(/jail): Operation not permitted.",
  ]);
  const gid = drop(text, "gid") as string[];
  assertEquals(gid[gid.length - 1], "Cannot set gid 8: Operation not permitted.");
  const uid = drop(text, "uid") as string[];
  assertEquals(uid[uid.length - 1], "Cannot set uid 7: Operation not permitted.");
  assertEquals(drop("  uid 7\n", "groups"), [
    "no new privileges",
    "groups",
    "uid 7",
    "Failed to drop supplementary groups: Operation not permitted.",
  ]);
});

Deno.test("PROC-11 names are looked up, the first of two statements counts", () => {
  assertEquals(drop("  user nobody\n"), "cannot find user id for 'nobody' (unknown user name 'nobody')");
  assertEquals(drop("  group proxy\n"), "cannot find group id for 'proxy' (unknown group name 'proxy')");
  assertEquals(identityOf(settings("  user proxy\n  uid 7\n"), fs), { uid: 13, gid: -1 });
  assertEquals(identityOf(settings("  gid 8\n  group proxies\n"), fs), { uid: -1, gid: 8 });
  assertEquals(loaded("  uid 7\n  user proxy\n").diagnostics.map((d) => [d.level, d.at?.line, d.text]), [
    ["WARNING", 3, "user/uid already specified. Continuing."],
  ]);
});

Deno.test("PROC-11 insecure-setuid-wanted and insecure-fork-wanted, and their opposites", () => {
  assertEquals(drop("  insecure-setuid-wanted\n"), []);
  assertEquals(drop("  insecure-setuid-wanted\n  no insecure-setuid-wanted\n"), ["no new privileges"]);
  assertEquals(settings("  insecure-fork-wanted\n").forkWanted, true);
  assertEquals(settings("  insecure-fork-wanted\n  no insecure-fork-wanted\n").forkWanted, false);
});

function limit(text: string, maxconn: number, fails = "", limits: [number, number] | string = [1000, 4000]): unknown[] {
  const { system: it, calls } = system(fails, limits);
  const warnings: string[] = [];
  const result = limitDescriptors(it, { settings: settings(text), maxconn, fixed: 100 }, (text) => warnings.push(text));
  return [...calls, ...warnings, ...(result === "" ? [] : [result])];
}

Deno.test("PROC-22 ulimit-n, and what maxconn needs, set the limit of descriptors", () => {
  assertEquals(limit("", 0), []);
  assertEquals(limit("", 450), [], "two for each connection and 100 are there");
  assertEquals(limit("", 1000), ["limit 2100 4000"]);
  assertEquals(limit("", 5000), ["limit 10100 10100"]);
  assertEquals(limit("  ulimit-n 300\n", 1000), ["limit 300 4000"]);
  assertEquals(limit("  ulimit-n 9000\n", 0), ["limit 9000 9000"]);
  assertEquals(limit("  ulimit-n 9000\n", 0, "", "no library"), [], "what is not known is left alone");
});

Deno.test("PROC-22 strict-limits: a limit that cannot be set ends the start, or is told", () => {
  const tries = ["limit 9000 9000", "limit 4000 4000"];
  const text = "Cannot raise FD limit to 9000, limit is 4000.";
  const told = (statement: string) => {
    const { system: it, calls } = system("limit");
    const result = limitDescriptors(
      it,
      { settings: settings(`  ulimit-n 9000\n${statement}`), maxconn: 0, fixed: 100 },
      (warning) => {
        calls.push(`warning ${warning}`);
      },
    );
    return [...calls, result];
  };
  assertEquals(told(""), [...tries, text]);
  assertEquals(told("  no strict-limits\n"), [...tries, `warning ${text}`, ""]);
  assertEquals(told("  no strict-limits\n  strict-limits\n"), [...tries, text]);
  assertEquals(limit("", 5000, "limit"), ["limit 10100 10100", "limit 4000 4000"], "as far as it goes");
});
