import { RowFault } from "../domain/import-rows.ts";

/** What became of a row that was not taken. */
export interface Fate { line: number; code: string; message: string }

/** Reads each row by itself: one that has a fault is rejected and holds up no other. */
export function sorted<R extends { line: number }, T>(rows: readonly R[], read: (row: R) => T): { accepted: T[]; rejected: Fate[] } {
  const accepted: T[] = [], rejected: Fate[] = [];
  for (const row of rows) {
    try {
      accepted.push(read(row));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      rejected.push({ line: row.line, code: error.code, message: error.message });
    }
  }
  return { accepted, rejected };
}
