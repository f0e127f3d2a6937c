import type { TSchema } from "typebox";
import type { Route } from "../routes.ts";
import { responsesOf } from "./responses.ts";
import type { Components, Json, JsonObject } from "./schemas.ts";

interface ObjectSchema { properties?: Record<string, TSchema>; required?: string[] }

const parameter = (name: string, place: string, description: string, schema: JsonObject): JsonObject => ({ name, in: place, description, required: false, schema });
export const PARAMETERS: JsonObject = {
  IdempotencyKey: parameter("Idempotency-Key", "header", "The same key with the same body is answered with the first answer, for 24 h at least", { type: "string", minLength: 1, maxLength: 255 }),
  IfMatch: parameter("If-Match", "header", "ETag that the resource was read with: 412 when it has changed since", { type: "string" }),
  RequestId: parameter("X-Request-Id", "header", "The client's own id of this request", { type: "string", pattern: "^[A-Za-z0-9_-]{8,64}$" }),
};

/** One OpenAPI operation out of one route. */
export function operationOf(route: Route, tag: string, components: Components): JsonObject {
  const { contract, action } = route;
  const open = contract.permission === "public";
  const body = requestBodyOf(route, components);
  return {
    operationId: action, tags: [tag], summary: contract.summary,
    ...(open || contract.permission === "authenticated" ? {} : { description: `Needs the permission \`${contract.permission}\`.`, "x-permission": contract.permission }),
    parameters: parametersOf(route, components),
    ...(body ? { requestBody: body } : {}),
    responses: responsesOf(route, components),
    security: open ? [] : [{ bearer: [] }],
  };
}

function parametersOf(route: Route, components: Components): Json[] {
  const { properties = {}, required = [] } = route.contract.params as ObjectSchema;
  const path = route.pathParams.map((name): Json => ({ name, in: "path", required: true, schema: components.refer(properties[name] ?? { type: "string" }) }));
  const query = [...route.query].map(([name, schema]): Json => ({ name, in: "query", required: required.includes(name), schema: components.refer(schema) }));
  return [...path, ...query, ...headersOf(route.method).map((name): Json => ({ $ref: `#/components/parameters/${name}` }))];
}

function headersOf(method: string): string[] {
  if (method === "POST") return ["IdempotencyKey", "RequestId"];
  return method === "GET" ? ["RequestId"] : ["IfMatch", "RequestId"];
}

function requestBodyOf(route: Route, components: Components): JsonObject | undefined {
  const { contract, method } = route;
  if (method === "GET" || method === "DELETE") return undefined;
  if (contract.consumes) return { required: true, content: { [contract.consumes]: { schema: { type: "string", description: "UTF-8, at most 64 MiB, streamed" } } } };
  const { properties = {}, required = [] } = contract.params as ObjectSchema;
  const names = Object.keys(properties).filter((name) => !route.pathParams.includes(name) && !route.query.has(name));
  if (names.length === 0) return undefined;
  const needed = required.filter((name) => names.includes(name));
  const schema: JsonObject = { type: "object", properties: Object.fromEntries(names.map((name) => [name, components.refer(properties[name])])), ...(needed.length ? { required: needed } : {}), additionalProperties: false };
  const media: JsonObject = { schema, ...(contract.example === undefined ? {} : { example: contract.example as Json }) };
  return { required: needed.length > 0, content: { "application/json": media, ...(method === "PATCH" ? { "application/merge-patch+json": { schema } } : {}) } };
}
