import type { TSchema } from "typebox";
import { refuse, type FieldError } from "../../../lib/errors.ts";
import type { Route } from "../routes.ts";
import { inspectText } from "./body.ts";

const QUERY_MAX = 100;
const INTEGER = /^-?(0|[1-9]\d{0,15})$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** The parameters of an action: each name comes from the one place that the contract gives it, so that no query can override a body.
 *  @throws invalid_request naming what is unknown, given twice, or in the wrong place */
export function paramsOf(route: Route, given: { path: Record<string, string>; query: string; body: Record<string, unknown> }): Record<string, unknown> {
  const query = given.query === "" ? {} : readQuery(route, given.query);
  refuseMisplaced(route, given.body);
  return { ...given.body, ...query, ...given.path };
}

function readQuery(route: Route, text: string): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  const parts = text.split("&").filter(Boolean);
  if (parts.length > QUERY_MAX) throw refuse.invalid_request("The query has too many parameters");
  for (const part of parts) {
    const at = part.indexOf("=");
    const name = decode(at < 0 ? part : part.slice(0, at)), value = at < 0 ? "" : decode(part.slice(at + 1));
    const schema = route.query.get(name);
    if (!schema) throw fieldError(name, "unknown_field", "there is no such parameter in the query");
    if (Object.hasOwn(params, name)) throw fieldError(name, "repeated", "is given twice");
    inspectText(value, `/${name}`);
    params[name] = convert(value, schema);
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw refuse.invalid_request("The query is not percent-encoded UTF-8");
  }
}

function refuseMisplaced(route: Route, body: Record<string, unknown>): void {
  for (const name of Object.keys(body)) {
    if (route.pathParams.includes(name) || route.query.has(name)) throw fieldError(name, "unknown_field", "does not belong in the body");
  }
}

type Typed = TSchema & { type?: string; anyOf?: TSchema[]; items?: TSchema };

/** Text to the type of the schema. What does not fit stays text, and the validator says what is wrong with it. */
function convert(text: string, schema: TSchema): unknown {
  const { type, anyOf, items } = schema as Typed;
  if (type === "integer") return INTEGER.test(text) ? Number(text) : text;
  if (type === "number") return DECIMAL.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "array" && items) return text === "" ? [] : text.split(",").map((item) => convert(item, items));
  for (const choice of anyOf ?? []) {
    const value = convert(text, choice);
    if (typeof value !== "string") return value;
  }
  return text;
}

function fieldError(name: string, code: string, message: string): Error {
  const errors: FieldError[] = [{ pointer: `/${name.slice(0, 100)}`, code, message }];
  return refuse.invalid_request(`/${name.slice(0, 100)}: ${message}`, { errors });
}
