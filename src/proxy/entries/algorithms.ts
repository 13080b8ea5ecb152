// The algorithms of `balance`, for app/manifest.ts.
import type { Entry } from "../../config/mod.ts";
import { hash } from "../lb/expression.ts";
import { first } from "../lb/first.ts";
import { hdr } from "../lb/header.ts";
import { leastconn } from "../lb/leastconn.ts";
import { random } from "../lb/random.ts";
import { roundrobin, staticRr } from "../lb/round_robin.ts";
import { source } from "../lb/source.ts";
import { uri } from "../lb/uri.ts";
import { urlParam } from "../lb/url_param.ts";

export const balanceAlgorithms: readonly Entry[] = [
  roundrobin,
  staticRr,
  leastconn,
  first,
  random,
  source,
  uri,
  hdr,
  urlParam,
  hash,
];
