import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { failpoint } from "../../../mixins/failpoint.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import { asMade, capturedEvents, standing } from "../domain/made.ts";
import { salePosting } from "../domain/posting.ts";
import { moved } from "../domain/tenders.ts";
import { refuse } from "../errors.ts";
import { captureSale, readSale, type SalePayment } from "../models/sales.ts";
import { cardProvider } from "../providers/card-provider.ts";
import { declineSale, refuseDeclined, voidCards } from "./end-sale.ts";

/** Captures the cards, then takes the cash and posts the sale in one transaction.
 *  Internal. Idempotent by orderId. Emits payment.captured, one per tender.
 *  @throws payment_declined (402, capture_failed): every card of the sale is released; payment_ended (409) after a void */
export const capture = handler<typeof paymentContract, "capture">(async ({ orderId }, ctx) => {
  const found = await inTenant(ctx, (tx) => readSale(tx, orderId));
  const status = found?.settlement.status;
  if (!found || status === "voided") throw refuse.payment_ended();
  if (status === "declined") {
    await voidCards(ctx, found.payments);
    throw refuseDeclined(found.settlement.reason);
  }
  if (status === "captured") return asMade(standing(found.payments));
  if (status === "authorizing") throw refuse.payment_ended("The payment is not authorised yet");
  const payments = standing(found.payments);
  await captureCards(ctx, orderId, payments);
  failpoint("payment.capture:charged");
  return post(ctx, orderId, payments);
});

async function captureCards(ctx: Ctx, orderId: string, payments: readonly SalePayment[]): Promise<void> {
  const provider = cardProvider(ctx.broker), { tenantId } = identityOf(ctx);
  for (const payment of payments) {
    if (payment.method !== "card") continue;
    const outcome = await provider.capture({ tenantId, paymentId: payment.id });
    if (!outcome.done) throw await declineSale(ctx, orderId, { paymentId: payment.id, reason: outcome.reason });
  }
}

async function post(ctx: Ctx, orderId: string, payments: readonly SalePayment[]) {
  const { captured, after } = await inTenant(ctx, async (tx) => {
    const { settlement } = (await readSale(tx, orderId))!;
    const captured = await captureSale(tx, orderId, salePosting(settlement, moved(payments)));
    if (captured) for (const event of capturedEvents(settlement, payments)) tx.emit(event);
    return { captured, after: (await readSale(tx, orderId))! };
  });
  if (captured || after.settlement.status === "captured") return asMade(standing(after.payments));
  // The undo overtook us: what was captured a moment ago goes back whole.
  await voidCards(ctx, payments);
  throw refuse.payment_ended();
}
