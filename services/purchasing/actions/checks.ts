import { refuse as platformRefuse, typeOf } from "../../../lib/errors.ts";
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

/** @throws already_exists (409) with the pointer /reference where a document's reference is taken, id_conflict where its id is */
export async function withTakenReference<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const constraint = typeOf(error) === "already_exists" ? String((error as { data: { constraint?: string } }).data.constraint) : "";
    if (constraint.endsWith("_reference_key")) throw platformRefuse.already_exists("There is a document with this reference already", { pointer: "/reference" });
    throw constraint.endsWith("_pkey") ? platformRefuse.id_conflict(undefined, { pointer: "/id" }) : error;
  }
}
