import { routeOf, type ServiceContract } from "../../../lib/contract.ts";
import { holds } from "../../../lib/permissions.ts";

export interface PermissionEntry { readonly permission: string; readonly endpoints: { method: string; path: string; summary: string }[] }

/** Every permission that some action asks for, in alphabetical order, with the endpoints that it opens. */
export function permissionCatalogue(contracts: readonly ServiceContract[]): PermissionEntry[] {
  const entries = new Map<string, PermissionEntry>();
  for (const action of contracts.flatMap((contract) => Object.values(contract.actions))) {
    if (!action.permission.includes(".")) continue; // public, authenticated, internal
    const entry = entries.get(action.permission) ?? { permission: action.permission, endpoints: [] };
    entries.set(action.permission, entry);
    if (action.rest) entry.endpoints.push(endpoint(action.rest, action.summary));
  }
  return [...entries.values()].sort((a, b) => (a.permission < b.permission ? -1 : 1));
}

function endpoint(rest: string, summary: string): PermissionEntry["endpoints"][number] {
  const { method, path } = routeOf(rest);
  return { method, path: path.replace(/:([A-Za-z]+)/g, "{$1}"), summary };
}

/** The permissions of the catalogue that `held` covers: wildcards written out. */
export function expand(held: readonly string[], known: readonly string[]): string[] {
  return known.filter((permission) => holds(held, permission));
}

/** The first of `wanted` that goes beyond what `held` covers, if any. A wildcard is covered by itself or a wider one,
 *  never by the permissions that it happens to stand for today. */
export function beyond(held: readonly string[], wanted: readonly string[]): string | undefined {
  return wanted.find((permission) => !holds(held, permission));
}

/** The index of the first permission that opens nothing, or -1. */
export function firstUnknown(wanted: readonly string[], known: readonly string[]): number {
  return wanted.findIndex((permission) => !known.some((one) => holds([permission], one)));
}
