import { Type, type Static, type TProperties, type TSchema, type TUnsafe } from "typebox";
import { UUID_PATTERN } from "./ids.ts";

/* The vocabulary that every contract is written in: api.md section 1. */

const SAFE = Number.MAX_SAFE_INTEGER;

export const Id = Type.String({ pattern: UUID_PATTERN, description: "UUID, lower case" });
export const Currency = Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217" });
export const Minor = Type.Integer({ minimum: -SAFE, maximum: SAFE, description: "minor units of the currency" });
export const Money = Type.Object({ amount: Minor, currency: Currency }, { additionalProperties: false });
/** An amount that cannot be negative: prices, costs, tenders. */
export const Amount = Type.Object({ amount: Type.Integer({ minimum: 0, maximum: SAFE }), currency: Currency }, { additionalProperties: false });
export const Quantity = Type.Number({ minimum: -1_000_000_000, maximum: 1_000_000_000, multipleOf: 0.001, description: "at most 3 decimals" });
export const PositiveQuantity = Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000_000, multipleOf: 0.001, description: "above 0, at most 3 decimals" });
export const Percent = Type.Number({ minimum: 0, maximum: 1000, multipleOf: 0.0001, description: "at most 4 decimals; 20 is 20 %" });
export const Instant = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}:\\d{2})$", description: "RFC 3339" });
export const Day = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "business day of the store" });
export const Name = Type.String({ minLength: 1, maxLength: 200 });
export const Text = Type.String({ maxLength: 2000 });
export const EMAIL_PATTERN = "^[^\\s@]{1,64}@[^\\s@]+\\.[^\\s@]+$";
export const Email = Type.String({ pattern: EMAIL_PATTERN, maxLength: 254 });

/** A map whose keys the client names, bounded in both ways. The key of a record alone would bound nothing: the pattern that it becomes lets a key with a line break pass, with any value. */
export const Pairs = <V extends TSchema>(value: V, bounds: { keyLength: number; most: number; description?: string }): TUnsafe<Record<string, Static<V>>> =>
  Type.Record(Type.String(), value, { propertyNames: { minLength: 1, maxLength: bounds.keyLength }, maxProperties: bounds.most, additionalProperties: false, ...(bounds.description ? { description: bounds.description } : {}) } as never) as never;

export const METADATA_MAX = 50;
export const Metadata = <V extends TSchema>(value: V) => Pairs(value, { keyLength: 100, most: METADATA_MAX });
/** What every resource that a client creates may carry of the client's own. */
export const ownData = {
  reference: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "the client's own id, unique per kind" })),
  metadata: Type.Optional(Metadata(Type.String({ maxLength: 500 }))),
};
/** To look for a resource by the client's own id. */
export const Reference = Type.String({ maxLength: 200 });
export const ownDataOut = {
  reference: Type.Union([Type.String(), Type.Null()]),
  metadata: Type.Record(Type.String(), Type.String()),
};
/** When a resource was made and changed; `version` is its ETag. */
export const stamps = { createdAt: Instant, updatedAt: Instant, version: Type.Integer() };

/** A closed object: unknown fields are refused. */
export const Closed = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** A union of string literals: an `enum` in JSON Schema. */
export const OneOf = <const V extends readonly string[]>(values: V) => Type.Enum([...values]) as unknown as TUnsafe<V[number]>;

export const listParams = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
  sort: Type.Optional(Type.String({ maxLength: 50 })),
};
export const List = <T extends TSchema>(item: T) => Closed({ data: Type.Array(item), nextCursor: Nullable(Type.String()) });
export const ById = Closed({ id: Id });
export const Nothing = Type.Null();
export const File = Closed({ contentType: Type.String(), filename: Type.String(), body: Type.String(), encoding: OneOf(["utf8", "base64"]) });
