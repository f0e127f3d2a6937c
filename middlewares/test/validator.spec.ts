import { describe, expect, it } from "@jest/globals";
import { Type, type TSchema } from "typebox";
import { Closed, Email, Nullable, Pairs } from "../../lib/schemas.ts";
import { contracts } from "../../services/contracts.ts";
import { TypeBoxValidator } from "../validator.ts";

const validator = new TypeBoxValidator();
function refusalOf(schema: TSchema, value: unknown): { pointer: string; code: string }[] {
  try {
    validator.validate(value as never, schema);
  } catch (error) {
    return (error as { data: { errors: { pointer: string; code: string }[] } }).data.errors.map(({ pointer, code }) => ({ pointer, code }));
  }
  return [];
}

describe("a map whose keys the client names", () => {
  const schema = Closed({ map: Pairs(Type.String({ maxLength: 5 }), { keyLength: 3, most: 2 }) });
  it.each<[string, object, string, string]>([
    ["an empty key", { "": "x" }, "/map/", "too_short"], ["a key that is too long", { abcd: "x" }, "/map/abcd", "too_long"], ["a key with a line break", { "a\n": 7 }, "/map/a\n", "unknown_field"],
    ["a value of another type", { a: 7 }, "/map/a", "wrong_type"], ["a value that is too long", { a: "123456" }, "/map/a", "too_long"], ["more pairs than it may have", { a: "", b: "", c: "" }, "/map", "too_many"],
  ])("takes no %s", (_, map, pointer, code) => { expect(refusalOf(schema, { map })).toEqual([{ pointer, code }]); });
  it("takes what keeps to its bounds", () => { expect(refusalOf(schema, { map: { abc: "12345", "ä": "" } })).toEqual([]); });
});

describe("a refusal", () => {
  const many = (item: unknown) => Array.from({ length: 200_000 }, () => item);
  const schema = Closed({
    id: Type.String({ maxLength: 10 }), email: Type.Optional(Nullable(Email)), roles: Type.Optional(Type.Array(Type.String({ maxLength: 10 }), { maxItems: 50, uniqueItems: true })),
    lines: Type.Optional(Type.Array(Closed({ taxes: Type.Optional(Type.Array(Type.Number(), { maxItems: 5 })) }), { maxItems: 500 })),
  });
  it.each<[string, object, string, string]>([
    ["an address that a pattern reads in quadratic time", { email: `a@${"a.".repeat(500_000)} ` }, "/email", "too_long"], ["200,000 equal items that should differ", { roles: many("x") }, "/roles", "too_many"],
    ["200,000 items that are all wrong", { lines: many({}) }, "/lines", "too_many"], ["one of them further in", { lines: [{}, { taxes: many(null) }] }, "/lines/1/taxes", "too_many"],
    ["200,000 unknown fields", Object.fromEntries(many(0).map((_, n) => [`u${n}`, 1])), "", "too_many"],
  ])("of %s does not hold up the process", (_, params, pointer, code) => {
    const start = performance.now();
    expect(refusalOf(schema, params)).toEqual([{ pointer, code }]);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it("names at most twenty faults, and the unknown fields among them", () => {
    expect(refusalOf(schema, { id: "x", a: 1, b: 2 })).toEqual([{ pointer: "/a", code: "unknown_field" }, { pointer: "/b", code: "unknown_field" }]);
    expect(refusalOf(schema, Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`u${n}`, 1]))).length).toBeLessThanOrEqual(20);
  });

  it("does not call a text too long whose characters are two units each", () => {
    expect(refusalOf(schema, { id: "🦫".repeat(10), x: 1 })).toEqual([{ pointer: "/x", code: "unknown_field" }]);
  });
});

interface Part { type?: string; anyOf?: Part[]; items?: Part; properties?: Record<string, Part>; patternProperties?: Record<string, Part>; enum?: unknown[]; const?: unknown; pattern?: string; maxLength?: number; maxItems?: number; maxProperties?: number }

/** Places of a schema where a text, an array or a map has no bound. */
function unbounded(part: Part, place: string): string[] {
  const inner = [
    ...(part.anyOf ?? []).map((choice): [string, Part] => [place, choice]), ...Object.entries(part.properties ?? {}).map(([name, found]): [string, Part] => [`${place}/${name}`, found]),
    ...Object.values(part.patternProperties ?? {}).map((found): [string, Part] => [`${place}/*`, found]), ...(part.items ? [[`${place}/0`, part.items] as [string, Part]] : []),
  ];
  const repeats = (pattern: string) => /[+*]|\{\d+,\}/.test(pattern.replaceAll(/\\.|\[[^\]]*\]/g, "."));
  const isText = part.type === "string" && part.enum === undefined && part.const === undefined;
  const isOpen = (isText && part.maxLength === undefined && (part.pattern === undefined || repeats(part.pattern))) || (part.type === "array" && part.maxItems === undefined) || (part.patternProperties !== undefined && part.maxProperties === undefined);
  return [...(isOpen ? [place] : []), ...inner.flatMap(([where, found]) => unbounded(found, where))];
}

describe("every action that the edge reaches", () => {
  it("bounds each text, array and map that a client may send", () => {
    const open = contracts.flatMap((contract) => Object.entries(contract.actions).filter(([, { rest }]) => rest).flatMap(([name, { params }]) => unbounded(params as Part, `${contract.name}.${name}`)));
    expect(open).toEqual([]);
  });
});
