// Hierarchical timer wheel: all deadlines of a thread on the one timer that Clock.arm offers.
//
// A Timer is made once per owner (stream, connection, queue entry) and armed again and again; arming, moving and
// cancelling are O(1) and allocate nothing. Time is cut in ticks of 1 ms; level L has 32 slots of 32^L ticks.
//
// Invariants:
// - `#current` is the last tick processed. Every linked timer has `#current < visit`, and `visit <= due` unless it was
//   armed for the past; or it lies in the due list.
// - A timer is linked in the slot that is looked at in tick `visit`; there it fires when `due` has come, else it moves
//   down a level. Arming a linked timer for later only writes `due`: that is what makes re-arming nearly free.
// - A bit of `#occupied[level]` is set exactly when that slot's list is not empty.
// - The clock is armed at or before the earliest visit. It may be armed for nothing after a cancel: it then finds out.

/** The part of `Clock` (sys/types.ts) the wheel needs. */
interface WheelClock {
  now(): number;
  arm(at: number, fire: () => void): void;
  disarm(): void;
}

const LEVELS = 7;
const SLOT_BITS = 5;
const SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = SLOTS - 1;
/** Place of a timer that is not linked, and of one in the due list. */
const UNLINKED = -1;
const IN_DUE_LIST = -2;

/** Ticks of one slot of each level, and of the whole wheel. */
const SPAN: readonly number[] = Array.from({ length: LEVELS + 1 }, (_, level) => 2 ** (SLOT_BITS * level));

/** One deadline of an owner. `fire` runs outside of any arm() or cancel(), with the timer no longer armed. */
export class Timer<Owner = unknown> {
  readonly owner: Owner;
  readonly fire: (timer: Timer<Owner>) => void;
  /** When it is to fire, as of Clock.now(); Infinity while not armed. */
  at = Infinity;
  /** Fields of the wheel. */
  next: Timer<Owner> | null = null;
  prev: Timer<Owner> | null = null;
  place: number = UNLINKED;
  due = 0;
  visit = 0;

  constructor(owner: Owner, fire: (timer: Timer<Owner>) => void) {
    this.owner = owner;
    this.fire = fire;
  }

  /** Whether it is going to fire. */
  get armed(): boolean {
    return this.at !== Infinity;
  }
}

// deno-lint-ignore no-explicit-any
type Link = Timer<any>;

/** The timer wheel of one thread. */
export class Wheel {
  readonly #clock: WheelClock;
  readonly #onClock: () => void;
  /** List heads: a ring through each slot, by place = level * SLOTS + slot. */
  readonly #slots: Link[] = [];
  readonly #occupied = new Int32Array(LEVELS);
  readonly #due: Link = makeHead();
  #current: number;
  #count = 0;
  /** Tick the clock is armed for; Infinity when it is not. */
  #wakeTick = Infinity;
  #running = false;

