import type { ServiceContract } from "../../../lib/contract.ts";
import { routesOf } from "../routes.ts";
import { operationOf, PARAMETERS } from "./operation.ts";
import { HEADERS, problemsOf } from "./responses.ts";
import { Components, type Json, type JsonObject } from "./schemas.ts";

const VERSION = "1.0.0";
const DESCRIPTION = `Amounts are \`{amount, currency}\` in minor units of ISO 4217; quantities are numbers with at most 3 decimals, percentages with at most 4; times are RFC 3339 in UTC.
Lists answer \`{data, nextCursor}\`. Every POST takes an \`Idempotency-Key\`. Errors are problems (RFC 9457) whose \`code\` stands in the [catalogue](/docs/errors).`;

/** The OpenAPI 3.1 document of these contracts: nothing that is not built, everything that is. */
export function openApiDocument(contracts: readonly ServiceContract[]): JsonObject {
  return documentOf("BeaverOS", contracts, true);
}

/** The part of one service, as its `openapi.yml` publishes it. */
export function serviceDocument(contract: ServiceContract): JsonObject {
  return documentOf(`BeaverOS: ${contract.title}`, [contract], false);
}

/** The part of the edge itself. */
export function edgeDocument(): JsonObject {
  return documentOf("BeaverOS: the edge", [], true);
}

function documentOf(title: string, contracts: readonly ServiceContract[], withPlatform: boolean): JsonObject {
  const components = new Components(routesOf(contracts));
  const paths: JsonObject = {};
  for (const contract of contracts) {
    for (const route of routesOf([contract])) {
      const path = route.path.replaceAll(/:([A-Za-z]+)/g, "{$1}");
      paths[path] = { ...(paths[path] as JsonObject | undefined), [route.method.toLowerCase()]: operationOf(route, contract.title, components) };
    }
  }
  return {
    openapi: "3.1.0", info: { title, version: VERSION, description: DESCRIPTION },
    servers: [{ url: "/" }],
    tags: [...contracts.filter((contract) => routesOf([contract]).length > 0).map((contract): Json => ({ name: contract.title })), ...(withPlatform ? [{ name: PLATFORM }] : [])],
    paths: { ...paths, ...(withPlatform ? PLATFORM_PATHS : {}) },
    components: {
      schemas: used(components.schemas, paths), responses: problemsOf(routesOf(contracts)), parameters: PARAMETERS, headers: HEADERS,
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "An access token, or an API key (`bk_…`)" } },
    },
  };
}

const PLATFORM = "Platform";
const get = (operationId: string, summary: string, type: string, more: JsonObject = {}): JsonObject => ({
  get: { operationId, tags: [PLATFORM], summary, security: [], responses: { "200": { description: summary, content: { [type]: { schema: type.endsWith("json") ? { type: "object" } : { type: "string" } } } }, ...more } },
});
const PLATFORM_PATHS: JsonObject = {
  "/health/live": get("api.live", "The process answers", "application/json"),
  "/health/ready": get("api.ready", "The node takes requests: started, every database answers, not stopping", "application/json", { "503": { description: "`unavailable`, with the dependency that fails", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } } }),
  "/openapi.json": get("api.openapi", "This document", "application/json"),
  "/docs": get("api.docs", "This document, to read and try", "text/html"),
  "/docs/errors": get("api.errors", "The catalogue of errors", "text/html"),
};

/** Only the schemas that the paths reach, themselves or through another. */
function used(schemas: JsonObject, paths: JsonObject): JsonObject {
  const reached = new Set<string>(["Problem"]);
  const visit = (text: string) => {
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([A-Za-z]+)"/g)) {
      if (reached.has(name!)) continue;
      reached.add(name!);
      visit(JSON.stringify(schemas[name!]));
    }
  };
  visit(JSON.stringify(paths));
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => reached.has(name)));
}
