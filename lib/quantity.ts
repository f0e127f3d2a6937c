/** Quantities: a JSON number with at most 3 decimals outside, integer thousandths inside (API, section 1). */

/** Up to here every number of 3 decimals has a double of its own (spacing 1.2e-7), so reading back is exact. */
export const QUANTITY_MAX = 1_000_000_000;
const THOUSANDTHS = 1000;

export class QuantityError extends Error {
  readonly code = "invalid_quantity";
}

/** @returns integer thousandths; 0.355 → 355. Signed: stock adjustments send negative ones.
 *  @throws QuantityError for NaN, infinities, more than 3 decimals, beyond ±QUANTITY_MAX */
export function quantityToThousandths(quantity: number): number {
  const thousandths = Math.round(quantity * THOUSANDTHS);
  // The quotient is the double nearest to the decimal, so it equals `quantity` only if that had 3 decimals at most.
  if (!(Math.abs(quantity) <= QUANTITY_MAX) || thousandths / THOUSANDTHS !== quantity) {
    throw new QuantityError(`${quantity} is no quantity with at most 3 decimals, within ±${QUANTITY_MAX}`);
  }
  return thousandths === 0 ? 0 : thousandths;
}

/** @returns the JSON number; 355 → 0.355. @throws QuantityError when not an integer, or beyond the range */
export function thousandthsToQuantity(thousandths: number): number {
  if (!Number.isSafeInteger(thousandths) || Math.abs(thousandths) > QUANTITY_MAX * THOUSANDTHS) {
    throw new QuantityError(`${thousandths} thousandths`);
  }
  return thousandths / THOUSANDTHS;
}
