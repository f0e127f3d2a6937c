import { parse } from "csv-parse";
import { Readable } from "node:stream";
import { refuse } from "../../../lib/errors.ts";

export interface CsvRecord { readonly line: number; readonly record: readonly string[] }

/** A quoted field that is never closed would swallow the file: past this many characters nobody meant one row. */
const RECORD_CHARACTERS_MAX = 100_000;

export interface CsvFile {
  readonly records: AsyncIterable<CsvRecord>;
  /** What the parser says about a broken record, in words that help; any other error as it is. */
  asRefusal(error: unknown): unknown;
}

/** Records of a file that comes in pieces, with the line on which each ends; as much is in memory as a piece holds. A broken record is thrown: the parser could
 *  go on after it, but not without losing rows that it has in hand. */
export function openCsv(pieces: AsyncIterable<string>, delimiter: string): CsvFile {
  let last = 0;
  const parser = parse({
    delimiter, bom: true, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, max_record_size: RECORD_CHARACTERS_MAX,
    on_record: ({ record, info }: { record: string[]; info: { lines: number } }): CsvRecord => ({ line: (last = info.lines), record }),
  } as never);
  const source = Readable.from(pieces);
  source.on("error", (error) => parser.destroy(error));
  return { records: source.pipe(parser), asRefusal: (error) => asRefusal(error, last + 1) };
}

/** @param line where the record begins */
function asRefusal(error: unknown, line: number): unknown {
  switch ((error as { code?: unknown } | null)?.code) {
    case "CSV_QUOTE_NOT_CLOSED": return refuse.invalid_request(`The row that begins at line ${line} opens a quote and never closes it`);
    case "CSV_MAX_RECORD_SIZE": return refuse.invalid_request(`The row that begins at line ${line} has more than ${RECORD_CHARACTERS_MAX} characters: perhaps it opens a quote and never closes it`);
    default: return error;
  }
}
