// Commands of the runtime API on maps, ACL lists and variables: the same lines to haproxy and to Sluice, the same answers but
// for addresses of entries.
import { assertEquals } from "@std/assert";
import { freePort } from "../conformance/program.ts";
import { type Engine, haproxyIsHere, startHaproxy, startSluice } from "./engines.ts";

const MAP = "a va\nb vb x\n# none\na va2\n";
const LIST = "10.0.0.0/8\n127.0.0.1\n";

interface Place {
  readonly socket: string;
  readonly map: string;
  readonly list: string;
}

function config(port: number, { socket, map, list }: Place): string {
  return `global
  stats socket ${socket} level admin
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend f
  bind 127.0.0.1:${port}
  acl listed src -f ${list}
  acl written path -u 9 /w
  acl shared path -M -m beg -f ${map}
  http-request deny if listed written shared
  http-request return status 200 content-type text/plain lf-string "%[path,map(${map},none)]"
`;
}

/** One line to the command line; what comes back. */
async function ask(socket: string, line: string): Promise<string> {
  const conn = await Deno.connect({ transport: "unix", path: socket });
  await conn.write(new TextEncoder().encode(`${line}\n`));
  await conn.closeWrite();
  const decoder = new TextDecoder();
  let answer = "";
  for await (const chunk of conn.readable) answer += decoder.decode(chunk, { stream: true });
  return answer;
}

/** Addresses differ; haproxy forgets the line end of answers about variables, so that the empty line is missing. */
function normalized(answer: string, line: string, { map, list }: Place): string {
  const whole = line.includes(" var ") ? answer.trimEnd() : answer;
  return whole.replace(/^0x[0-9a-f]+/gm, "0x").replaceAll(map, "<map>").replaceAll(list, "<list>");
}

const LINES: readonly string[] = [
  "show map MAP",
  "show acl LIST",
  "show acl #9",
  "show map nope",
  "show acl nope",
  "show map @7 MAP",
  "get map MAP zz",
  "get acl #9 /w",
  "get acl #9 /v",
  "get acl LIST 10.1.2.3",
  "get map MAP",
  "get acl",
  "get map nope x",
  "get acl nope x",
  "add map MAP k1 v1 extra",
  "add map MAP k3",
  "add map",
  "add map nope a b",
  "add acl MAP a b",
  "add acl #9 /y",
  "add acl #9",
  "add acl nope x",
  "add acl LIST zzz",
  "add acl LIST 1.2.3.4/8",
  "show acl LIST",
  "set map MAP k1 nv",
  "set map MAP zz nv",
  "set map MAP k1",
  "set map nope a b",
  "set map MAP #0x1 x",
  "show map MAP",
  "del map MAP k1",
  "del map MAP k1",
  "del map MAP",
  "del map nope a",
  "del map MAP #0x1",
  "del acl #9 nope",
  "del acl #9 /y",
  "del acl MAP a",
  "clear map nope",
  "clear map",
  "clear acl",
  "clear acl nope",
  "prepare map MAP",
  "prepare map MAP",
  "prepare acl #9",
  "prepare map",
  "prepare map nope",
  "add map @1 MAP new1 v",
  "add map @5 MAP new1 v",
  "show map @1 MAP",
  "commit map @7 MAP",
  "commit map MAP",
  "commit map @0 MAP",
  "commit map",
  "commit map @2 nope",
  "add map @2 MAP new2 v",
  "clear map @1 MAP",
  "clear map @9 MAP",
  "show map @1 MAP",
  "commit map @2 MAP",
  "show map MAP",
  "commit map @2 MAP",
  "commit acl @1 #9",
  "show acl #9",
  "add map MAP <<\nm1 v1 x y\nm2\tv2\n",
  "show map MAP",
  "clear map MAP",
  "show map MAP",
  "get var proc.x",
  "set var proc.x int(5)",
  "experimental-mode on; set var proc.x int(5); get var proc.x",
  "experimental-mode on; set var proc.y str(a\\ b); get var proc.y",
  "experimental-mode on; set var proc.z fmt %[int(3)]_x; get var proc.z",
  "experimental-mode on; set var sess.x int(4)",
  "experimental-mode on; set var proc.q expr foo",
  "experimental-mode on; set var",
  "experimental-mode on; set var proc.a",
  "experimental-mode on; set var proc.b bool(true); get var proc.b",
  "experimental-mode on; set var proc.c bin(0102); get var proc.c",
  "experimental-mode on; set var proc.j ipv6(::1); get var proc.j",
];

Deno.test({
  name: "API-12 API-13 VAR-03 commands on maps, ACL lists and variables answer as the packaged haproxy's",
  ignore: !haproxyIsHere,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "diff-" });
    const place = (name: string): Place => ({
      socket: `${folder}/${name}.sock`,
      map: `${folder}/${name}.map`,
      list: `${folder}/${name}.lst`,
    });
    const places = [place("haproxy"), place("sluice")];
    const engines: Engine[] = [];
    try {
      for (const { map, list } of places) {
        Deno.writeTextFileSync(map, MAP);
        Deno.writeTextFileSync(list, LIST);
      }
      const port = freePort();
      engines.push(await startHaproxy(config(port, places[0]), port));
      engines.push(await startSluice(config(freePort(), places[1])));
      const differences: string[] = [];
      for (const line of LINES) {
        const answers: string[] = [];
        for (const at of places) {
          const asked = line.replaceAll("MAP", at.map).replaceAll("LIST", at.list);
          answers.push(normalized(await ask(at.socket, asked), line, at));
        }
        if (answers[0] !== answers[1]) {
          differences.push(
            `${line}\n  haproxy: ${JSON.stringify(answers[0])}\n  sluice:  ${JSON.stringify(answers[1])}`,
          );
        }
      }
      assertEquals(differences.join("\n"), "");
    } finally {
      for (const engine of engines) await engine.stop();
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
