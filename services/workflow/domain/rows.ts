import type { ImportType } from "./mappings.ts";
import { FIELDS } from "./mappings.ts";

export interface Rejection { readonly line: number; readonly code: string; readonly message: string }
export type Fields = Readonly<Record<string, string>>;

/** Where each field stands in a record, out of the header row.
 *  @returns the missing columns of required fields, when there are any */
export function placeFields(type: ImportType, columns: Fields, header: readonly string[]): { places: ReadonlyMap<string, number>; missing: string[] } {
  const names = header.map((name) => name.trim());
  const places = new Map<string, number>(), missing: string[] = [];
  for (const [field, column] of Object.entries(columns)) {
    const at = names.indexOf(column);
    if (at >= 0) places.set(field, at);
    else if (FIELDS[type][field]) missing.push(column);
  }
  return { places, missing };
}

/** The values of one record by field, trimmed. */
export function fieldsOf(record: readonly string[], places: ReadonlyMap<string, number>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [field, at] of places) fields[field] = record[at]!.trim();
  return fields;
}

/** A required field that is empty. */
export function emptyField(type: ImportType, fields: Fields): string | undefined {
  for (const [field, required] of Object.entries(FIELDS[type])) if (required && !fields[field]) return field;
  return undefined;
}
