// Values of list fields, cookies and parameters: the observed behaviour of HAProxy's fetches on the same input.
import { assertEquals } from "@std/assert";
import { latin1ToBytes } from "../base/mod.ts";
import { CookieCursor, cookieIs, nextCookie, nextSetCookie } from "./cookies.ts";
import { Message } from "./message.ts";
import { HeaderName } from "./names.ts";
import { nextParam, ParamCursor } from "./query.ts";
import { countFields, countValues, nextValue, nthField, nthValue, ValueCursor } from "./values.ts";

const X = new HeaderName("x");

function withFields(name: HeaderName, values: readonly string[]): Message {
  const m = new Message();
  m.attach(new Uint8Array(2048), 0);
  m.add(new HeaderName("before"), "0,1");
  for (const value of values) {
    const bytes = latin1ToBytes(value);
    m.addBytes(name, bytes, 0, bytes.length);
  }
  m.add(new HeaderName("behind"), "9");
  return m;
}

const LISTS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["a"], ["a"]],
  [["a,b"], ["a", "b"]],
  [["a,,b"], ["a", "", "b"]],
  [[",a"], ["", "a"]],
  [["a,"], ["a", ""]],
  [['"x,y",z'], ['"x,y"', "z"]],
  [[" a , b\t"], ["a", "b"]],
  [[""], [""]],
  [["a", "b,c"], ["a", "b", "c"]],
  [["'a,b'"], ["'a", "b'"]],
  [['"a\\",b",c'], ['"a\\",b"', "c"]],
  [['"a,b'], ['"a,b']],
  [[","], ["", ""]],
  [["a", "", "b"], ["a", "", "b"]],
  [[], []],
];

Deno.test("H1-01 list values: parts from the front and from the back", () => {
  for (const [values, parts] of LISTS) {
    const m = withFields(X, values);
    const c = new ValueCursor();
    const got = [];
    while (nextValue(m, X, c)) got.push(m.text(c.from, c.to));
    assertEquals(got, parts, JSON.stringify(values));
    assertEquals(countValues(m, X, c), parts.length);
    for (let n = 1; n <= parts.length; n++) {
      assertEquals(nthValue(m, X, n, c), true);
      assertEquals(m.text(c.from, c.to), parts[n - 1]);
      assertEquals(nthValue(m, X, -n, c), true);
      assertEquals(m.text(c.from, c.to), parts[parts.length - n]);
    }
    for (const n of [0, parts.length + 1, -parts.length - 1]) assertEquals(nthValue(m, X, n, c), false);
    assertEquals(countFields(m, X), values.length);
    for (let n = 1; n <= values.length; n++) {
      assertEquals(nthField(m, X, n), n);
      assertEquals(nthField(m, X, -n), values.length - n + 1);
    }
    for (const n of [0, values.length + 1, -values.length - 1]) assertEquals(nthField(m, X, n), -1);
    assertEquals(countValues(m, null, c), parts.length + 3, "of all fields");
    assertEquals(countFields(m, null), values.length + 2);
    assertEquals(nthField(m, null, -1), values.length + 1);
  }
});

Deno.test("H1-01 cookies of requests", () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["a=1; b=2"], "a=1|b=2"],
    [["a=1;a=2"], "a=1|a=2"],
    [["a = 1 ; b= 2 "], "a=1|b=2"],
    [["a=;b=2"], "a=|b=2"],
    [["a; b=2"], "b=2"],
    [["a"], ""],
    [['a="x;y"; b=2'], 'a="x;y"|b=2'],
    [["a=1, b=2"], "a=1|b=2"],
    [["a=1=2; b=3"], "a=1=2|b=3"],
    [[";;a=1;;b=2;"], "a=1|b=2"],
    [["=x; a=1"], "=x|a=1"],
    [["a=1", "a=2; b=5"], "a=1|a=2|b=5"],
    [["a=1\tb"], "a=1\tb"],
    [['a="x, b=3"'], 'a="x, b=3"'],
    [["", "a=1"], "a=1"],
  ];
  for (const [values, expected] of cases) {
    const m = withFields(new HeaderName("cookie"), values);
    const c = new CookieCursor();
    const got = [];
    while (nextCookie(m, c)) got.push(`${m.text(c.nameFrom, c.nameTo)}=${m.text(c.valueFrom, c.valueTo)}`);
    assertEquals(got.join("|"), expected, JSON.stringify(values));
    c.reset();
    assertEquals(nextSetCookie(m, c), false);
  }
  const m = withFields(new HeaderName("cookie"), ["ab=1"]);
  const c = new CookieCursor();
  nextCookie(m, c);
  assertEquals(["ab", "aB", "a", "abc"].map((n) => cookieIs(m, c, latin1ToBytes(n))), [true, false, false, false]);
});

Deno.test("H1-01 cookies of responses: attributes are none", () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["a=1; Path=/"], "a=1"],
    [["a = 1 ; path"], "a=1"],
    [["a=1", "b=2; x=y"], "a=1|b=2"],
    [["a=1, b=2"], "a=1|b=2"],
    [["a=1; x=y, b=2; z=1"], "a=1|b=2"],
    [['a="x;y"; z'], 'a="x;y"'],
    [["a=1; Expires=Tue, 11 Jun"], "a=1"],
  ];
  for (const [values, expected] of cases) {
    const m = withFields(new HeaderName("set-cookie"), values);
    const c = new CookieCursor();
    const got = [];
    while (nextSetCookie(m, c)) got.push(`${m.text(c.nameFrom, c.nameTo)}=${m.text(c.valueFrom, c.valueTo)}`);
    assertEquals(got.join("|"), expected, JSON.stringify(values));
  }
});

Deno.test("H1-01 parameters of a query", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a=1&b=2", "a=1|b=2"],
    ["a&b=1", "b=1"],
    ["a=", "a="],
    ["x?a=1", "a=1"],
    ["a=1;b=2", "a=1|b=2"],
    ["&&a=1", "a=1"],
    ["=1&a=2=3", "=1|a=2=3"],
    ["", ""],
  ];
  for (const [query, expected] of cases) {
    const bytes = latin1ToBytes("?" + query + "&z=9");
    const c = new ParamCursor();
    c.start(1);
    const got = [];
    while (nextParam(bytes, 1 + query.length, 63, c)) {
      const text = String.fromCharCode(...bytes);
      got.push(`${text.slice(c.nameFrom, c.nameTo)}=${text.slice(c.valueFrom, c.valueTo)}`);
    }
    assertEquals(got.join("|"), expected, query);
  }
  const path = latin1ToBytes("/p;a=1?b=2");
  const c = new ParamCursor();
  c.start(3);
  assertEquals([nextParam(path, path.length, 59, c), c.valueFrom, c.valueTo], [true, 5, 10]);
});