  constructor(clock: WheelClock) {
    this.#clock = clock;
    this.#current = Math.floor(clock.now());
    this.#onClock = () => {
      this.#wakeTick = Infinity;
      this.#run();
    };
    for (let place = 0; place < LEVELS * SLOTS; place++) this.#slots.push(makeHead());
  }

  /** Timers that are armed. */
  get count(): number {
    return this.#count;
  }

  /**
   * Arms a timer, or moves an armed one. It fires once, not before `at` and less than a tick (and the runtime's delay)
   * after it. `at` is finite; one in the past fires in a later turn, never within this call.
   */
  arm(timer: Link, at: number): void {
    if (!(at < Infinity)) throw new Error("a timer needs a finite time");
    if (timer.at === Infinity) {
      if (this.#count++ === 0 && !this.#running) this.#catchUp();
    }
    timer.at = at;
    timer.due = Math.ceil(at);
    if (timer.place === IN_DUE_LIST) return;
    if (timer.place !== UNLINKED) {
      if (timer.due >= timer.visit) return;
      this.#unlink(timer);
    }
    this.#place(timer);
    if (timer.visit < this.#wakeTick && !this.#running) this.#wakeAt(timer.visit);
  }

  /** Arms a timer `delayMs` from now. */
  armIn(timer: Link, delayMs: number): void {
    this.arm(timer, this.#clock.now() + delayMs);
  }

  /** A cancelled timer never fires (unless armed again). */
  cancel(timer: Link): void {
    if (timer.at === Infinity) return;
    timer.at = Infinity;
    this.#count--;
    this.#unlink(timer);
  }

  /** Disarms the clock; what is armed stays so, without ever firing. For the end of a thread. */
  close(): void {
    this.#wakeTick = -1;
    this.#clock.disarm();
  }

  /** Fires all that is due. Returns after the clock is armed for the rest, even when a callback throws. */
  #run(): void {
    this.#running = true;
    try {
      const now = Math.floor(this.#clock.now());
      this.#fireDue();
      for (let tick = this.#nextTick(); tick <= now; tick = this.#nextTick()) {
        this.#enter(tick);
        this.#fireDue();
      }
      if (now > this.#current) this.#current = now;
    } finally {
      this.#running = false;
      const next = this.#due.next !== this.#due ? this.#current : this.#nextTick();
      if (next < this.#wakeTick) this.#wakeAt(next);
    }
  }

  /** Moves to a tick: its timers go to the due list, those of the wider slots that begin with it move down. */
  #enter(tick: number): void {
    this.#current = tick;
    for (let level = LEVELS - 1; level >= 0; level--) {
      if (tick % SPAN[level] !== 0) continue;
      const place = level * SLOTS + (Math.floor(tick / SPAN[level]) & SLOT_MASK);
      const head = this.#slots[place];
      for (let timer = head.next!; timer !== head; timer = head.next!) {
        this.#unlink(timer);
        if (timer.due <= tick) insertBefore(this.#due, timer, IN_DUE_LIST);
        else this.#place(timer);
      }
    }
  }

  #fireDue(): void {
    const head = this.#due;
    for (let timer = head.next!; timer !== head; timer = head.next!) {
      this.#unlink(timer);
      if (timer.due > this.#current) {
        this.#place(timer);
        continue;
      }
      timer.at = Infinity;
      this.#count--;
      timer.fire(timer);
    }
  }

  /** The next tick in which a slot is to be looked at; Infinity when all are empty. */
  #nextTick(): number {
    let next = Infinity;
    for (let level = 0; level < LEVELS; level++) {
      const bits = this.#occupied[level];
      if (bits === 0) continue;
      const slot = Math.floor(this.#current / SPAN[level]);
      const shift = (slot + 1) & SLOT_MASK;
      const rotated = shift === 0 ? bits : (bits >>> shift) | (bits << (SLOTS - shift));
      const ahead = 31 - Math.clz32(rotated & -rotated);
      const tick = (slot + 1 + ahead) * SPAN[level];
      if (tick < next) next = tick;
    }
    return next;
  }

  /** Links a timer into the slot of its due tick, at the earliest the one after the current tick. */
  #place(timer: Link): void {
    const reach = this.#current + SPAN[LEVELS] - 1;
    const tick = timer.due <= this.#current ? this.#current + 1 : timer.due > reach ? reach : timer.due;
    const delta = tick - this.#current;
    let level = 0;
    while (delta >= SPAN[level + 1]) level++;
    const slot = Math.floor(tick / SPAN[level]);
    timer.visit = slot * SPAN[level];
    this.#occupied[level] |= 1 << (slot & SLOT_MASK);
    const place = level * SLOTS + (slot & SLOT_MASK);
    insertBefore(this.#slots[place], timer, place);
  }

  #unlink(timer: Link): void {
    const { next, prev, place } = timer;
    next!.prev = prev;
    prev!.next = next;
    timer.next = null;
    timer.prev = null;
    timer.place = UNLINKED;
    if (next === prev && place >= 0) this.#occupied[place >> SLOT_BITS] &= ~(1 << (place & SLOT_MASK));
  }

  /** With no timer armed nothing was processed for a while: moves to the present, so that levels fit the delays. */
  #catchUp(): void {
    const now = Math.floor(this.#clock.now());
    if (now > this.#current) this.#current = now;
  }

  #wakeAt(tick: number): void {
    this.#wakeTick = tick;
    this.#clock.arm(tick, this.#onClock);
  }
}

function makeHead(): Link {
  const head: Link = new Timer<unknown>(null, () => {});
  head.next = head;
  head.prev = head;
  return head;
}

function insertBefore(head: Link, timer: Link, place: number): void {
  const last = head.prev!;
  timer.next = head;
  timer.prev = last;
  last.next = timer;
  head.prev = timer;
  timer.place = place;
}
