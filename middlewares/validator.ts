import { Validators } from "moleculer";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { refuse, type FieldError } from "../lib/errors.ts";

interface Check { Check(value: unknown): boolean; Errors(value: unknown): Iterable<RawError> }
interface RawError { keyword: string; instancePath: string; message: string; params: Record<string, unknown> }
const ERRORS_MAX = 20;

/** Contract schemas as Moleculer's validator: TypeBox's own compiler, strict, converts nothing. Runs at the callee, so bus callers are checked too. */
export class TypeBoxValidator extends Validators.Base {
  constructor() {
    super({} as never);
  }

  override validate(params: Record<string, unknown>, schema: unknown): boolean {
    return (this.compile(schema) as (params: unknown) => boolean)(params);
  }

  override convertSchemaToMoleculer(schema: unknown): never {
    return schema as never;
  }

  override compile(schema: unknown): never {
    const check = compiled(schema as TSchema);
    return ((params: unknown) => {
      if (!check.Check(params)) throw invalid(check, params, schema as Sized);
      return true;
    }) as never;
  }
}

const cache = new WeakMap<object, Check>();
export function compiled(schema: TSchema): Check {
  let check = cache.get(schema);
  if (!check) cache.set(schema, (check = Compile(schema) as unknown as Check));
  return check;
}

/** What is wrong with a value, at most twenty things of it. The bounds of the schema are held first. */
export function invalid(check: Check, value: unknown, schema: Sized): Error {
  const errors = oversized(schema, value, "");
  if (errors.length === 0) for (const error of check.Errors(value)) errors.push(...fieldErrors(error));
  const unique = [...new Map(errors.map((error) => [`${error.pointer} ${error.code}`, error])).values()].slice(0, ERRORS_MAX);
  return refuse.invalid_request(unique.length === 1 ? `${unique[0]!.pointer || "the body"}: ${unique[0]!.message}` : "Several fields are not valid", { errors: unique });
}

interface Sized { type?: string; anyOf?: Sized[]; items?: Sized; properties?: Record<string, Sized>; maxItems?: number; maxProperties?: number; maxLength?: number; additionalProperties?: boolean }
/** Units of UTF-16 in one character, at most: no text is called too long that is not. */
const UNITS = 2;
/** Unknown fields that are still named one by one. */
const STRANGERS_MAX = 100;

/** Texts, arrays and maps that are longer than they may be: said first and alone. TypeBox holds every keyword against every item before it names the first fault:
 *  a body of 1 MiB with an address of "a.a.a…" or 250,000 equal roles held up all else in the process for minutes. */
function oversized(schema: Sized, value: unknown, pointer: string): FieldError[] {
  const type = typeOfJson(value);
  if (schema.anyOf) return schema.anyOf.filter((choice) => choice.anyOf || choice.type === type).map((choice) => oversized(choice, value, pointer)).find((errors) => errors.length > 0) ?? [];
  if (typeof value === "string") return beyond(pointer, "too_long", value.length / UNITS, schema.maxLength, "characters");
  if (Array.isArray(value)) return orElse(beyond(pointer, "too_many", value.length, schema.maxItems, "items"), () => (schema.items ? value.flatMap((item, index) => oversized(schema.items!, item, `${pointer}/${index}`)) : []));
  if (type !== "object") return [];
  const members = value as Record<string, unknown>, known = Object.entries(schema.properties ?? {});
  const most = schema.maxProperties ?? (schema.additionalProperties === false ? known.length + STRANGERS_MAX : undefined);
  return orElse(beyond(pointer, "too_many", Object.keys(members).length, most, "members"), () => known.flatMap(([name, inner]) => oversized(inner, members[name], `${pointer}/${name}`)));
}

const typeOfJson = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);
const beyond = (pointer: string, code: string, size: number, most: number | undefined, of: string): FieldError[] => (most !== undefined && size > most ? [{ pointer, code, message: `must not have more than ${most} ${of}` }] : []);
const orElse = (found: FieldError[], next: () => FieldError[]): FieldError[] => (found.length > 0 ? found : next());

/** A schema error as the contract shows it; the value that was sent is never echoed. */
function fieldErrors(error: RawError): FieldError[] {
  if (error.keyword === "boolean" || error.keyword === "propertyNames") return []; // said again by the error of the place itself
  const list = (key: string) => (Array.isArray(error.params[key]) ? (error.params[key] as string[]) : []);
  const below = (name: string) => `${error.instancePath}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  if (error.keyword === "additionalProperties") return list("additionalProperties").map((name) => ({ pointer: below(name), code: "unknown_field", message: "there is no such field" }));
  if (error.keyword === "required") return list("requiredProperties").map((name) => ({ pointer: below(name), code: "required", message: "must be given" }));
  return [{ pointer: error.instancePath, code: CODES[error.keyword] ?? "invalid", message: error.message }];
}

const CODES: Record<string, string> = {
  type: "wrong_type", pattern: "wrong_format", enum: "not_allowed", const: "not_allowed", minimum: "too_small", exclusiveMinimum: "too_small", maximum: "too_large",
  multipleOf: "too_precise", minLength: "too_short", maxLength: "too_long", minItems: "too_few", maxItems: "too_many", maxProperties: "too_many", anyOf: "no_variant_fits", uniqueItems: "not_unique",
};
