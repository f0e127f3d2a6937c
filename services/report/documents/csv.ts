import { stringify } from "csv-stringify/sync";
import { guarded, type Table } from "../domain/table.ts";

/** RFC 4180, UTF-8, amounts in major units with their currency beside them; the last row holds the totals (key `total`). */
export function csvOf(table: Table, filename: string): { contentType: string; filename: string; body: string; encoding: "utf8" } {
  const line = (cells: readonly string[]) => [...cells.slice(0, table.textColumns).map(guarded), ...cells.slice(table.textColumns), table.currency];
  const body = stringify([[...table.headers, "currency"], ...table.rows.map(line), line(table.totals)], { record_delimiter: "windows" });
  return { contentType: "text/csv; charset=utf-8", filename, body, encoding: "utf8" };
}
