// Expressions whose results or acceptance differ from the packaged haproxy (2.6) on purpose, by pattern, with the reason.

const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/,(ltrim|rtrim|add|ltime)(\(\))?(,|$)|^(meth|env)(\(\))?$/, "an argument that the manual requires is asked for"],
  [/^bytes_out$/, "came with 2.9"],
  [/,sha2,ipmask\(0\)$/, "casting bytes to an address came with 3.x"],
  [/^rand\(/, "random"],
  [/^req\.hdr$/, "without a name: the last value of any header, 2.6 finds none"],
  [
    /hdr_val\(X-(Big|Float)\)/,
    "beyond 64 bits saturated, digits up to the first other byte; 2.6 computes with the other bytes",
  ],
  [
    /,(add|sub)\(.*: .*(9223372036854775807|39323233333732303336383534373735383037).* at haproxy/,
    "2.6 saturates sums of two negative numbers, which are no overflow",
  ],
  [
    /(bool\(\w+\)|always_\w+|\w+_is_valid|even|odd|not|bool|is_local|memcmp\([\w.]+\)),(cpl|neg|add|sub|mul|div|mod|and|or|xor)\b/,
    "arithmetic makes an integer of a boolean; 2.6 keeps the type, and its bytes are 0 or 1",
  ],
  [/ub64dec/, "padding and what is no digit end the input; 2.6 adds bytes made of them"],
  [/jwt_header_query(,|$)/, "without a path: the whole header, as the manual says; 2.6 finds none"],
  [/,set-var\(txn\.tmp\),.*cannot be applied/, "2.6 forgets the type at set-var"],
];

/** Whether a difference is known: `text` says what it is. */
export function knownExpression(expression: string, text: string): boolean {
  return KNOWN.some(([pattern]) => pattern.test(expression) || pattern.test(`${expression}: ${text}`));
}
