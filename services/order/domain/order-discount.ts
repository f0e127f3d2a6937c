/** The discounts of the whole order: computed once on the sum, then shared over the lines (R5, R6). */
import { allocate } from "../../../lib/allocate.ts";
import { addSafe } from "../../../lib/rounding.ts";
import type { RoundingMode } from "../../../lib/rounding.ts";
import { applyDiscounts, discountList } from "./discount.ts";
import type { Discount, Explanation } from "./priced-order.ts";

/** Lines of zero, or taken back, get no share, and no line a share above what it still costs.
 *  @param bases what each line costs after its own discounts, minor units
 *  @returns each line's share, minor units, in the order of `bases`
 *  @example orderDiscount({ bases: [5, 5, 5], discount: { percentPpm: 100_000 }, mode: "halfUp", explain }) // [1, 1, 0]
 *  Source: D05, D07 */
export function orderDiscount({ bases, discount, mode, explain }: {
  bases: readonly number[];
  discount: Discount | readonly Discount[] | undefined;
  mode: RoundingMode;
  explain: Explanation[];
}): number[] {
  if (discount === undefined) return bases.map(() => 0);
  const weights = bases.map((base) => Math.max(base, 0));
  const amountMinor = applyDiscounts({
    baseMinor: weights.reduce(addSafe, 0),
    discounts: discountList(discount),
    mode,
    rule: "orderDiscount",
    explain,
  });
  // The amount is at most Σ weights, so the shares stay within their lines without capping.
  return allocate({ amountMinor, weights });
}
