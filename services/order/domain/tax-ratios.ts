/** The exact fraction of a base that each tax of a line is: parallel or compound, on top of the price or within it. */
import { PPM_PER_ONE } from "../../../lib/percent.ts";
import type { Ratio } from "../../../lib/rounding.ts";
import type { TaxComponent } from "./priced-order.ts";

/** `parts[i] / den` is tax i. With prices that include tax the base holds them all, so `den` does too (R4). */
export interface TaxRatios {
  readonly parts: readonly (number | bigint)[];
  readonly den: number | bigint;
}

/** @example taxRatios([{ name: "VAT", ratePpm: 90_000, compound: false }], true) // { parts: [90000], den: 1090000 }
 *  @example 5 % and then 10 % compound, exclusive: parts 0.05 and 0.105 (T10)
 *  Source: rules.md R4, R5 */
export function taxRatios(taxes: readonly TaxComponent[], pricesIncludeTax: boolean): TaxRatios {
  const { parts, den } = taxes.some(isCompounding) ? compound(taxes) : parallel(taxes);
  return pricesIncludeTax ? { parts, den: plus(den, sum(parts)) } : { parts, den };
}

/** All taxes of a line as one fraction. */
export const wholeRatio = ({ parts, den }: TaxRatios): Ratio => ({ num: sum(parts), den });

/** The first tax of a list has nothing to compound on. */
const isCompounding = (tax: TaxComponent, index: number): boolean => tax.compound && index > 0;

const parallel = (taxes: readonly TaxComponent[]): TaxRatios => ({ parts: taxes.map((tax) => tax.ratePpm), den: PPM_PER_ONE });

/** Each compounding tax refines the divisor by another million, so nothing is rounded on the way. */
function compound(taxes: readonly TaxComponent[]): TaxRatios {
  const million = BigInt(PPM_PER_ONE);
  let den = million;
  let parts: bigint[] = [];
  for (const [index, tax] of taxes.entries()) {
    const rate = BigInt(tax.ratePpm);
    if (isCompounding(tax, index)) {
      const onTop = rate * parts.reduce((total, part) => total + part, den);
      parts = [...parts.map((part) => part * million), onTop];
      den *= million;
    } else {
      parts.push((rate * den) / million);
    }
  }
  return { parts, den };
}

function sum(parts: readonly (number | bigint)[]): number | bigint {
  return parts.reduce(plus, 0);
}

/** The parts of one list are of one kind; only the starting 0 is not. */
function plus(a: number | bigint, b: number | bigint): number | bigint {
  return typeof a === "number" && typeof b === "number" ? a + b : BigInt(a) + BigInt(b);
}
