/** One SQL statement with a name: PostgreSQL plans it once per connection. Only files under `models/` make them. */
export interface Statement { readonly name: string; readonly text: string }
export const sql = (name: string, text: string): Statement => ({ name, text });
/** The names out of a list of columns with their types (each name in quotes): `"id" uuid, "no" int` → `"id", "no"`. @param of an alias that goes before each: `l.` */
export const namesOf = (columns: string, of = ""): string => columns.replace(/("\w+") \w+/g, `${of}$1`);
