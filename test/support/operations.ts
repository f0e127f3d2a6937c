/* The operations of an OpenAPI document, as a test walks through them: a route that is new is in them by itself. */

export type Schema = { type?: string; required?: string[]; properties?: Record<string, Schema>; patternProperties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[]; enum?: unknown[]; const?: unknown; pattern?: string; minimum?: number; maximum?: number; maxLength?: number; maxItems?: number; maxProperties?: number; additionalProperties?: boolean; $ref?: string };
export interface Operation {
  readonly id: string;
  /** `POST /v1/orders/{id}/cancel` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly pathParams: readonly string[];
  readonly query: readonly { readonly name: string; readonly schema: Schema }[];
  /** Of a JSON body; undefined where none is described. */
  readonly body: Schema | undefined;
  /** `text/csv` where the body is no JSON. */
  readonly consumes: string | undefined;
  readonly isPublic: boolean;
}

interface Parameter { name: string; in: string; schema: Schema }
interface Described { operationId: string; parameters?: (Parameter | { $ref: string })[]; requestBody?: { content: Record<string, { schema: Schema }> }; security?: unknown[] }
interface Document { paths: Record<string, Record<string, Described>> }

export function operationsOf(document: object): Operation[] {
  const { paths } = document as Document;
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, described]) => operationOf(document, path, method.toUpperCase(), described)));
}

function operationOf(document: object, path: string, method: string, { operationId, parameters = [], requestBody, security }: Described): Operation {
  const content = requestBody?.content ?? {}, json = content["application/json"]?.schema;
  return {
    id: operationId, name: `${method} ${path}`, method, path, pathParams: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!),
    query: parameters.map((parameter) => inFull(document, parameter) as Parameter).filter((parameter) => parameter.in === "query"),
    body: json && inFull(document, json) as Schema, consumes: json ? undefined : Object.keys(content)[0], isPublic: security?.length === 0,
  };
}

/** Any part of a document with what it refers to in its place. */
function inFull(document: object, part: unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map((item) => inFull(document, item));
  const { $ref } = part as { $ref?: string };
  if ($ref) return inFull(document, $ref.slice(2).split("/").reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document));
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, inFull(document, value)]));
}

/** A place in a body: its JSON pointer (`/lines/0/quantity`), and every schema that it may follow there. */
export interface Place { readonly pointer: string; readonly schemas: readonly Schema[] }

/** All places of a body, the outer ones first. The members of a map stand under the key `any`. */
export function placesOf(schema: Schema, pointer = ""): Place[] {
  const schemas = schema.anyOf ? schema.anyOf.flatMap((choice) => choice.anyOf ?? [choice]) : [schema];
  const inner = new Map<string, Schema[]>();
  const note = (key: string, found: Schema) => inner.set(key, [...(inner.get(key) ?? []), found]);
  for (const { properties = {}, patternProperties = {}, items } of schemas) {
    for (const [key, found] of Object.entries(properties)) note(key, found);
    for (const found of Object.values(patternProperties)) note("any", found);
    if (items) note("0", items);
  }
  return [{ pointer, schemas }, ...[...inner].flatMap(([key, found]) => placesOf(found.length === 1 ? found[0]! : { anyOf: found }, `${pointer}/${key}`))];
}

/** A body that says nothing but what stands at one place, as JSON text. @param text the value, as JSON text: also one that JSON.stringify could not write */
export function bodyWith(pointer: string, text: string): string {
  const keys = pointer.split("/").slice(1);
  return keys.reduceRight((inner, key) => (key === "0" ? `[${inner}]` : `{${JSON.stringify(key)}:${inner}}`), text);
}
