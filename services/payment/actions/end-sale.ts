import type { DomainError } from "../../../lib/errors.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { failpoint } from "../../../mixins/failpoint.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import { refuse } from "../errors.ts";
import { closeSale, markDeclined, markVoided, readSale, type SalePayment } from "../models/sales.ts";
import { cardProvider } from "../providers/card-provider.ts";

/** Undoes an authorisation, also one that never happened: the tombstone refuses it when it comes late.
 *  Internal. Idempotent by orderId. @throws conflict when the money was captured: then a refund is the way back */
export const voidSale = handler<typeof paymentContract, "void">(async ({ orderId }, ctx) => {
  const { closed, payments } = await inTenant(ctx, async (tx) => {
    const closed = await closeSale(tx, orderId);
    return { closed, payments: (await readSale(tx, orderId))!.payments };
  });
  if (!closed) throw refuse.payment_ended("The payment is captured: refund it");
  await voidCards(ctx, payments);
  failpoint("payment.void:released");
  await inTenant(ctx, (tx) => markVoided(tx, orderId));
  return {};
});

/** Gives up whatever the provider holds of these. A charge that never was is refused from now on. */
export async function voidCards(ctx: Ctx, payments: readonly SalePayment[]): Promise<void> {
  const provider = cardProvider(ctx.broker), { tenantId } = identityOf(ctx);
  for (const payment of payments) {
    if (payment.method === "card") await provider.void({ tenantId, paymentId: payment.id });
  }
}

/** One card said no: the sale is declined first, then the other cards are released; a crash in between is mended by the repeat.
 *  @returns the refusal to throw */
export async function declineSale(ctx: Ctx, orderId: string, declined: { paymentId: string; reason: string }): Promise<DomainError> {
  const { settlement, payments } = await inTenant(ctx, async (tx) => {
    await markDeclined(tx, orderId, declined);
    return (await readSale(tx, orderId))!;
  });
  await voidCards(ctx, payments);
  return settlement.status === "voided" ? refuse.payment_ended() : refuseDeclined(settlement.reason ?? declined.reason);
}

export const refuseDeclined = (reason: string | null): DomainError => refuse.payment_declined(undefined, { reason: reason === null || reason === "voided" ? "declined" : reason });
