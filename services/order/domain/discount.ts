/** How much a list of discounts takes off one base, be it a line or the sum of an order. */
import { ppmRatio, ppmToPercent } from "../../../lib/percent.ts";
import { roundProduct } from "../../../lib/rounding.ts";
import type { RoundingMode } from "../../../lib/rounding.ts";
import { PricingError } from "./pricing-error.ts";
import type { Discount, Explanation } from "./priced-order.ts";

/** Each discount works on what those before it left, is rounded once and never takes more than there is.
 *  A base below zero (goods taken back) gives percentages back and refuses amounts.
 *  @param rule the name in `explain` of a discount that brings none
 *  @returns minor units, of the sign of `baseMinor`, |result| ≤ |baseMinor|; one entry per discount is put into `explain`
 *  @throws PricingError invalid_discount: neither or both of percent and amount, or a negative one
 *  Source: rules.md R5, R6; D05, D11, T18 */
export function applyDiscounts({ baseMinor, discounts, mode, rule, lineIndex, explain }: {
  baseMinor: number;
  discounts: readonly Discount[];
  mode: RoundingMode;
  rule: string;
  lineIndex?: number;
  explain: Explanation[];
}): number {
  let left = baseMinor;
  let stoppedBy: Discount | undefined;
  for (const discount of discounts) {
    const where = { rule: discount.rule ?? rule, ...(lineIndex === undefined ? undefined : { lineIndex }) };
    if (stoppedBy !== undefined) {
      explain.push({ ...where, applied: false, reason: `not applied after ${nameOf(stoppedBy)}` });
      continue;
    }
    const askedMinor = asked(discount, left, mode);
    const amountMinor = cap(askedMinor, left);
    left -= amountMinor;
    explain.push({ ...where, ...outcome(discount, askedMinor, amountMinor) });
    if (discount.stopAfter === true) stoppedBy = discount;
  }
  return baseMinor - left;
}

/** Nothing, one or many, as a list. */
export function discountList(discount: Discount | readonly Discount[] | undefined): readonly Discount[] {
  if (discount === undefined) return NONE;
  return Array.isArray(discount) ? discount : [discount as Discount];
}

const NONE: readonly Discount[] = [];

function asked({ percentPpm, amountMinor }: Discount, leftMinor: number, mode: RoundingMode): number {
  const value = percentPpm ?? amountMinor;
  if ((percentPpm === undefined) === (amountMinor === undefined) || !Number.isSafeInteger(value) || value! < 0) {
    throw new PricingError("invalid_discount", "a discount is either a percentage or an amount, and not negative");
  }
  return amountMinor ?? roundProduct(leftMinor, ppmRatio(percentPpm!), mode);
}

/** Never more than there is, and nothing of the other sign. */
function cap(askedMinor: number, leftMinor: number): number {
  if (leftMinor < 0) return askedMinor < 0 ? Math.max(askedMinor, leftMinor) : 0;
  return Math.min(askedMinor, leftMinor);
}

function outcome(discount: Discount, askedMinor: number, amountMinor: number): Omit<Explanation, "rule"> {
  const unappliedMinor = askedMinor - amountMinor;
  if (unappliedMinor === 0) return { applied: amountMinor !== 0, reason: nameOf(discount), amountMinor };
  return { applied: amountMinor !== 0, reason: `${nameOf(discount)}: no more than there is`, amountMinor, unappliedMinor };
}

function nameOf({ reason, rule, percentPpm }: Discount): string {
  return reason ?? rule ?? (percentPpm === undefined ? "amount off" : `${ppmToPercent(percentPpm)} % off`);
}
