// From the model to the settings of its resolvers sections.
import type { KeywordEntry, Model, Registry } from "../../config/mod.ts";
import { resolversKeywords } from "../entries/resolvers.ts";
import { ResolversConfig, type ResolversEnv } from "./config.ts";

/** The resolvers sections of a model, by name. */
export function resolversOf(model: Model, registry: Registry): Map<string, ResolversConfig> {
  const all = new Map<string, ResolversConfig>();
  for (const section of model.sections) {
    if (section.kind !== "resolvers") continue;
    const resolvers = new ResolversConfig(section.name);
    for (const node of section.nodes) {
      const entry = registry.find("keyword", node.keyword, "resolvers") as
        | KeywordEntry<unknown, ResolversEnv>
        | undefined;
      if (resolversKeywords.includes(entry as KeywordEntry)) entry!.build!(node, { resolvers });
    }
    all.set(section.name, resolvers);
  }
  return all;
}
