// Hash tries in an arena: leaves by a 32-bit hash, four bits a level. Nothing is ever rebuilt: a change publishes one word,
// whatever the number of leaves.
//
// A slot is a word: 0 empty, a leaf's address, or a node's address negated. A node is 16 slots. A leaf is any block that
// begins with the three words of LEAF. Leaves of the same hash are a chain in the order of their insertion: who reads
// compares keys along it. The trie itself is a slot in a block of its owner.
//
// Invariant: a node has a descendant, and one that has a single leaf and nothing else is replaced by it.
import type { Arena, ArenaView } from "./arena.ts";

/** The first words of a leaf. `previous` is the writer's: of the first in a chain it is the last. */
export const LEAF = { hash: 0, next: 1, previous: 2 } as const;

const FANOUT = 16;
const BITS = 4;
const NODE_BYTES = FANOUT * 4;
/** Nodes that one insertion may need. */
const MAX_NODES = 32 / BITS;

/** The first leaf of the chain of this hash, 0 without. */
export function trieFind(view: ArenaView, owner: number, index: number, hash: number): number {
  let slot = view.word(owner, index);
  for (let rest = hash; slot < 0; rest >>>= BITS) slot = view.word(-slot, rest & (FANOUT - 1));
  return slot !== 0 && view.word(slot, LEAF.hash) === hash ? slot : 0;
}

/** Makes room for as many insertions; false when there is none. */
export function trieReserve(arena: Arena, insertions: number): boolean {
  return arena.ensure(NODE_BYTES, insertions * MAX_NODES);
}

/** Adds a leaf, whose hash is stored; behind those of the same hash. Room was reserved. */
export function trieInsert(arena: Arena, owner: number, index: number, leaf: number): void {
  const hash = arena.word(leaf, LEAF.hash);
  let at = owner;
  let slot = index;
  let depth = 0;
  let value = arena.word(at, slot);
  while (value < 0) {
    at = -value;
    slot = nibble(hash, depth++);
    value = arena.word(at, slot);
  }
  if (value === 0) {
    arena.store(leaf, LEAF.previous, leaf);
    return arena.publish(at, slot, leaf);
  }
  const other = arena.word(value, LEAF.hash);
  if (other === hash) {
    const last = arena.word(value, LEAF.previous);
    arena.store(leaf, LEAF.previous, last);
    arena.store(value, LEAF.previous, leaf);
    return arena.publish(last, LEAF.next, leaf);
  }
  arena.store(leaf, LEAF.previous, leaf);
  let deepest = depth;
  while (nibble(hash, deepest) === nibble(other, deepest)) deepest++;
  let node = newNode(arena);
  arena.store(node, nibble(hash, deepest), leaf);
  arena.store(node, nibble(other, deepest), value);
  while (deepest > depth) {
    const above = newNode(arena);
    arena.store(above, nibble(hash, --deepest), -node);
    node = above;
  }
  arena.publish(at, slot, -node);
}

function newNode(arena: Arena): number {
  const node = arena.allocate(NODE_BYTES);
  if (node === 0) throw new Error("room for a node was not reserved");
  return node;
}

/** Takes a leaf out that is in the trie. Its block is the caller's to retire. */
export function trieRemove(arena: Arena, owner: number, index: number, leaf: number): void {
  const hash = arena.word(leaf, LEAF.hash);
  const path: { readonly at: number; readonly slot: number }[] = [{ at: owner, slot: index }];
  let value = arena.word(owner, index);
  while (value < 0) {
    path.push({ at: -value, slot: nibble(hash, path.length - 1) });
    value = arena.word(-value, path[path.length - 1].slot);
  }
  const { at, slot } = path[path.length - 1];
  const next = arena.word(leaf, LEAF.next);
  const previous = arena.word(leaf, LEAF.previous);
  if (value !== leaf) {
    arena.publish(previous, LEAF.next, next);
    arena.store(next === 0 ? value : next, LEAF.previous, previous);
    return;
  }
  if (next !== 0) arena.store(next, LEAF.previous, previous);
  arena.publish(at, slot, next);
  for (let depth = path.length - 1; depth > 0; depth--) {
    const node = path[depth].at;
    const only = onlySlot(arena, node);
    if (only < 0) return;
    const above = path[depth - 1];
    arena.publish(above.at, above.slot, only);
    arena.retire(node, NODE_BYTES);
  }
}

/** What a node may be replaced by: 0 when it is empty, its leaf when it has nothing else; -1: it stays. */
function onlySlot(arena: Arena, node: number): number {
  let only = 0;
  for (let i = 0; i < FANOUT; i++) {
    const value = arena.word(node, i);
    if (value === 0) continue;
    if (value < 0 || only !== 0) return -1;
    only = value;
  }
  return only;
}

/** Frees the nodes of a trie that no reader can see any more, in steps; its leaves are the caller's. */
export function* trieTeardown(arena: Arena, slot: number): Generator<void> {
  const left = slot < 0 ? [-slot] : [];
  while (left.length > 0) {
    const node = left.pop()!;
    for (let i = 0; i < FANOUT; i++) {
      const value = arena.word(node, i);
      if (value < 0) left.push(-value);
    }
    arena.free(node, NODE_BYTES);
    yield;
  }
}

function nibble(hash: number, depth: number): number {
  return (hash >>> (depth * BITS)) & (FANOUT - 1);
}
