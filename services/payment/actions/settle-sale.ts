import { invariant } from "../../../lib/errors.ts";
import type { ParamsOf } from "../../../lib/contract.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inSharedTenant } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import { asMade, capturedEvents, standing } from "../domain/made.ts";
import { salePosting } from "../domain/posting.ts";
import { keptTenders, moved, type Tender } from "../domain/tenders.ts";
import { readSale, settleSale } from "../models/sales.ts";
import { CARD_PROVIDER } from "../providers/card-provider.ts";

type Sale = ParamsOf<(typeof paymentContract)["actions"]["settle"]>;

/** Takes cash and external tenders and posts the sale, in one statement: this is on the way of every cash sale.
 *  Internal. Idempotent by orderId: a repeat answers the same and posts nothing. Emits payment.captured, one per tender. */
export const settle = handler<typeof paymentContract, "settle">((sale, ctx) => {
  invariant(sale.payments.every((payment) => payment.method !== "card"), "a card is authorised, not settled");
  const payments = keptTenders(sale.payments as Tender[], sale.roundingMinor, CARD_PROVIDER);
  return inSharedTenant(ctx, "payment.settle", (tx) => settleIn(tx, sale, payments));
});

async function settleIn(tx: Tx, sale: Sale, payments: ReturnType<typeof keptTenders>) {
  const fresh = await settleSale(tx, sale, payments, salePosting(sale, moved(payments)));
  if (!fresh) return asMade(standing((await readSale(tx, sale.orderId))!.payments));
  for (const event of capturedEvents(sale, payments)) tx.emit(event);
  return asMade(payments.map((payment) => ({ ...payment, status: "captured", providerRef: null })));
}
