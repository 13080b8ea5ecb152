// Reads the first packet of either side of an MQTT connection, CONNECT or CONNACK, of versions 3.1, 3.1.1 and 5.0 (OASIS
// MQTT 3.1.1 and 5.0, section 3.1 and 3.2), strictly: what is not as the standard says makes the packet invalid.
//
// Invariants: every read is within the packet; a value is valid until the next read().

export const MQTT_INCOMPLETE = -1;
export const MQTT_INVALID = 0;
export const MQTT_VALID = 1;

export const MQTT_CONNECT = 1;
export const MQTT_CONNACK = 2;

/** Names of packet types by number, from 1. */
export const MQTT_TYPES = [
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  "auth",
] as const;

/**
 * The flags in the first byte by packet type (2.1.3); -1: the type is reserved, or, as PUBLISH, has flags of its own and
 * cannot begin a connection.
 */
const FLAGS = [-1, 0, 0, -1, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0];

/** Fields with names; their slots follow those of the properties, which are the property identifiers. */
const FIRST_NAMED = 64;
const NAMES = [
  "flags",
  "protocol_name",
  "protocol_version",
  "client_identifier",
  "will_topic",
  "will_payload",
  "username",
  "password",
  "keepalive",
  "reason_code",
] as const;
type Name = (typeof NAMES)[number];
const SLOTS = FIRST_NAMED + NAMES.length;

const CONNACK_NAMES: readonly string[] = ["flags", "protocol_version", "reason_code"];

// Where a property may be.
const IN_CONNECT = 1;
const IN_WILL = 2;
const IN_CONNACK = 4;

/** "bool": a byte of 0 or 1; "positive16", "positive32": not 0; "text": not empty. */
type PropertyKind = "bool" | "u16" | "u32" | "positive16" | "positive32" | "bytes" | "text" | "pair";

/** MQTT 5.0, 2.2.2.2. */
const PROPERTIES: Readonly<Record<number, readonly [kind: PropertyKind, places: number]>> = {
  1: ["bool", IN_WILL],
  2: ["u32", IN_WILL],
  3: ["bytes", IN_WILL],
  8: ["bytes", IN_WILL],
  9: ["bytes", IN_WILL],
  17: ["u32", IN_CONNECT | IN_CONNACK],
  18: ["text", IN_CONNACK],
  19: ["u16", IN_CONNACK],
  21: ["bytes", IN_CONNECT | IN_CONNACK],
  22: ["bytes", IN_CONNECT | IN_CONNACK],
  23: ["bool", IN_CONNECT],
  24: ["u32", IN_WILL],
  25: ["bool", IN_CONNECT],
  26: ["bytes", IN_CONNACK],
  28: ["bytes", IN_CONNACK],
  31: ["bytes", IN_CONNACK],
  33: ["positive16", IN_CONNECT | IN_CONNACK],
  34: ["u16", IN_CONNECT | IN_CONNACK],
  36: ["bool", IN_CONNACK],
  37: ["bool", IN_CONNACK],
  38: ["pair", IN_CONNECT | IN_WILL | IN_CONNACK],
  39: ["positive32", IN_CONNECT | IN_CONNACK],
  40: ["bool", IN_CONNACK],
  41: ["bool", IN_CONNACK],
  42: ["bool", IN_CONNACK],
};
const AUTHENTICATION_METHOD = 21;
const AUTHENTICATION_DATA = 22;
const LAST_PROPERTY = 42;

/** The slot of a field of CONNECT or CONNACK, by its name in lower case or a property identifier; -1 for none. */
export function mqttSlot(type: number, name: string): number {
  if (type !== MQTT_CONNECT && type !== MQTT_CONNACK) return -1;
  if (/^[0-9]{1,2}$/.test(name)) {
    const property = PROPERTIES[Number(name)];
    const places = type === MQTT_CONNACK ? IN_CONNACK : IN_CONNECT | IN_WILL;
    return property !== undefined && property[0] !== "pair" && (property[1] & places) !== 0 ? Number(name) : -1;
  }
  const known = type === MQTT_CONNACK ? CONNACK_NAMES.includes(name) : name !== "reason_code";
  const index = NAMES.indexOf(name as Name);
  return known && index >= 0 ? FIRST_NAMED + index : -1;
}

const NO_VALUE = 0;
const NUMBER = 1;
const BYTES = 2;

export class MqttPacket {
  /** MQTT_CONNECT or MQTT_CONNACK, once it is valid. */
  type = 0;
  readonly #kinds = new Uint8Array(SLOTS);
  /** The number, or where the bytes begin. */
  readonly #values = new Float64Array(SLOTS);
  readonly #ends = new Int32Array(SLOTS);
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #failed = false;

