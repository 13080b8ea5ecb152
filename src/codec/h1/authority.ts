// The authority in a request target against the Host field (RFC 9112 3.2.2, RFC 9110 7.2 and 4.2.3).
import { bytesEqualIgnoreCase, parseDecimal } from "../../base/mod.ts";
import {
  defaultPort,
  F_LINE,
  FORM_ABSOLUTE,
  FORM_ASTERISK,
  FORM_AUTHORITY,
  isHostText,
  M_CONNECT,
  type Message,
  parseTarget,
  ROW_FLAGS,
  ROW_STRIDE,
  ROW_VALUE_END,
  splitAuthority,
  UriParts,
} from "../../http/mod.ts";
import { H1_BAD_HOST, H1_BAD_TARGET } from "./errors.ts";

export class Authority {
  readonly #uri = new UriParts();
  readonly #host = new UriParts();

  /**
   * Checks a target that does not begin with a slash, and its authority against the Host row (-1: none). A default port
   * in the target is taken out, and out of Host too. 0, or an error.
   */
  check(m: Message, hostRow: number): number {
    const uri = this.#uri;
    const b = m.bytes;
    const connect = m.method === M_CONNECT;
    const form = parseTarget(b, m.targetFrom, m.targetTo, connect, uri);
    if (form === FORM_ASTERISK) return connect ? H1_BAD_TARGET : 0;
    if (form !== FORM_ABSOLUTE && form !== FORM_AUTHORITY) return H1_BAD_TARGET;
    if (uri.hostFrom === uri.hostTo || !isHostText(b, uri.hostFrom, uri.authorityTo)) return H1_BAD_TARGET;
    const port = uri.portFrom < uri.portTo ? parseDecimal(b, uri.portFrom, uri.portTo) : 0;
    if (port < 0 || port > 65535) return H1_BAD_TARGET;
    if (connect && (port === 0 || uri.hostFrom !== uri.authorityFrom)) return H1_BAD_TARGET;
    const usual = connect ? 0 : defaultPort(b, uri.schemeFrom, uri.schemeTo);
    const byDefault = connect ? port === 80 || port === 443 : port !== 0 && port === usual;
    if (hostRow >= 0) {
      const host = this.#host;
      const from = m.valueFrom(hostRow);
      const to = m.valueTo(hostRow);
      if (!splitAuthority(b, from, to, host)) return H1_BAD_HOST;
      if (!bytesEqualIgnoreCase(b, uri.hostFrom, uri.hostTo, b, from, host.hostTo)) {
        return H1_BAD_HOST;
      }
      const hostPort = host.portFrom < host.portTo ? parseDecimal(b, host.portFrom, host.portTo) : 0;
      const same = connect
        ? hostPort === port || (hostPort === 0 && byDefault)
        : (hostPort === usual ? 0 : hostPort) === (byDefault ? 0 : port);
      if (!same) return H1_BAD_HOST;
      if (byDefault && hostPort === port) {
        m.rows[hostRow * ROW_STRIDE + ROW_VALUE_END] = host.hostTo;
        m.rows[hostRow * ROW_STRIDE + ROW_FLAGS] &= ~F_LINE;
      }
    }
    if (byDefault && !connect) {
      // What lies before the port moves over it.
      const gap = uri.portTo - uri.hostTo;
      b.copyWithin(m.targetFrom + gap, m.targetFrom, uri.hostTo);
      m.targetFrom += gap;
    }
    return 0;
  }
}
