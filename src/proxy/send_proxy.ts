// The PROXY protocol header that connections to a server begin with (configuration.txt 5.2 "send-proxy", "send-proxy-v2",
// "proxy-v2-options", "set-proxy-v2-tlv-fmt").
import { latin1ToBytes } from "../base/mod.ts";
import { PP2_TYPE_UNIQUE_ID, proxyHeader, proxyLine, type ProxyValue } from "../codec/mod.ts";
import { buildLogFormat, type LogFormat, type SampleEnv, type Txn } from "../sample/mod.ts";
import type { Conn } from "../sys/types.ts";
import type { ServerConfig } from "./config.ts";

/** Longest id that a header may tell. */
const LONGEST_UNIQUE_ID = 128;

export class ProxySender {
  readonly #version: 1 | 2;
  readonly #config: ServerConfig;
  readonly #values: readonly { readonly type: number; readonly format: LogFormat }[];
  readonly #neverLocal: boolean;

  /** `neverLocal`: health checks say that they are connections of somebody (`pp2-never-send-local`). */
  constructor(version: 1 | 2, config: ServerConfig, samples: SampleEnv, neverLocal: boolean) {
    this.#version = version;
    this.#config = config;
    this.#values = config.proxyValues.map(({ type, format }) => ({ type, format: buildLogFormat(format, samples) }));
    this.#neverLocal = neverLocal;
  }

  /** The header of a stream's connection. */
  ofStream(txn: Txn): Uint8Array<ArrayBuffer> {
    const { src, dst } = txn.session;
    if (this.#version === 1) return proxyLine(src, dst);
    const values: ProxyValue[] = [];
    if (this.#config.proxyUniqueId) {
      const id = txn.uniqueId.slice(0, LONGEST_UNIQUE_ID);
      if (id !== "") values.push({ type: PP2_TYPE_UNIQUE_ID, bytes: latin1ToBytes(id) });
    }
    for (const { type, format } of this.#values) values.push({ type, bytes: latin1ToBytes(format.text(txn)) });
    return proxyHeader({ source: src, destination: dst, local: false, values, crc32c: this.#config.proxyCrc32c });
  }

  /** The header of a health check's connection: in version 1 with the connection's own addresses. */
  ofCheck(conn: Conn): Uint8Array<ArrayBuffer> {
    const { local: source, remote: destination } = conn;
    if (this.#version === 1) return proxyLine(source, destination);
    const { proxyCrc32c: crc32c } = this.#config;
    return proxyHeader({ source, destination, local: !this.#neverLocal, values: [], crc32c });
  }
}
