// What the simulated world may do to those who live in it. A profile is plain data; every draw comes from the seed.

/** A range of milliseconds from which delays are drawn, uniformly. */
export type DelayMs = readonly [low: number, high: number];

/** Probabilities are in [0, 1], per event they name. */
export interface Faults {
  /** Of each piece of bytes, FIN, RST, handshake step and message on its way. */
  readonly latencyMs: DelayMs;
  /** Bytes a direction of a connection holds between sender and reader before the sender must wait. */
  readonly bufferBytes: readonly [low: number, high: number];
  /** Events of the same time happen in a drawn order, else in the order they were asked for. */
  readonly shuffle: boolean;
  /** Bytes sent at once arrive in pieces, down to single bytes. */
  readonly split: number;
  /** A read takes less than is there. */
  readonly shortRead: number;
  /** A read that could answer at once answers later. */
  readonly slowRead: number;
  /** A write takes less than there is room for. */
  readonly shortWrite: number;
  /** A write that could answer at once answers later, borrowing the bytes meanwhile. */
  readonly slowWrite: number;
  /** How long operations of a closed connection still hold their buffers. */
  readonly lateMs: DelayMs;
  /** A timer fires this much after its time. */
  readonly timerLateMs: DelayMs;
  /** The connection breaks, for both sides, at a read or write. */
  readonly reset: number;
  /** A connection that is there is not handed out at once by accept(). */
  readonly slowAccept: number;
  /** accept() finds that the client has gone: IO_RESET. */
  readonly acceptReset: number;
  /** accept() or connect() answers IO_NO_DESCRIPTOR. */
  readonly noDescriptor: number;
  /** A connect is refused though somebody listens. */
  readonly refuse: number;
  /** A connect is never answered. */
  readonly blackhole: number;
  /** A datagram is lost. */
  readonly datagramLoss: number;
  /** A datagram overtakes those before it. */
  readonly datagramReorder: number;
}

/** Nothing goes wrong, and everything takes the same short time: for tests that look at one thing, and for explain. */
export const FAULTS_NONE: Faults = Object.freeze<Faults>({
  latencyMs: [0.05, 0.05],
  bufferBytes: [131072, 131072],
  shuffle: false,
  split: 0,
  shortRead: 0,
  slowRead: 0,
  shortWrite: 0,
  slowWrite: 0,
  lateMs: [0.1, 0.1],
  timerLateMs: [0, 0],
  reset: 0,
  slowAccept: 0,
  acceptReset: 0,
  noDescriptor: 0,
  refuse: 0,
  blackhole: 0,
  datagramLoss: 0,
  datagramReorder: 0,
});

/** Any order, delay and cut of bytes, but nothing is lost: every exchange must still succeed. */
export const FAULTS_TIMING: Faults = Object.freeze<Faults>({
  ...FAULTS_NONE,
  latencyMs: [0, 5],
  bufferBytes: [1024, 65536],
  shuffle: true,
  split: 0.3,
  shortRead: 0.2,
  slowRead: 0.2,
  shortWrite: 0.2,
  slowWrite: 0.3,
  lateMs: [0, 50],
  timerLateMs: [0, 3],
  slowAccept: 0.2,
  datagramReorder: 0.2,
});

/** Everything at once: what is asked then is that nothing leaks, mixes up bytes, or hangs. */
export const FAULTS_ALL: Faults = Object.freeze<Faults>({
  ...FAULTS_TIMING,
  reset: 0.004,
  acceptReset: 0.01,
  noDescriptor: 0.01,
  refuse: 0.03,
  blackhole: 0.01,
  datagramLoss: 0.1,
});
