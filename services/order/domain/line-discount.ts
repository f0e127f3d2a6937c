/** The discounts of one line: for the whole line, not for each piece (API, section 5). */
import type { RoundingMode } from "../../../lib/rounding.ts";
import { applyDiscounts, discountList } from "./discount.ts";
import type { Explanation, LineInput } from "./priced-order.ts";

/** @returns minor units to subtract from the line's gross. @throws PricingError invalid_discount */
export function lineDiscount({ line, lineIndex, grossMinor, mode, explain }: {
  line: LineInput;
  lineIndex: number;
  grossMinor: number;
  mode: RoundingMode;
  explain: Explanation[];
}): number {
  if (line.discount === undefined) return 0;
  return applyDiscounts({
    baseMinor: grossMinor,
    discounts: discountList(line.discount),
    mode,
    rule: "lineDiscount",
    lineIndex,
    explain,
  });
}
