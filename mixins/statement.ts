/** One SQL statement with a name: PostgreSQL plans it once per connection. Only files under `models/` make them. */
export interface Statement { readonly name: string; readonly text: string }
export const sql = (name: string, text: string): Statement => ({ name, text });
/** The names out of a list of columns with their types (each name in quotes): `"id" uuid, "no" int` → `"id", "no"`. @param of an alias that goes before each: `l.` */
export const namesOf = (columns: string, of = ""): string => columns.replace(/("\w+") \w+/g, `${of}$1`);

/** JSON that is only kept: in one parameter, a record separator between the texts, which JSON does not contain (RFC 7464). PostgreSQL cuts them apart and does not read them. */
export interface Texts { readonly texts: readonly string[] }
export const textsOf = (values: readonly unknown[]): Texts => ({ texts: values.map((value) => JSON.stringify(value)) });
const SEPARATOR = "\u001e";
export const sequenceOf = ({ texts }: Texts): string => texts.join(SEPARATOR);
/** A FROM item: the rows of a JSON array, each with its text of a sequence beside it (column `text`) and its `place` in the list. Inside the row the text would be read as well.
 *  @param rows, texts parameters, as `$1` and `$2`  @param columns of the rows, with their types */
export const rowsWithTexts = ({ rows, columns, texts, text, as }: { rows: string; columns: string; texts: string; text: string; as: string }): string =>
  `ROWS FROM (json_to_recordset(${rows}) AS (${columns}), unnest(string_to_array(${texts}, E'\\x1E'))) WITH ORDINALITY AS ${as}(${namesOf(columns)}, "${text}", place)`;
