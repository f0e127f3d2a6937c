import { refuse } from "../lib/errors.ts";
import { METADATA_MAX } from "../lib/schemas.ts";

/** Applies a JSON Merge Patch: what is null goes, objects are merged, anything else is replaced. Neither argument is changed.
 *  Source: RFC 7396, section 2 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A patch is bounded by its schema, what it is merged into is not. @throws invalid_request (400) */
export function refuseTooMuch(metadata: object): void {
  if (Object.keys(metadata).length <= METADATA_MAX) return;
  throw refuse.invalid_request("There is too much metadata", { errors: [{ pointer: "/metadata", code: "too_many", message: `at most ${METADATA_MAX} pairs` }] });
}
