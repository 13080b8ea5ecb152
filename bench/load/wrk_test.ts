import { assertEquals } from "@std/assert";
import { parse } from "./wrk.ts";

Deno.test("the report of wrk is read: counts, percentiles in any unit, errors of every kind", () => {
  const report = `Running 1s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.53ms    3.70ms  46.55ms   93.14%
    Req/Sec    29.94k     3.01k   33.94k    63.64%
  Latency Distribution
     50%  802.00us
     75%    1.41ms
     90%    1.74ms
     99%    1.20s
  32764 requests in 1.10s, 5.19MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  29786.39
Transfer/sec:      4.72MB
`;
  assertEquals(parse(report), { requests: 32764, perSecond: 29786.39, p50Ms: 0.802, p99Ms: 1200, errors: 15 });
});
