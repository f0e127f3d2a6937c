/** A person mistypes three or four times; ten failures in a row are a machine. */
export const FREE_FAILURES = 10;
const FIRST_LOCK_S = 30;
/** Longer would let anybody keep a colleague out with one request every quarter of an hour. */
const LONGEST_LOCK_S = 900;

/** Seconds for which an address is locked after `failures` in a row: none, then 30, doubled each time up to a quarter of an hour. */
export function lockSeconds(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(LONGEST_LOCK_S, FIRST_LOCK_S * 2 ** Math.min(failures - FREE_FAILURES, 10));
}
