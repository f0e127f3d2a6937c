/** What comes back when goods come back: by cumulative slices of the line (R7), less a fee where one is agreed. */
import { cumulativeShare } from "../../../lib/allocate.ts";
import { ppmRatio } from "../../../lib/percent.ts";
import { addSafe, roundProduct } from "../../../lib/rounding.ts";
import type { RoundingMode } from "../../../lib/rounding.ts";
import type { PricedLine, PricedTax } from "./priced-order.ts";

/** The amounts of the line as sold; quantities in thousandths. */
export type SoldLine = Pick<PricedLine, "quantityThousandths" | "grossMinor" | "discountMinor" | "taxMinor" | "totalMinor" | "taxes">;

export interface RefundSlice {
  readonly quantityThousandths: number;
  readonly grossMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly taxes: readonly PricedTax[];
  readonly netMinor: number;
  /** tax included: what the customer is owed for this piece */
  readonly totalMinor: number;
}

/** Part k of each amount = round(amount × k / n) less what the parts before it gave, so that returning a line piece by
 *  piece gives back exactly what it cost, in total and in each tax. Σ taxes = taxMinor; netMinor = totalMinor − taxMinor.
 *  @param returnedBefore,returning thousandths, not negative
 *  @throws AllocationError share_exceeds_whole when more comes back than was sold
 *  Source: rules.md R7, F02 */
export function refundShare({ sold, returnedBefore, returning, mode = "halfUp" }: {
  sold: SoldLine;
  returnedBefore: number;
  returning: number;
  mode?: RoundingMode;
}): RefundSlice {
  const slice = (totalMinor: number): number =>
    cumulativeShare({ totalMinor, whole: sold.quantityThousandths, before: returnedBefore, take: returning, mode });
  const taxes = sold.taxes.map(({ name, ratePpm, amountMinor }) => ({ name, ratePpm, amountMinor: slice(amountMinor) }));
  const taxMinor = taxes.length === 0 ? slice(sold.taxMinor) : taxes.reduce((sum, tax) => addSafe(sum, tax.amountMinor), 0);
  const totalMinor = slice(sold.totalMinor);
  return {
    quantityThousandths: returning,
    grossMinor: slice(sold.grossMinor),
    discountMinor: slice(sold.discountMinor),
    taxMinor,
    taxes,
    netMinor: totalMinor - taxMinor,
    totalMinor,
  };
}

/** An untaxed fee on the net of what comes back, never above what is owed for it.
 *  @example restockingFee({ netMinor: 2999, totalMinor: 3239, feePpm: 150_000, mode: "halfUp" }) // { feeMinor: 450, refundMinor: 2789 }
 *  Source: F06 (Shopify RestockingFee) */
export function restockingFee({ netMinor, totalMinor, feePpm, mode }: {
  netMinor: number;
  totalMinor: number;
  feePpm: number;
  mode: RoundingMode;
}): { feeMinor: number; refundMinor: number } {
  const feeMinor = Math.min(roundProduct(netMinor, ppmRatio(feePpm), mode), totalMinor);
  return { feeMinor, refundMinor: totalMinor - feeMinor };
}
