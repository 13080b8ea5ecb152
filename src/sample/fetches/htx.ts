// Fetches for developers, internal.* (configuration.txt 7.3.7): a message as the blocks that HAProxy keeps one in (HTX). A
// message here is no row of blocks, so they are counted as HTX would have them: the start line, each header, the end of
// the headers, then the data at hand as one block.
import { setBoolean, setBytes, setInteger, setText } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  NEEDS,
  type Sample,
  type SampleEnv,
  type SampleFn,
  T_BIN,
  T_BOOL,
  T_SINT,
  T_STR,
  type Txn,
} from "../types.ts";
import type { Message } from "../../http/mod.ts";
import type { PayloadView } from "../views.ts";
import { EITHER, fetch, headOf, isHttp, unready } from "./define.ts";

const MANUAL = "7.3.7";

/** What HTX takes of a buffer for itself, for each block, and for a start line beside its three parts. */
const HTX_HEAD = 48;
const BLOCK_HEAD = 8;
const START_LINE_HEAD = 20;
/** The end of headers counts as one byte. */
const END_SIZE = 1;

const START_LINE = 0;
const HEADER = 1;
const END_OF_HEADERS = 2;
const DATA = 3;
const UNUSED = 4;
type BlockKind = 0 | 1 | 2 | 3 | 4;

/** A walk over the blocks of one message; filled by measure(), then by at(). */
class Blocks {
  head!: Message;
  payload!: PayloadView;
  /** Blocks, and bytes in them. */
  count = 0;
  data = 0;
  /** The block that at() found: its kind, its size, its row when it is a header. */
  kind: BlockKind = UNUSED;
  size = 0;
  row = -1;

  /** False while there is no message. */
  measure(txn: Txn): boolean {
    const head = headOf(txn, EITHER);
    if (head === null) return false;
    this.head = head;
    this.payload = head === txn.response ? txn.serverPayload : txn.clientPayload;
    this.count = 2;
    this.data = START_LINE_HEAD + startLine(head).length - 2 + END_SIZE;
    for (let row = head.next(0); row >= 0; row = head.next(row + 1)) {
      this.count++;
      this.data += headerSize(head, row);
    }
    const body = this.payload.to - this.payload.from;
    if (body > 0) {
      this.count++;
      this.data += body;
    }
    return true;
  }

  get capacity(): number {
    return Math.max(0, this.head.bytes.length - HTX_HEAD);
  }

  get used(): number {
    return this.data + this.count * BLOCK_HEAD;
  }

  get free(): number {
    return Math.max(0, this.capacity - this.used);
  }

  /** Moves to a block; UNUSED when there is none at that position. */
  at(position: number): void {
    const { head, payload } = this;
    const body = payload.to - payload.from;
    const end = this.count - (body > 0 ? 2 : 1);
    this.row = -1;
    if (position === 0) {
      this.kind = START_LINE;
      this.size = START_LINE_HEAD + startLine(head).length - 2;
    } else if (position < end) {
      this.kind = HEADER;
      this.row = head.next(0);
      for (let i = 1; i < position; i++) this.row = head.next(this.row + 1);
      this.size = headerSize(head, this.row);
    } else if (position === end) {
      this.kind = END_OF_HEADERS;
      this.size = END_SIZE;
    } else if (position < this.count) {
      this.kind = DATA;
      this.size = body;
    } else {
      this.kind = UNUSED;
      this.size = 0;
    }
  }
}

/** The three parts, a space between each. */
function startLine(head: Message): string {
  const version = `HTTP/${Math.floor(head.version / 10)}.${head.version % 10}`;
  return head.status === 0
    ? `${head.methodText()} ${head.targetText()} ${version}`
    : `${version} ${head.status} ${head.reasonText()}`;
}

function headerSize(head: Message, row: number): number {
  return head.nameTo(row) - head.nameFrom(row) + head.valueTo(row) - head.valueFrom(row);
}

function typeName(blocks: Blocks): string {
  switch (blocks.kind) {
    case START_LINE:
      return blocks.head.status === 0 ? "HTX_BLK_REQ_SL" : "HTX_BLK_RES_SL";
    case HEADER:
      return "HTX_BLK_HDR";
    case END_OF_HEADERS:
      return "HTX_BLK_EOH";
    case DATA:
      return "HTX_BLK_DATA";
    default:
      return "HTX_BLK_UNUSED";
  }
}

