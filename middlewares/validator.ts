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
      if (!check.Check(params)) throw invalid(check, params);
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

export function invalid(check: Check, value: unknown): Error {
  const errors: FieldError[] = [];
  for (const error of check.Errors(value)) {
    errors.push(...fieldErrors(error));
    if (errors.length >= ERRORS_MAX) break;
  }
  const unique = [...new Map(errors.map((error) => [`${error.pointer} ${error.code}`, error])).values()];
  return refuse.invalid_request(unique.length === 1 ? `${unique[0]!.pointer || "the body"}: ${unique[0]!.message}` : "Several fields are not valid", { errors: unique });
}

/** A schema error as the contract shows it; the value that was sent is never echoed. */
function fieldErrors(error: RawError): FieldError[] {
  if (error.keyword === "boolean") return [];
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
