import type { TSchema } from "typebox";
import { routeOf, type ActionContract, type ServiceContract } from "../../lib/contract.ts";
import { refuse } from "../../lib/errors.ts";

/** One REST route, with everything about it that does not change between requests. */
export interface Route {
  /** `order.placeOrder` */
  readonly action: string;
  readonly contract: ActionContract;
  readonly method: string;
  readonly path: string;
  readonly pathParams: readonly string[];
  /** What may stand in the query string, by name. */
  readonly query: ReadonlyMap<string, TSchema>;
}

const BODYLESS = new Set(["GET", "DELETE"]);

export function routesOf(contracts: readonly ServiceContract[]): Route[] {
  return contracts.flatMap((service) => Object.entries(service.actions).filter(([, action]) => action.rest).map(([name, action]) => routeFor(`${service.name}.${name}`, action)));
}

function routeFor(name: string, contract: ActionContract): Route {
  const { method, path, pathParams } = routeOf(contract.rest!);
  const properties = Object.entries((contract.params as { properties?: Record<string, TSchema> }).properties ?? {});
  const inQuery = (property: string) => !pathParams.includes(property) && (BODYLESS.has(method) || contract.consumes !== undefined || (contract.query?.includes(property) ?? false));
  return { action: name, contract, method, path, pathParams, query: new Map(properties.filter(([property]) => inQuery(property))) };
}

interface Entry<T> { readonly method: string; readonly segments: readonly string[]; readonly value: T }

/** Finds a route by its first two segments instead of trying one pattern after another: with 150 routes that is most of the edge's time. */
export class RouteIndex<T> {
  readonly #entries = new Map<string, Entry<T>[]>();

  add(method: string, path: string, value: T): void {
    const segments = path.split("/").slice(1);
    const key = keyOf(segments);
    const entries = this.#entries.get(key) ?? [];
    entries.push({ method, segments, value });
    // A literal segment wins over a parameter: /v1/orders/quote before /v1/orders/:id.
    entries.sort((a, b) => wildcards(a.segments) - wildcards(b.segments));
    this.#entries.set(key, entries);
  }

  /** @throws not_found (404), method_not_allowed (405) with the methods that are, invalid_request for a broken percent-encoding */
  find(method: string, path: string): { value: T; params: Record<string, string> } {
    const segments = path.split("/").slice(1);
    const matching = this.#matching(segments);
    const wanted = method === "HEAD" ? "GET" : method;
    for (const entry of matching) if (entry.method === wanted) return { value: entry.value, params: paramsIn(entry.segments, segments) };
    if (matching.length) throw refuse.method_not_allowed(undefined, { allow: allowed(matching.map((entry) => entry.method)) });
    throw refuse.not_found("There is no such path");
  }

  /** Methods of a path; none when there is no such path. */
  methods(path: string): string[] {
    return allowed(this.#matching(path.split("/").slice(1)).map((entry) => entry.method));
  }

  /** Of one pattern, the most literal: a GET of /v1/orders/quote does not read the order "quote". */
  #matching(segments: readonly string[]): Entry<T>[] {
    const all = (this.#entries.get(keyOf(segments)) ?? []).filter((entry) => matches(entry.segments, segments));
    return all.length > 1 ? all.filter((entry) => wildcards(entry.segments) === wildcards(all[0]!.segments)) : all;
  }
}

const keyOf = (segments: readonly string[]) => `${segments[0] ?? ""}/${segments[1] ?? ""}`;
const wildcards = (segments: readonly string[]) => segments.filter((segment) => segment.startsWith(":")).length;
const allowed = (methods: readonly string[]) => methods.length ? [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].sort() : [];

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  for (let index = 0; index < pattern.length; index++) {
    const wanted = pattern[index]!;
    if (wanted.charCodeAt(0) === 58 /* : */ ? segments[index] === "" : wanted !== segments[index]) return false;
  }
  return true;
}

function paramsIn(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (let index = 0; index < pattern.length; index++) {
    const name = pattern[index]!;
    if (name.charCodeAt(0) === 58 /* : */) params[name.slice(1)] = decoded(segments[index]!);
  }
  return params;
}

function decoded(segment: string): string {
  if (!segment.includes("%")) return segment;
  let text: string;
  try {
    text = decodeURIComponent(segment);
  } catch {
    throw refuse.invalid_request("The path is not percent-encoded UTF-8");
  }
  if (text.includes("\0")) throw refuse.invalid_request("The path holds a character that cannot be stored");
  return text;
}
