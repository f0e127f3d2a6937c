import type { ParamsOf } from "../../../lib/contract.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { failpoint } from "../../../mixins/failpoint.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import { isCardNumber } from "../domain/cards.ts";
import { asMade, standing } from "../domain/made.ts";
import { keptTenders, type Tender } from "../domain/tenders.ts";
import { refuse } from "../errors.ts";
import { markAuthorized, openSale, readSale } from "../models/sales.ts";
import { CARD_PROVIDER, cardProvider } from "../providers/card-provider.ts";
import { declineSale, refuseDeclined, voidCards } from "./end-sale.ts";

type Sale = ParamsOf<(typeof paymentContract)["actions"]["authorize"]>;

/** Writes the intent, asks the provider with our payment id as its key, writes the outcome: a crash in between is mended by asking again.
 *  Internal. Idempotent by orderId and payment ids.
 *  @throws payment_declined (402, data.reason), invalid_card (422), payment_ended (409) after a void */
export const authorize = handler<typeof paymentContract, "authorize">(async (sale, ctx) => {
  refuseBadCards(sale);
  const { settlement, payments } = await inTenant(ctx, async (tx) => {
    await openSale(tx, sale, keptTenders(sale.payments as Tender[], sale.roundingMinor, CARD_PROVIDER));
    return (await readSale(tx, sale.orderId))!;
  });
  if (settlement.status === "voided") throw refuse.payment_ended();
  if (settlement.status === "declined") {
    await voidCards(ctx, payments);
    throw refuseDeclined(settlement.reason);
  }
  if (settlement.status !== "authorizing") return asMade(standing(payments));
  const refs = await askProvider(sale, ctx);
  failpoint("payment.authorize:charged");
  return record(sale, ctx, refs);
});

/** Checked before anything is written: a number with a typing error leaves no trace. */
function refuseBadCards(sale: Sale): void {
  const index = sale.payments.findIndex((payment) => payment.method === "card" && !isCardNumber(payment.card?.number ?? ""));
  if (index >= 0) throw refuse.invalid_card(undefined, { pointer: `/payments/${index}/card/number` });
}

async function askProvider(sale: Sale, ctx: Ctx): Promise<{ id: string; ref: string }[]> {
  const provider = cardProvider(ctx.broker), { tenantId } = identityOf(ctx);
  const refs: { id: string; ref: string }[] = [];
  for (const payment of sale.payments) {
    if (payment.method !== "card") continue;
    const outcome = await provider.authorize({ tenantId, paymentId: payment.id, amountMinor: payment.amountMinor, currency: sale.currency, cardNumber: payment.card!.number });
    if (!outcome.done) throw await declineSale(ctx, sale.orderId, { paymentId: payment.id, reason: outcome.reason });
    refs.push({ id: payment.id, ref: outcome.ref });
  }
  return refs;
}

async function record(sale: Sale, ctx: Ctx, refs: { id: string; ref: string }[]) {
  const { authorized, settlement, payments } = await inTenant(ctx, async (tx) => {
    const authorized = await markAuthorized(tx, sale.orderId, refs);
    return { authorized, ...(await readSale(tx, sale.orderId))! };
  });
  if (authorized || settlement.status === "authorized" || settlement.status === "captured") return asMade(standing(payments));
  // The undo overtook us: what the provider has just promised is given up again.
  await voidCards(ctx, payments);
  throw refuse.payment_ended();
}
