// Shared memory in blocks, and tries over it.
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../base/mod.ts";
import { Arena, ArenaView, SEGMENT_BYTES } from "./arena.ts";
import { LEAF, trieFind, trieInsert, trieRemove, trieReserve, trieTeardown } from "./trie.ts";

function arenaOf(segments: number): Arena {
  const arena = new Arena(segments * SEGMENT_BYTES);
  arena.grow();
  arena.usable = 1;
  return arena;
}

Deno.test("arena: blocks of all sizes do not overlap, are zero, and come back", () => {
  const arena = arenaOf(2);
  const random = new Prng(1);
  const blocks: { address: number; bytes: number; mark: number }[] = [];
  for (let i = 0; i < 3000; i++) {
    const bytes = 1 + Math.floor(random.float() ** 6 * 5000);
    const address = arena.allocate(bytes);
    assert(address !== 0);
    const words = Math.ceil(bytes / 4);
    for (let w = 0; w < words; w++) {
      assertEquals(arena.word(address, w), 0);
      arena.store(address, w, i + 1);
    }
    blocks.push({ address, bytes, mark: i + 1 });
    if (random.float() < 0.4) {
      const [gone] = blocks.splice(Math.floor(random.float() * blocks.length), 1);
      arena.free(gone.address, gone.bytes);
    }
  }
  for (const { address, bytes, mark } of blocks) {
    for (let w = 0; w < Math.ceil(bytes / 4); w++) assertEquals(arena.word(address, w), mark);
    arena.free(address, bytes);
  }
  assertEquals(arena.used, 0);
});

Deno.test("arena: it grows by segments that all must have, up to its limit", () => {
  const arena = arenaOf(2);
  const filled: number[] = [];
  for (let address = arena.allocate(1 << 16); address !== 0; address = arena.allocate(1 << 16)) filled.push(address);
  assert(filled.length >= 60);
  const segment = arena.grow();
  assert(segment !== null);
  assertEquals(arena.allocate(1 << 16), 0, "the segment is not usable before every thread has it");
  arena.usable = 2;
  assert(arena.allocate(1 << 16) !== 0);
  assertEquals(arena.grow(), null);
  assertEquals(new ArenaView(arena.segments).word(filled[3], 0), 0);
  assertEquals([arena.holds(0, 1), arena.holds(1.5, 1), arena.holds(2 ** 30, 1), arena.holds(filled[0], 1 << 16)], [
    false,
    false,
    false,
    true,
  ]);
});

Deno.test("arena: what is unlinked is used again after its release only", () => {
  const arena = arenaOf(1);
  const address = arena.allocate(64);
  arena.retire(address, 64);
  assert(arena.allocate(64) !== address);
  const sealed = arena.seal();
  assertEquals(arena.retiredBytes, 0);
  arena.freeAll(sealed);
  assertEquals(arena.allocate(64), address);
});

Deno.test("trie: random insertions and removals against a map, hashes that collide and that differ late", () => {
  const arena = arenaOf(1);
  const random = new Prng(7);
  const owner = arena.allocate(16);
  const chains = new Map<number, number[]>();
  // Few distinct hashes, many of them equal in their low bits.
  const hashes = Array.from({ length: 40 }, (_, i) => i < 10 ? i << 28 : (random.u32() & 0xff0000ff) | 0);
  for (let i = 0; i < 4000; i++) {
    const hash = hashes[random.u32() % hashes.length];
    const chain = chains.get(hash) ?? [];
    chains.set(hash, chain);
    if (random.float() < 0.52) {
      const leaf = arena.allocate(16);
      assert(trieReserve(arena, 1));
      arena.store(leaf, LEAF.hash, hash);
      trieInsert(arena, owner, 0, leaf);
      chain.push(leaf);
    } else if (chain.length > 0) {
      const [leaf] = chain.splice(random.u32() % chain.length, 1);
      trieRemove(arena, owner, 0, leaf);
      arena.retire(leaf, 16);
    }
    if (i % 100 === 0) arena.freeAll(arena.seal());
    const found: number[] = [];
    for (let leaf = trieFind(arena, owner, 0, hash); leaf !== 0; leaf = arena.word(leaf, LEAF.next)) found.push(leaf);
    assertEquals(found, chain);
  }
  for (const [, chain] of chains) {
    for (const leaf of chain) {
      trieRemove(arena, owner, 0, leaf);
      arena.retire(leaf, 16);
    }
  }
  arena.freeAll(arena.seal());
  assertEquals([arena.word(owner, 0), arena.used], [0, 16], "no node is left");
  for (let i = 0; i < 100; i++) {
    const leaf = arena.allocate(16);
    trieReserve(arena, 1);
    arena.store(leaf, LEAF.hash, i * 0x01000001);
    trieInsert(arena, owner, 0, leaf);
  }
  for (const _ of trieTeardown(arena, arena.word(owner, 0)));
  assertEquals(arena.used, 16 + 100 * 16);
});
