import { errorCatalogue } from "../../error-catalogue.ts";
import type { Route } from "../routes.ts";
import type { Components, Json, JsonObject } from "./schemas.ts";

const header = (description: string, schema: JsonObject = { type: "string" }): JsonObject => ({ description, schema });

export const HEADERS: JsonObject = {
  RequestId: header("The request's own id, sent or made; also in logs and problems"),
  RateLimit: header('What is left: `"default";r=11999;t=60`'),
  RateLimitPolicy: header('The budget: `"default";q=12000;w=60`'),
  ETag: header("Version of the resource, for If-Match and If-None-Match"),
  Location: header("Path of the resource"),
  IdempotentReplayed: header("`true`: the first answer to this Idempotency-Key, again", { type: "boolean" }),
  RetryAfter: header("Seconds to wait", { type: "integer" }),
};
const refer = (name: string): JsonObject => ({ $ref: `#/components/headers/${name}` });
const ALWAYS: JsonObject = { "X-Request-Id": refer("RequestId"), RateLimit: refer("RateLimit"), "RateLimit-Policy": refer("RateLimitPolicy") };

export function responsesOf(route: Route, components: Components): JsonObject {
  return { [String(route.contract.status ?? 200)]: success(route, components), ...failures(route) };
}

function success(route: Route, components: Components): JsonObject {
  const { contract, method } = route;
  const versioned = "version" in ((contract.result as { properties?: object }).properties ?? {});
  const headers: JsonObject = {
    ...ALWAYS,
    ...(versioned ? { ETag: refer("ETag") } : {}),
    ...(contract.location ? { Location: refer("Location") } : {}),
    ...(method === "POST" ? { "Idempotent-Replayed": refer("IdempotentReplayed") } : {}),
  };
  if (contract.status === 204) return { description: "Done", headers };
  return { description: contract.summary, headers, content: contentOf(route, components) };
}

function contentOf({ contract }: Route, components: Components): JsonObject {
  const files = Object.fromEntries((contract.produces ?? []).filter((type) => type !== "application/json").map((type): [string, Json] => [type, { schema: { type: "string", ...(type === "application/pdf" ? { contentMediaType: type } : {}) } }]));
  const json = !contract.produces || contract.produces.includes("application/json");
  return { ...(json ? { "application/json": { schema: components.refer(contract.result) } } : {}), ...files };
}

/** What any request of this kind can be refused with, besides what its contract names. */
function codesOf({ contract, method }: Route): Set<string> {
  const body = method === "POST" || method === "PATCH" || method === "PUT";
  return new Set([
    "invalid_request", "not_acceptable", "rate_limited", "internal", "overloaded", "unavailable",
    ...(body ? ["malformed_json", "too_large", "unsupported_media_type"] : []),
    ...(method === "POST" ? ["idempotency_in_progress", "idempotency_key_reused"] : []),
    ...(contract.permission === "public" ? [] : ["unauthenticated"]),
    ...(contract.permission === "public" || contract.permission === "authenticated" ? [] : ["forbidden"]),
    ...(contract.errors ?? []),
  ]);
}

function failures(route: Route): JsonObject {
  const byStatus = new Map<number, string[]>();
  for (const code of codesOf(route)) {
    const entry = errorCatalogue[code];
    if (entry) byStatus.set(entry.status, [...(byStatus.get(entry.status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].sort(([a], [b]) => a - b).map(([status, codes]) => [String(status), { $ref: `#/components/responses/${codes.join(".")}` }]));
}

/** The refusals that these routes name, each set of codes once: `invalid_request.malformed_json`. */
export function problemsOf(routes: readonly Route[]): JsonObject {
  const names = new Set(routes.flatMap((route) => Object.values(failures(route)).map((response) => (response as { $ref: string }).$ref.split("/").at(-1)!)));
  return Object.fromEntries([...names].sort().map((name) => [name, problem(errorCatalogue[name.split(".")[0]!]!.status, name.split("."))]));
}

function problem(status: number, codes: readonly string[]): JsonObject {
  const waits = status === 429 || status === 503 || codes.some((code) => errorCatalogue[code]!.retryable);
  return {
    description: codes.map((code) => `\`${code}\`: ${errorCatalogue[code]!.title}`).join("\n"),
    headers: { ...ALWAYS, ...(waits ? { "Retry-After": refer("RetryAfter") } : {}) },
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}
