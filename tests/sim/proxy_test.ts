import { drawSeed, runSeed } from "./proxy_seed.ts";

const first = Number(Deno.env.get("SEED") ?? Deno.env.get("FROM") ?? 1);
const count = Deno.env.has("SEED") ? 1 : Number(Deno.env.get("SEEDS") ?? 500);

Deno.test("seeds", async () => {
  const failures: string[] = [];
  const t0 = performance.now();
  let exchanges = 0, answered = 0, events = 0;
  const terms = new Map<string, number>();
  for (let seed = first; seed < first + count; seed++) {
    try {
      const r = await runSeed(drawSeed(seed));
      exchanges += r.exchanges;
      answered += r.answered;
      events += r.events;
      for (const t of r.terminations) terms.set(t, (terms.get(t) ?? 0) + 1);
    } catch (e) {
      failures.push((e as Error).message.slice(0, 600));
      if (count === 1) throw e;
    }
    if (failures.length >= 15) break;
  }
  console.log(exchanges, answered, events, Object.fromEntries(terms), Math.round(performance.now() - t0), "ms");
  if (failures.length > 0) throw new Error(failures.join("\n"));
});
