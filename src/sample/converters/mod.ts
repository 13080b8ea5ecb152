// All converters of this folder.
import type { ConverterEntry } from "../types.ts";
import { aesGcmConverters } from "./aes_gcm.ts";
import { binaryConverters } from "./binaries.ts";
import { dateConverters } from "./dates.ts";
import { debugConverters } from "./debug.ts";
import { digestConverters } from "./digests.ts";
import { encodingConverters } from "./encodings.ts";
import { fixConverters } from "./fix.ts";
import { hashConverters } from "./hashes.ts";
import { httpDateConverters } from "./http_dates.ts";
import { httpValueConverters } from "./http_values.ts";
import { integerConverters } from "./integers.ts";
import { jsonConverters } from "./json.ts";
import { jsonQueryConverters } from "./json_query.ts";
import { jwtConverters } from "./jwt.ts";
import { mapConverters } from "./maps.ts";
import { miscConverters } from "./misc.ts";
import { mqttConverters } from "./mqtt.ts";
import { protobufConverters } from "./protobuf.ts";
import { rfc7239Converters } from "./rfc7239.ts";
import { stringConverters } from "./strings.ts";
import { substitutionConverters } from "./substitutions.ts";
import { transactionConverters } from "./transaction.ts";

export const converterEntries: readonly ConverterEntry[] = [
  ...integerConverters,
  ...stringConverters,
  ...hashConverters,
  ...digestConverters,
  ...encodingConverters,
  ...binaryConverters,
  ...jsonConverters,
  ...httpValueConverters,
  ...dateConverters,
  ...httpDateConverters,
  ...substitutionConverters,
  ...mapConverters,
  ...jsonQueryConverters,
  ...jwtConverters,
  ...aesGcmConverters,
  ...protobufConverters,
  ...mqttConverters,
  ...fixConverters,
  ...transactionConverters,
  ...rfc7239Converters,
  ...debugConverters,
  ...miscConverters,
];
