// Hash converters (configuration.txt 7.3.1); those that balancing algorithms use give the same values there.
import { avalanche, crc32, crc32c, djb2, sdbm, xxh3, xxh32, xxh64 } from "../../base/mod.ts";
import { setInteger } from "../casts.ts";
import { wrap } from "../integers.ts";
import { type ConverterEntry, T_BIN, T_SINT } from "../types.ts";
import { converter } from "./define.ts";

/** A hash of 32 bits, on request with full avalanche. */
function hash32(
  name: string,
  doc: string,
  hash: (bytes: Uint8Array, from: number, to: number) => number,
): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_BIN,
    out: T_SINT,
    args: [{ type: "sint", name: "avalanche", optional: true }],
    build([flag]) {
      const mixed = flag !== null && flag !== 0;
      return (sample) => {
        const value = hash(sample.bytes, sample.from, sample.to);
        setInteger(sample, mixed ? avalanche(value) : value);
        return true;
      };
    },
  });
}

/** A signed hash of 64 bits with a seed. */
function hash64(
  name: string,
  doc: string,
  hash: (bytes: Uint8Array, seed: bigint, from: number, to: number) => bigint,
): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_BIN,
    out: T_SINT,
    args: [{ type: "sint", name: "seed", optional: true }],
    build([arg]) {
      const seed = BigInt.asUintN(64, BigInt((arg as number | bigint | null) ?? 0));
      return (sample) => {
        setInteger(sample, wrap(hash(sample.bytes, seed, sample.from, sample.to)));
        return true;
      };
    },
  });
}

export const hashConverters: readonly ConverterEntry[] = [
  hash32("sdbm", "SDBM hash, 32 bits", sdbm),
  hash32("djb2", "DJB2 hash, 32 bits", djb2),
  hash32("crc32", "CRC32, as of Ethernet and gzip", crc32),
  hash32("crc32c", "CRC32C (Castagnoli)", crc32c),
  converter({
    name: "xxh32",
    doc: "XXH32 hash",
    input: T_BIN,
    out: T_SINT,
    args: [{ type: "sint", name: "seed", optional: true }],
    build([arg]) {
      const seed = Number(BigInt.asUintN(32, BigInt((arg as number | bigint | null) ?? 0)));
      return (sample) => {
        setInteger(sample, xxh32(sample.bytes, seed, sample.from, sample.to));
        return true;
      };
    },
  }),
  hash64("xxh64", "XXH64 hash, signed", xxh64),
  hash64("xxh3", "XXH3 hash of 64 bits, signed", xxh3),
];