function messageFetch(
  name: string,
  doc: string,
  out: number,
  read: (blocks: Blocks, into: Sample) => void,
): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out,
    needs: NEEDS.headers,
    build(): SampleFn {
      const blocks = new Blocks();
      return (txn, into) => {
        if (!blocks.measure(txn)) return unready(txn, EITHER);
        read(blocks, into);
        return FOUND;
      };
    },
  });
}

const POSITIONS = ["head", "tail", "first"];
const POSITION: readonly ArgSpec[] = [{ type: "str", name: "idx" }];

function validPosition([position]: readonly ArgNode[]): string | null {
  const text = position as string;
  return POSITIONS.includes(text) || /^[0-9]{1,9}$/.test(text) ? null : "invalid block position";
}

function blockFetch(
  name: string,
  doc: string,
  out: number,
  read: (blocks: Blocks, into: Sample, env: SampleEnv) => boolean,
): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out,
    needs: NEEDS.headers,
    args: POSITION,
    validate: validPosition,
    build([position], env): SampleFn {
      const blocks = new Blocks();
      const text = position as string;
      const tail = text === "tail";
      const fixed = POSITIONS.includes(text) ? 0 : Number(text);
      return (txn, into) => {
        if (!blocks.measure(txn)) return unready(txn, EITHER);
        blocks.at(tail ? blocks.count - 1 : fixed);
        return read(blocks, into, env) ? FOUND : ABSENT;
      };
    },
  });
}

/** A range of the block's bytes, empty when it is of another kind. */
function range(into: Sample, type: number, bytes: Uint8Array<ArrayBuffer>, from: number, to: number): boolean {
  setBytes(into, type, bytes, from, to);
  return true;
}

export const htxFetches: readonly FetchEntry[] = [
  ...messageFetch("internal.htx.size", "bytes a message may take", T_SINT, (b, into) => setInteger(into, b.capacity)),
  ...messageFetch(
    "internal.htx.data",
    "bytes in the blocks of a message",
    T_SINT,
    (b, into) => setInteger(into, b.data),
  ),
  ...messageFetch("internal.htx.used", "bytes a message takes", T_SINT, (b, into) => setInteger(into, b.used)),
  ...messageFetch("internal.htx.free", "bytes left for a message", T_SINT, (b, into) => setInteger(into, b.free)),
  ...messageFetch("internal.htx.free_data", "bytes left for the data of a message", T_SINT, (b, into) => {
    setInteger(into, Math.max(0, b.free - BLOCK_HEAD));
  }),
  ...messageFetch("internal.htx.nbblks", "blocks of a message", T_SINT, (b, into) => setInteger(into, b.count)),
  ...messageFetch("internal.htx.has_eom", "whether a message is there to its end", T_BOOL, (b, into) => {
    setBoolean(into, b.payload.ended);
  }),
  ...blockFetch("internal.htx_blk.size", "bytes of a block", T_SINT, (blocks, into) => {
    setInteger(into, blocks.size);
    return true;
  }),
  ...blockFetch("internal.htx_blk.type", "type of a block", T_STR, (blocks, into, env) => {
    return setText(into, typeName(blocks), env);
  }),
  ...blockFetch("internal.htx_blk.data", "content of a block of data", T_BIN, ({ kind, payload }, into) => {
    return range(into, T_BIN, payload.block, payload.from, kind === DATA ? payload.to : payload.from);
  }),
  ...blockFetch("internal.htx_blk.hdrname", "name in a block that is a header", T_STR, ({ kind, head, row }, into) => {
    return kind === HEADER
      ? range(into, T_STR, head.bytes, head.nameFrom(row), head.nameTo(row))
      : range(into, T_STR, head.bytes, 0, 0);
  }),
  ...blockFetch("internal.htx_blk.hdrval", "value in a block that is a header", T_STR, ({ kind, head, row }, into) => {
    return kind === HEADER
      ? range(into, T_STR, head.bytes, head.valueFrom(row), head.valueTo(row))
      : range(into, T_STR, head.bytes, 0, 0);
  }),
  ...blockFetch("internal.htx_blk.start_line", "line in a block that is a start line", T_STR, (blocks, into, env) => {
    return setText(into, blocks.kind === START_LINE ? startLine(blocks.head) : "", env);
  }),
  ...fetch({
    name: "internal.strm.is_htx",
    manual: MANUAL,
    doc: "whether the stream's messages are taken apart: it is one of an HTTP proxy",
    out: T_BOOL,
    needs: NEEDS.internal,
    build: () => (txn, into) => {
      setBoolean(into, isHttp(txn));
      return FOUND;
    },
  }),
];
