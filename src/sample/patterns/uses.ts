// Which pattern lists a model uses, found in its statements: main makes the lists of it, and each thread finds them again in
// the same order.
import type { Location, Model, Registry } from "../../config/mod.ts";
import type { AclTest, ConverterEntry, ExprNode } from "../types.ts";
import type { ListSpec, ListUse } from "./sets.ts";

export interface PatternUses {
  /** In the order in which main makes them. */
  readonly lists: readonly ListSpec[];
  /** Of tests: the place in `lists` of the patterns written in their line. */
  readonly tests: ReadonlyMap<AclTest, number>;
  /** Files of the model that nothing but lists use. */
  readonly files: ReadonlySet<string>;
}

/** A list while it is gathered. */
interface Gathered {
  readonly name: string;
  /** -1: the next free one. */
  readonly id: number;
  map: boolean;
  readonly description: string;
  resolve: boolean;
  readonly places: string[];
  readonly uses: ListUse[];
}

export function patternUses(model: Model, registry: Registry): PatternUses {
  const gatherer = new Gatherer(model, registry);
  for (const { nodes } of model.sections) for (const node of nodes) gatherer.visit(node.value, node.at);
  return gatherer.uses();
}

class Gatherer {
  readonly #files: Model["files"];
  readonly #registry: Registry;
  readonly #seen = new Set<object>();
  readonly #lists: Gathered[] = [];
  readonly #named = new Map<string, Gathered>();
  readonly #tests = new Map<AclTest, number>();
  /** Names of files that something else refers to as well. */
  readonly #others = new Set<string>();

  constructor(model: Model, registry: Registry) {
    this.#files = model.files;
    this.#registry = registry;
  }

  visit(value: unknown, at: Location): void {
    if (typeof value === "string") {
      if (Object.hasOwn(this.#files, value)) this.#others.add(value);
      return;
    }
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || this.#seen.has(value)) return;
    this.#seen.add(value);
    const { lists, patterns, expression, method } = value as Partial<AclTest>;
    if (lists !== undefined && patterns !== undefined && expression !== undefined && method !== undefined) {
      this.visit(expression, at);
      return this.#test(value as AclTest, at);
    }
    const { fetch, converters } = value as Partial<ExprNode>;
    if (fetch !== undefined && converters !== undefined) this.#maps(value as ExprNode, at);
    for (const [name, child] of Object.entries(value)) {
      if (name === "converters" && fetch !== undefined) continue;
      // The list that an action changes: it does not read the file.
      if (name === "list" && typeof child === "string") continue;
      this.visit(child, at);
    }
  }

  #test(test: AclTest, at: Location): void {
    const { method } = test;
    for (const { name, map, ignoreCase } of test.lists) {
      this.#use(name, map, `${map ? "map" : "acl"} at ${placeOf(at)}`, { method, ignoreCase, out: null });
      if (test.resolve) this.#named.get(name)!.resolve = true;
    }
    this.#tests.set(test, this.#lists.length);
    const uses = [{ method, ignoreCase: test.ignoreCase, out: null }];
    this.#lists.push({
      name: "",
      id: test.id,
      map: false,
      description: test.description,
      resolve: test.resolve,
      places: [],
      uses,
    });
  }

  #maps({ converters }: ExprNode, at: Location): void {
    for (const { name, args } of converters) {
      const entry = this.#registry.find("converter", name) as ConverterEntry | undefined;
      if (entry?.lookup !== undefined) {
        const use = { method: entry.lookup, ignoreCase: false, out: entry.out };
        this.#use(args[0] as string, true, `map at ${placeOf(at)}`, use);
      } else {
        for (const arg of args) this.visit(arg, at);
      }
    }
  }

  #use(name: string, map: boolean, place: string, use: ListUse): void {
    let list = this.#named.get(name);
    if (list === undefined) {
      const description = name.startsWith("virt@") ? `virtual list '${name}'` : `pattern loaded from file '${name}'`;
      list = { name, id: -1, map, description, resolve: false, places: [], uses: [] };
      this.#named.set(name, list);
      this.#lists.push(list);
    }
    list.map ||= map;
    list.places.push(place);
    list.uses.push(use);
  }

  uses(): PatternUses {
    const taken = new Set(this.#lists.map((list) => list.id));
    let free = 0;
    const lists = this.#lists.map(({ name, id, map, description, resolve, places, uses }): ListSpec => {
      while (id < 0 && taken.has(free)) free++;
      const text = places.length === 0 ? description : `${description} used by ${places.join(", by ")}`;
      return { name, id: id < 0 ? free++ : id, map, description: text, resolve, uses };
    });
    const files = new Set([...this.#named.keys()].filter((name) => !this.#others.has(name)));
    return { lists, tests: this.#tests, files };
  }
}

function placeOf({ file, line }: Location): string {
  return `file '${file}' line ${line}`;
}
