import { parse } from "csv-parse";
import { Readable } from "node:stream";
import type { Rejection } from "../domain/rows.ts";

export interface CsvRecord { readonly line: number; readonly record: readonly string[] }

/** A quoted field that is never closed would swallow the file: past this many characters it is refused. */
const RECORD_CHARACTERS_MAX = 100_000;

/** Records of a file that comes in pieces, with the line on which each ends; as much is in memory as a piece holds.
 *  @param skipped takes the records that are no CSV */
export function readRecords(pieces: AsyncIterable<string>, delimiter: string, skipped: (rejection: Rejection) => void): AsyncIterable<CsvRecord> {
  const parser = parse({
    delimiter, bom: true, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, skip_records_with_error: true, max_record_size: RECORD_CHARACTERS_MAX,
    on_skip: (error: { lines: number; message: string } | undefined) => skipped({ line: error?.lines ?? 0, code: "malformed_csv", message: error?.message.slice(0, 200) ?? "not CSV" }),
    on_record: ({ record, info }: { record: string[]; info: { lines: number } }): CsvRecord => ({ line: info.lines, record }),
  } as never);
  const source = Readable.from(pieces);
  source.on("error", (error) => parser.destroy(error));
  return source.pipe(parser);
}
