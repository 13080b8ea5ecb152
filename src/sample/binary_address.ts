// An address of a connection in the form samples have: parsed when it is first asked for, and again only when the
// connection has got another one. What compares addresses then compares numbers or bytes.
import { parseIp } from "../base/mod.ts";
import type { Address } from "../sys/types.ts";
import { type Sample, T_IPV4, T_IPV6 } from "./types.ts";

const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);
/** A path of a unix socket, or a host that is no address. */
const NO_TYPE = -1;

export class BinaryAddress {
  #address: Address | null = null;
  #type = NO_TYPE;
  #num = 0;
  #bytes = NO_BYTES;

  /** Makes the sample this address; false when it has no binary form. */
  read(address: Address, into: Sample): boolean {
    if (address !== this.#address) this.#parse(address);
    if (this.#type === T_IPV4) {
      into.type = T_IPV4;
      into.num = this.#num;
      return true;
    }
    if (this.#type === NO_TYPE) return false;
    into.type = T_IPV6;
    into.bytes = this.#bytes;
    into.from = 0;
    into.to = 16;
    return true;
  }

  #parse(address: Address): void {
    const bytes = address.family === "unix" ? null : parseIp(address.host);
    this.#address = address;
    this.#bytes = bytes ?? NO_BYTES;
    if (bytes === null) {
      this.#type = NO_TYPE;
    } else if (bytes.length === 16) {
      this.#type = T_IPV6;
    } else {
      this.#type = T_IPV4;
      this.#num = (bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]) >>> 0;
    }
  }
}
