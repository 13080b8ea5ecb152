// Converters of addresses and variables (configuration.txt 7.3.1).
import { maskIp } from "../../base/mod.ts";
import { cast, setBytes } from "../casts.ts";
import { buildSetVariable, MOST_SET_CONDITIONS, parseSetVariable } from "../set_variable.ts";
import { type ConverterEntry, T_ADDR, T_ANY, T_IPV4, T_IPV6, T_SAME } from "../types.ts";
import { parseWritableVariable } from "../variable_names.ts";
import { converter } from "./define.ts";

export const miscConverters: readonly ConverterEntry[] = [
  converter({
    name: "ipmask",
    doc: "address within a mask for IPv4 and one for IPv6; without the latter IPv6 addresses fail",
    input: T_ADDR,
    out: T_ADDR,
    args: [{ type: "mask4", name: "mask4" }, { type: "mask6", name: "mask6", optional: true }],
    build([mask4, mask6], env) {
      const mask = mask4 as number;
      const prefix = mask6 as number | null;
      return (sample) => {
        // An IPv4-mapped address is one of IPv4 as long as IPv6 has no mask of its own.
        if (sample.type === T_IPV6 && prefix === null && !cast(sample, T_IPV4, env)) {
          return false;
        }
        if (sample.type === T_IPV4) {
          sample.num = (Number(sample.num) & mask) >>> 0;
          return true;
        }
        const masked = sample.bytes.slice(sample.from, sample.from + 16);
        maskIp(masked, prefix!);
        setBytes(sample, T_IPV6, masked, 0, 16);
        return true;
      };
    },
  }),
  converter({
    name: "set-var",
    doc: "sets a variable to the sample when all conditions hold; the sample stays",
    input: T_ANY,
    out: T_SAME,
    args: [
      { type: "var", name: "var" },
      { type: "str", name: "cond", optional: true, repeat: MOST_SET_CONDITIONS },
    ],
    validate(args) {
      const node = parseSetVariable(args.filter((arg) => arg !== null) as string[]);
      return typeof node === "string" ? node : null;
    },
    build(args, env) {
      const node = parseSetVariable(args.filter((arg) => arg !== null) as string[]);
      if (typeof node === "string") throw new Error(node);
      const set = buildSetVariable(node, env);
      return (sample, txn) => {
        set(sample, txn);
        return true;
      };
    },
  }),
  converter({
    name: "unset-var",
    doc: "unsets a variable; the sample stays",
    input: T_ANY,
    out: T_SAME,
    args: [{ type: "var", name: "var" }],
    validate([name]) {
      const parsed = parseWritableVariable(name as string);
      return typeof parsed === "string" ? parsed : null;
    },
    build([name], env) {
      const { scope, slot } = env.variables.slot(name as string);
      return (_sample, txn) => {
        txn.vars.unset(scope, slot);
        return true;
      };
    },
  }),
];
