/** Percentages: a JSON number with at most 4 decimals outside, parts per million of one inside.
 *  One ten-thousandth of a percent is one millionth: 20 % = 200000 ppm, 8.875 % = 88750 ppm. */
import type { Ratio } from "./rounding.ts";

export const PPM_PER_ONE = 1_000_000;
const PPM_PER_PERCENT = 10_000;

/** A limit of sanity (10000 times the price), and far inside where doubles hold 4 decimals. */
export const PERCENT_MAX = 1_000_000;

export class PercentError extends Error {
  readonly code = "invalid_percent";
}

/** @returns integer ppm; 8.875 → 88750
 *  @throws PercentError for NaN, infinities, more than 4 decimals, beyond ±PERCENT_MAX */
export function percentToPpm(percent: number): number {
  const ppm = Math.round(percent * PPM_PER_PERCENT);
  if (!(Math.abs(percent) <= PERCENT_MAX) || ppm / PPM_PER_PERCENT !== percent) {
    throw new PercentError(`${percent} is no percentage with at most 4 decimals, within ±${PERCENT_MAX}`);
  }
  return ppm === 0 ? 0 : ppm;
}

/** @returns the JSON number; 88750 → 8.875. @throws PercentError when not an integer, or beyond the range */
export function ppmToPercent(ppm: number): number {
  if (!Number.isSafeInteger(ppm) || Math.abs(ppm) > PERCENT_MAX * PPM_PER_PERCENT) throw new PercentError(`${ppm} ppm`);
  return ppm / PPM_PER_PERCENT;
}

/** The fraction that `roundProduct` multiplies by. */
export const ppmRatio = (ppm: number): Ratio => ({ num: ppm, den: PPM_PER_ONE });
