import pg from "pg";
import { invariant } from "../lib/errors.ts";

const INT8 = 20, TIMESTAMPTZ = 1184, NUMERIC = 1700;
/** bigint → number (every amount is a safe integer), timestamptz → RFC 3339 text with milliseconds, the rest as pg does. */
export const columnTypes = {
  getTypeParser(oid: number, format?: string): unknown {
    if (format === "binary") return pg.types.getTypeParser(oid, "binary");
    if (oid === INT8) return safeInteger;
    if (oid === NUMERIC) return Number;
    if (oid === TIMESTAMPTZ) return (value: string) => new Date(value).toISOString();
    return pg.types.getTypeParser(oid);
  },
};
function safeInteger(value: string): number {
  const number = Number(value);
  invariant(Number.isSafeInteger(number), "an amount beyond 2^53 came from the database");
  return number;
}
