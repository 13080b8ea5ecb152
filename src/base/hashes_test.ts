import { assertEquals } from "@std/assert";
import { latin1ToBytes } from "./bytes.ts";
import { avalanche, crc32, crc32c, djb2, sdbm, xxh32 } from "./hashes.ts";
import { xxh3 } from "./xxh3.ts";
import { xxh64 } from "./xxh64.ts";

/** The input of `length` letters that was sent to the packaged haproxy, in a header, for the answers below. */
function letters(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => 97 + (i * 7 + Math.floor(i / 26)) % 26);
}

/** Length of the input; sdbm, djb2, crc32, crc32c, xxh32, xxh32(12345) as haproxy 2.6 answers. */
const ANSWERS_32: readonly (readonly number[])[] = [
  [1, 97, 177670, 3904355907, 3251651376, 1426945110, 2193826486],
  [3, 808188392, 193486173, 3330139491, 3243836209, 3748350165, 1173044611],
  [4, 3568992398, 2090076531, 3206116995, 3339547397, 1871729438, 3383567186],
  [8, 3927798812, 1372169833, 1243837068, 2647849958, 1129691476, 3024504019],
  [9, 291214153, 2331931630, 194942499, 3276163366, 1145744317, 3952393173],
  [16, 613463070, 1203759571, 1992233622, 1133684735, 3877620581, 968792223],
  [17, 3015332811, 1069360284, 4285972242, 3862419977, 1946485937, 3784996351],
  [31, 3264830665, 2576738138, 1801974086, 1623876425, 1791512466, 600356287],
  [32, 1082578402, 3427980037, 2545341449, 2476435227, 2843920408, 1436742953],
  [33, 3071320848, 1454191639, 356708845, 1268416664, 3161705818, 1488899775],
  [128, 2935679878, 1188729719, 1850233805, 2668603795, 1054247321, 1941397110],
  [129, 4215666283, 573375176, 280713337, 1357480981, 1274167909, 3004737092],
  [240, 914017224, 2408876051, 3472188410, 3497006401, 3312562970, 1130758700],
  [241, 872425138, 2183498477, 1064606158, 4224172494, 3366494563, 792033176],
  [1025, 97415734, 1924065555, 3801931788, 1209915702, 2936675766, 1304803405],
  [2100, 1838979192, 2911255557, 3402255639, 1061724595, 405469120, 910027383],
];

/** Length of the input; xxh64, xxh64(12345), xxh3, xxh3(12345) as haproxy 2.6 answers: signed. */
const ANSWERS_64: readonly (readonly [number, bigint, bigint, bigint, bigint])[] = [
  [1, -3292477735350538661n, 8393449687169276598n, -1817709641818812897n, -6786620829633724069n],
  [3, -1107526042795709573n, -264781670674429237n, 9125552886706874172n, -4345230825988242847n],
  [4, 2711106134884117176n, 1642197347731109669n, -6905390556216652696n, -1098128656777342466n],
  [8, 3637908662901066584n, -1353840142054394217n, -5885871684485371485n, 2511102388898102645n],
  [9, 7925971995785503353n, 1201601967530464353n, -8484435020119246051n, -8102220476252542881n],
  [16, -3706092872040145005n, 6801123576846300073n, -2318025358746445121n, -6947406677427604522n],
  [17, 858555312169015728n, 2344488075928380654n, -7790257076576202146n, -71691213027991858n],
  [31, 1293680176999876452n, -361902264632318828n, 6151626100506268800n, -7454929606272261301n],
  [32, 4585915917835217738n, -3107124414736363046n, -3455901869867308941n, -8538185923475820816n],
  [33, 6106822266384174941n, 7269362243258527819n, -3200329858097251730n, 2431020405322157858n],
  [128, 3738937296030904829n, 5844076471536319404n, -7371096897602777785n, 4677032252993101672n],
  [129, -7039703506118047322n, -184744693021131891n, 5062506816131233615n, -6917004520130850992n],
  [240, -6647169557614038263n, 5092772403389790608n, -3187220138884095608n, 2800869831628664854n],
  [241, 9071918435506393800n, -5525136654096468870n, 2042001707698554418n, -1594984652875894870n],
  [1025, -3611403533302568789n, 2822300939630532668n, -739738371030003869n, 778923736184227915n],
  [2100, 2235910878150583440n, -2003575166345748037n, 7165819317392301693n, -7630337574611184873n],
];