  /** Reads the packet that begins the range. */
  read(bytes: Uint8Array, from: number, to: number): number {
    this.#kinds.fill(NO_VALUE);
    this.#bytes = bytes;
    this.#failed = false;
    this.#at = from + 1;
    this.#end = to;
    if (to - from < 2) return MQTT_INCOMPLETE;
    this.type = bytes[from] >> 4;
    if ((bytes[from] & 15) !== FLAGS[this.type]) return MQTT_INVALID;
    const length = this.#variable();
    // Not the end of the length yet, or none within four bytes.
    if (this.#failed) return to - from < 5 ? MQTT_INCOMPLETE : MQTT_INVALID;
    if (length > to - this.#at) return MQTT_INCOMPLETE;
    if (this.type !== MQTT_CONNECT && this.type !== MQTT_CONNACK) return MQTT_INVALID;
    this.#end = this.#at + length;
    if (this.type === MQTT_CONNECT) this.#connect();
    else this.#connack();
    return this.#failed || this.#at !== this.#end ? MQTT_INVALID : MQTT_VALID;
  }

  /** The number in a slot; -1 when it has none. */
  number(slot: number): number {
    return this.#kinds[slot] === NUMBER ? this.#values[slot] : -1;
  }

  /** The ends of the bytes in a slot; -1 when it has none, or no byte. */
  from(slot: number): number {
    return this.#kinds[slot] === BYTES && this.#ends[slot] > this.#values[slot] ? this.#values[slot] : -1;
  }

  to(slot: number): number {
    return this.#ends[slot];
  }

  #connect(): void {
    const name = this.#string("protocol_name");
    const version = this.#byte("protocol_version");
    const flags = this.#byte("flags");
    this.#setNumber(FIRST_NAMED + NAMES.indexOf("keepalive"), this.#number(2));
    const isKnown = name === "MQTT" || name === "MQIsdp";
    if (!isKnown || version < 3 || version > 5 || (flags & 1) !== 0) {
      this.#failed = true;
      return;
    }
    if (version === 5) {
      this.#properties(IN_CONNECT);
      const hasData = this.#kinds[AUTHENTICATION_DATA] !== NO_VALUE;
      if (hasData && this.#kinds[AUTHENTICATION_METHOD] === NO_VALUE) this.#failed = true;
    }
    this.#string("client_identifier");
    if ((flags & 4) !== 0) {
      if (version === 5) this.#properties(IN_WILL);
      this.#string("will_topic");
      this.#string("will_payload");
    }
    if ((flags & 0x80) !== 0) this.#string("username");
    if ((flags & 0x40) !== 0) this.#string("password");
  }

  #connack(): void {
    const flags = this.#byte("flags");
    this.#byte("reason_code");
    if (flags > 1) this.#failed = true;
    const hasProperties = this.#at < this.#end;
    this.#setNumber(FIRST_NAMED + NAMES.indexOf("protocol_version"), hasProperties ? 5 : 4);
    if (hasProperties) this.#properties(IN_CONNACK);
  }

  /** A list of properties; each may be there once, but user properties. */
  #properties(place: number): void {
    const length = this.#variable();
    const end = this.#at + length;
    if (end > this.#end) this.#failed = true;
    while (!this.#failed && this.#at < end) {
      const id = this.#number(1);
      const property = id <= LAST_PROPERTY ? PROPERTIES[id] : undefined;
      if (property === undefined || (property[1] & place) === 0 || this.#kinds[id] !== NO_VALUE) this.#failed = true;
      else this.#property(id, property[0]);
    }
    if (this.#at !== end) this.#failed = true;
  }

  #property(id: number, kind: PropertyKind): void {
    switch (kind) {
      case "bool":
        return this.#setNumber(id, this.#number(1), 0, 1);
      case "u16":
        return this.#setNumber(id, this.#number(2));
      case "positive16":
        return this.#setNumber(id, this.#number(2), 1);
      case "u32":
        return this.#setNumber(id, this.#number(4));
      case "positive32":
        return this.#setNumber(id, this.#number(4), 1);
      case "bytes":
        return this.#setBytes(id);
      case "text":
        this.#setBytes(id);
        if (this.#ends[id] === this.#values[id]) this.#failed = true;
        return;
      case "pair":
        // Without a slot: there may be several.
        this.#skip(this.#number(2));
        this.#skip(this.#number(2));
    }
  }

  #byte(name: Name): number {
    const value = this.#number(1);
    this.#setNumber(FIRST_NAMED + NAMES.indexOf(name), value);
    return value;
  }

  /** Binary data of a named field; as text for comparing when it is short. */
  #string(name: Name): string {
    const slot = FIRST_NAMED + NAMES.indexOf(name);
    this.#setBytes(slot);
    const from = this.#values[slot];
    return this.#failed || this.#ends[slot] - from > 8
      ? ""
      : String.fromCharCode(...this.#bytes.subarray(from, this.#ends[slot]));
  }

  #setNumber(slot: number, value: number, least = 0, most = Infinity): void {
    if (value < least || value > most) this.#failed = true;
    this.#kinds[slot] = NUMBER;
    this.#values[slot] = value;
  }

  #setBytes(slot: number): void {
    const length = this.#number(2);
    this.#kinds[slot] = BYTES;
    this.#values[slot] = this.#at;
    this.#skip(length);
    this.#ends[slot] = this.#at;
  }

  #skip(length: number): void {
    if (length > this.#end - this.#at) this.#failed = true;
    else this.#at += length;
  }

  /** The highest byte first; 0 when there are too few. */
  #number(bytes: number): number {
    if (this.#end - this.#at < bytes) {
      this.#failed = true;
      return 0;
    }
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + this.#bytes[this.#at++];
    return value;
  }

  /** A variable byte integer: seven bits a byte, the lowest first, at most four. */
  #variable(): number {
    let value = 0;
    for (let factor = 1; factor <= 128 ** 3; factor *= 128) {
      const byte = this.#number(1);
      if (this.#failed) return 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    this.#failed = true;
    return 0;
  }
}
