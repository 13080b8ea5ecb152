// mqtt_is_valid and mqtt_field_value (configuration.txt 7.3.1). A packet that is not whole yet gives no sample.
import { setBoolean, setBytes, setText } from "../casts.ts";
import { MQTT_INCOMPLETE, MQTT_TYPES, MQTT_VALID, MqttPacket, mqttSlot } from "../mqtt.ts";
import { type ArgNode, type ConverterEntry, T_BIN, T_BOOL, T_STR } from "../types.ts";
import { converter } from "./define.ts";

/** The number of a packet type, given as such or by its name; 0 for none. */
function packetType(arg: ArgNode): number {
  const text = String(arg).toLowerCase();
  if (/^[0-9]{1,2}$/.test(text)) return Number(text) <= MQTT_TYPES.length ? Number(text) : 0;
  return (MQTT_TYPES as readonly string[]).indexOf(text) + 1;
}

function slotOf(type: ArgNode, field: ArgNode): number {
  return mqttSlot(packetType(type), String(field).toLowerCase());
}

export const mqttConverters: readonly ConverterEntry[] = [
  converter({
    name: "mqtt_is_valid",
    doc: "whether the bytes begin with a valid CONNECT or CONNACK packet of MQTT",
    input: T_BIN,
    out: T_BOOL,
    build() {
      const packet = new MqttPacket();
      return (sample) => {
        const result = packet.read(sample.bytes, sample.from, sample.to);
        if (result === MQTT_INCOMPLETE) return false;
        setBoolean(sample, result === MQTT_VALID);
        return true;
      };
    },
  }),
  converter({
    name: "mqtt_field_value",
    doc: "a field of a CONNECT or CONNACK packet of MQTT, or a property; numbers in decimal",
    input: T_BIN,
    // What it gives is binary; conditions compare it as a string without being told (as HAProxy does, observed).
    out: T_STR,
    args: [{ type: "str", name: "packettype" }, { type: "str", name: "fieldname_or_property_ID" }],
    validate([type, field]) {
      if (packetType(type) === 0) return `Unknown MQTT type '${type}'`;
      return slotOf(type, field) < 0 ? `Unknown MQTT field name '${field}' for packet type '${type}'` : null;
    },
    build([typeName, field], env) {
      const packet = new MqttPacket();
      const type = packetType(typeName);
      const slot = slotOf(typeName, field);
      return (sample) => {
        const { bytes } = sample;
        if (packet.read(bytes, sample.from, sample.to) !== MQTT_VALID || packet.type !== type) return false;
        const number = packet.number(slot);
        if (number >= 0) {
          if (!setText(sample, String(number), env)) return false;
          sample.type = T_BIN;
          return true;
        }
        const from = packet.from(slot);
        if (from < 0) return false;
        setBytes(sample, T_BIN, bytes, from, packet.to(slot));
        return true;
      };
    },
  }),
];
