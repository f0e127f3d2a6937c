import { invariant } from "../../../lib/errors.ts";
import { handler, inSharedTenant, inTenant } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import { asMade, capturedEvents, standing } from "../domain/made.ts";
import { salePosting } from "../domain/posting.ts";
import { keptTenders, moved, type Tender } from "../domain/tenders.ts";
import { readSale, settleSale } from "../models/sales.ts";
import { CARD_PROVIDER } from "../providers/card-provider.ts";

/** Takes cash and external tenders and posts the sale, in one statement: this is on the way of every cash sale.
 *  Internal. Idempotent by orderId: a repeat answers the same and posts nothing. Emits payment.captured, one per tender. */
export const settle = handler<typeof paymentContract, "settle">(async (sale, ctx) => {
  invariant(sale.payments.every((payment) => payment.method !== "card"), "a card is authorised, not settled");
  const payments = keptTenders(sale.payments as Tender[], sale.roundingMinor, CARD_PROVIDER);
  const facts = { entries: salePosting(sale, moved(payments)), events: capturedEvents(sale, payments) };
  const fresh = await inSharedTenant(ctx, "payment.settle", (tx) => tx.done(settleSale(tx, sale, payments, facts)));
  if (!fresh) return asMade(standing((await inTenant(ctx, (tx) => readSale(tx, sale.orderId)))!.payments));
  return asMade(payments.map((payment) => ({ ...payment, status: "captured", providerRef: null })));
});
