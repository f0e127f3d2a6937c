import { isCurrency } from "../../../lib/money.ts";
import { RoundingError } from "../../../lib/rounding.ts";
import { refuse } from "../errors.ts";

/** What the commands of this folder hold amounts against. @throws currency_mismatch (422) */
export function refuseUnknownCurrency(currency: string | null | undefined): void {
  if (currency && !isCurrency(currency)) throw refuse.currency_mismatch("There is no such currency", { pointer: "/currency" });
}

/** @throws currency_mismatch (422) naming the first amount of another currency */
export function refuseForeignAmounts(currency: string, amounts: readonly { pointer: string; amount: { currency: string } | undefined }[]): void {
  const foreign = amounts.find(({ amount }) => amount && amount.currency !== currency);
  if (foreign) throw refuse.currency_mismatch(`The store keeps its stock in ${currency}`, { pointer: foreign.pointer, expected: currency });
}

/** @throws amount_out_of_range (422) where `work` meets an amount that is no safe integer */
export function withinRange<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RoundingError ? refuse.amount_out_of_range() : error;
  }
}
