// Parts of the program with columns of their own, behind the "-" of the CSV (configuration.txt 4.2 "stats show-modules").
import { C } from "../../table/mod.ts";
import { level, type StatColumn, sum } from "./define.ts";

export interface StatModule {
  readonly name: string;
  readonly columns: readonly StatColumn[];
}

export const STAT_MODULES: readonly StatModule[] = [
  {
    name: "h1",
    columns: [
      level("h1_open_connections", C.h1_open_conns, "HTTP/1 connections open now"),
      level("h1_open_streams", C.h1_open_streams, "HTTP/1 exchanges under way"),
      sum("h1_total_connections", "FB", C.h1_conns, "HTTP/1 connections so far"),
      sum("h1_total_streams", "FB", C.h1_streams, "HTTP/1 exchanges so far"),
      sum("h1_bytes_in", "FB", C.h1_in, "Bytes received over HTTP/1"),
      sum("h1_bytes_out", "FB", C.h1_out, "Bytes sent over HTTP/1"),
    ],
  },
];
