/** What a sale and a refund say in the books. Debit positive, credit negative, in minor units of one currency. */
import { invariant } from "../../../lib/errors.ts";
import { addSafe } from "../../../lib/rounding.ts";
import { ROUNDING, SALES, TAX, TENDER_ACCOUNT, type AccountCode, type Method } from "./chart.ts";

export interface Entry { readonly account: AccountCode; readonly amountMinor: number; readonly paymentId: string | null }
export interface Moved { readonly paymentId: string; readonly method: Method; readonly amountMinor: number }
export interface Booked { readonly netMinor: number; readonly taxMinor: number; readonly roundingMinor: number }

/** Dr each tender, Cr sales (net), Cr tax payable, cash rounding either way.
 *  @throws invariant when the tenders are not net + tax + rounding
 *  @example salePosting({ netMinor: 1000, taxMinor: 204, roundingMinor: 1 }, [cash 1205]) // 1000 +1205, 4000 -1000, 2200 -204, 4900 -1 */
export function salePosting(sale: Booked, tenders: readonly Moved[]): Entry[] {
  return balanced([
    ...tenders.map(({ paymentId, method, amountMinor }) => ({ account: TENDER_ACCOUNT[method], amountMinor, paymentId })),
    { account: SALES, amountMinor: -sale.netMinor, paymentId: null },
    { account: TAX, amountMinor: -sale.taxMinor, paymentId: null },
    { account: ROUNDING, amountMinor: -sale.roundingMinor, paymentId: null },
  ]);
}

/** The mirror image of a sale: Cr the tenders that the money leaves by, Dr sales and tax. */
export function refundPosting(refund: Booked, parts: readonly Moved[]): Entry[] {
  return salePosting(refund, parts).map((entry) => ({ ...entry, amountMinor: -entry.amountMinor }));
}

function balanced(entries: readonly Entry[]): Entry[] {
  const sum = entries.reduce((total, entry) => addSafe(total, entry.amountMinor), 0);
  invariant(sum === 0, `a posting is off by ${sum}: the tenders are not net + tax + rounding`);
  return entries.filter((entry) => entry.amountMinor !== 0);
}
