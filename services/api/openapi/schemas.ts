import { Amount, Money } from "../../../lib/schemas.ts";
import type { Route } from "../routes.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A TypeBox schema is JSON Schema 2020-12 already, as OpenAPI 3.1 wants it; its own marks are left out. */
export function plain(schema: unknown): JsonObject {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key.startsWith("~") ? undefined : value))) as JsonObject;
}

const PROBLEM: JsonObject = {
  type: "object", required: ["type", "title", "status", "detail", "code", "requestId"], description: "RFC 9457. Further members are data that the client can act on, as the code says.",
  properties: {
    type: { type: "string", format: "uri-reference" }, title: { type: "string" }, status: { type: "integer" }, detail: { type: "string" }, code: { type: "string", description: "stable; see /docs/errors" }, requestId: { type: "string" },
    errors: { type: "array", items: { type: "object", required: ["pointer", "code", "message"], properties: { pointer: { type: "string", description: "JSON Pointer (RFC 6901) into the parameters" }, code: { type: "string" }, message: { type: "string" } } } },
  },
};

/** Schemas that stand once, under a name: money, the problem, and every resource that more than one operation answers with. */
export class Components {
  readonly #names = new Map<string, string>();
  readonly schemas: JsonObject = {};

  constructor(routes: readonly Route[]) {
    this.#add("Problem", PROBLEM);
    this.#add("Money", plain(Money));
    this.#add("Amount", plain(Amount));
    for (const [text, name] of resourcesOf(routes)) if (!(name in this.schemas)) this.#add(name, JSON.parse(text) as JsonObject);
    for (const name of Object.keys(this.schemas)) this.schemas[name] = this.#inside(this.schemas[name]!);
  }

  /** The schema with every part that has a name replaced by a reference. */
  refer(schema: unknown): Json {
    return this.#replace(plain(schema));
  }

  #add(name: string, schema: JsonObject): void {
    this.schemas[name] = schema;
    this.#names.set(JSON.stringify(schema), name);
  }

  #replace(value: Json): Json {
    if (typeof value !== "object" || value === null) return value;
    const name = Array.isArray(value) ? undefined : this.#names.get(JSON.stringify(value));
    return name ? { $ref: `#/components/schemas/${name}` } : this.#inside(value);
  }

  #inside(value: Json): Json {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#replace(item));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#replace(item)]));
  }
}

/** Resources that several operations answer with, named after the path where they are read: `/v1/tax-rates/:id` → `TaxRate`. */
function resourcesOf(routes: readonly Route[]): Map<string, string> {
  const seen = new Map<string, { name: string; times: number }>();
  for (const route of routes) {
    const schema = plain(route.contract.result);
    const properties = schema.properties as JsonObject | undefined;
    if (!properties?.id) continue;
    const text = JSON.stringify(schema);
    const known = seen.get(text);
    seen.set(text, { name: known?.name ?? nameOf(route.path), times: (known?.times ?? 0) + 1 });
  }
  return new Map([...seen].filter(([, { times }]) => times > 1).map(([text, { name }]) => [text, name]));
}

function nameOf(path: string): string {
  const collection = path.split("/:", 1)[0]!.split("/").at(-1)!;
  const words = collection.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return singular(words.join(""));
}

const singular = (word: string) => word.replace(/ies$/, "y").replace(/(ch|sh|x|ss)es$/, "$1").replace(/([^su])s$/, "$1");
