import { cumulativeShare } from "../../../lib/allocate.ts";
import { refundShare, type SoldLine } from "./refund.ts";

/** What came back of a line so far, or comes back now. Minor units, thousandths. */
export interface ReturnFigures {
  readonly quantityThousandths: number; readonly grossMinor: number; readonly discountMinor: number; readonly taxMinor: number; readonly netMinor: number; readonly totalMinor: number; readonly costMinor: number;
  readonly taxes: readonly { readonly name: string; readonly ratePpm: number; readonly amountMinor: number }[];
}

/** The next piece of a line: the share of all that is back after it, less what the pieces before it gave. Held against the pieces as they were,
 *  and not as they should have been, because one of them may have been refused in between.
 *  @throws AllocationError share_exceeds_whole when more comes back than was sold
 *  Source: rules.md R7, F02; R9 for the cost */
export function returnSlice({ sold, given, returning }: { sold: SoldLine & { readonly costMinor: number }; given: ReturnFigures; returning: number }): ReturnFigures {
  const back = given.quantityThousandths + returning;
  const upTo = refundShare({ sold, returnedBefore: 0, returning: back });
  const costUpTo = cumulativeShare({ totalMinor: sold.costMinor, whole: sold.quantityThousandths, before: 0, take: back, mode: "halfUp" });
  return {
    quantityThousandths: returning, grossMinor: upTo.grossMinor - given.grossMinor, discountMinor: upTo.discountMinor - given.discountMinor, taxMinor: upTo.taxMinor - given.taxMinor,
    netMinor: upTo.netMinor - given.netMinor, totalMinor: upTo.totalMinor - given.totalMinor, costMinor: costUpTo - given.costMinor,
    taxes: upTo.taxes.map((tax, index) => ({ ...tax, amountMinor: tax.amountMinor - (given.taxes[index]?.amountMinor ?? 0) })),
  };
}

export const NOTHING_RETURNED: ReturnFigures = { quantityThousandths: 0, grossMinor: 0, discountMinor: 0, taxMinor: 0, netMinor: 0, totalMinor: 0, costMinor: 0, taxes: [] };

export function addFigures(a: ReturnFigures, b: ReturnFigures): ReturnFigures {
  const [longer, shorter] = a.taxes.length >= b.taxes.length ? [a.taxes, b.taxes] : [b.taxes, a.taxes];
  return {
    quantityThousandths: a.quantityThousandths + b.quantityThousandths, grossMinor: a.grossMinor + b.grossMinor, discountMinor: a.discountMinor + b.discountMinor, taxMinor: a.taxMinor + b.taxMinor,
    netMinor: a.netMinor + b.netMinor, totalMinor: a.totalMinor + b.totalMinor, costMinor: a.costMinor + b.costMinor,
    taxes: longer.map((tax, index) => ({ ...tax, amountMinor: tax.amountMinor + (shorter[index]?.amountMinor ?? 0) })),
  };
}