/** Length of the input; sdbm(1), crc32(1), djb2(1), crc32c(1) as haproxy 2.6 answers. */
const ANSWERS_AVALANCHE: readonly (readonly number[])[] = [
  [1, 1830748055, 1288200982, 3548763807, 626010576],
  [3, 1463060964, 2612006041, 1035782548, 1971272437],
  [4, 1219067543, 2493429500, 1949183546, 571609942],
  [8, 343800892, 1459099103, 3941949635, 2203306486],
  [9, 2171840849, 3872387773, 2343720213, 2561129491],
  [16, 3420212873, 2842721290, 645255443, 3672257398],
  [17, 3782517929, 848670675, 3924858372, 1696345343],
  [31, 3902425511, 579892327, 1920825588, 1655483764],
];

Deno.test("CONV-17 32-bit hashes agree with haproxy at every kind of length", () => {
  for (const [length, ...want] of ANSWERS_32) {
    const b = letters(length);
    assertEquals([sdbm(b), djb2(b), crc32(b), crc32c(b), xxh32(b), xxh32(b, 12345)], want, `length ${length}`);
  }
});

Deno.test("CONV-05 CONV-17 64-bit hashes agree with haproxy at every kind of length", () => {
  for (const [length, ...want] of ANSWERS_64) {
    const b = letters(length);
    const got = [xxh64(b), xxh64(b, 12345n), xxh3(b), xxh3(b, 12345n)].map((x) => BigInt.asIntN(64, x));
    assertEquals(got, want, `length ${length}`);
  }
});

Deno.test("LB-08 the avalanche modifier agrees with haproxy", () => {
  for (const [length, ...want] of ANSWERS_AVALANCHE) {
    const b = letters(length);
    assertEquals([sdbm(b), crc32(b), djb2(b), crc32c(b)].map(avalanche), want, `length ${length}`);
  }
});

Deno.test("CONV-05 CONV-17 hashes agree with their specifications", () => {
  const digits = latin1ToBytes("123456789");
  const none = new Uint8Array(0);
  assertEquals(crc32(digits), 0xcbf43926);
  assertEquals(crc32c(digits), 0xe3069283);
  assertEquals(xxh32(none), 0x02cc5d05);
  assertEquals(xxh64(none), 0xef46db3751d8e999n);
  assertEquals(xxh3(none), 0x2d06800538d394c2n);
  assertEquals([sdbm(none), djb2(none), crc32(none)], [0, 5381, 0]);
});

Deno.test("hashes: a range counts, not what is around it; a negative seed is its low 64 bits", () => {
  const b = letters(400);
  const part = b.slice(3, 300);
  assertEquals(sdbm(b, 3, 300), sdbm(part));
  assertEquals(djb2(b, 3, 300), djb2(part));
  assertEquals(crc32(b, 3, 300), crc32(part));
  assertEquals(xxh32(b, 1, 3, 300), xxh32(part, 1));
  for (const to of [4, 8, 15, 100, 200, 300]) {
    assertEquals(xxh64(b, 5n, 3, to), xxh64(b.slice(3, to), 5n));
    assertEquals(xxh3(b, 5n, 3, to), xxh3(b.slice(3, to), 5n));
    assertEquals(xxh3(b, -1n, 3, to), xxh3(b, 0xffffffffffffffffn, 3, to));
    assertEquals(xxh64(b, -1n, 3, to), xxh64(b, 0xffffffffffffffffn, 3, to));
  }
});
