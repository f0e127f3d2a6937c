import type { ParamsOf } from "../../../lib/contract.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import type { Method } from "../domain/chart.ts";
import { standing } from "../domain/made.ts";
import { planRefund, taxAtMost, type RefundPlan } from "../domain/refund-plan.ts";
import { invariant, refuse as refusePlatform } from "../../../lib/errors.ts";
import { refuse } from "../errors.ts";
import { openRefund, readRefund, type RefundRow } from "../models/refunds.ts";
import { readSale, type SalePayment, type Settlement } from "../models/sales.ts";
import { giveBack, needsProvider, post } from "../sagas/give-back.ts";

type Request = ParamsOf<(typeof paymentContract)["actions"]["refundOrder"]>;

/** Gives money of an order back, over its original tenders or by the method named. The amount is exact: cash is rounded here.
 *  Internal. Idempotent by refundId. Emits payment.refunded, one per tender.
 *  @throws refund_exceeds_captured (409, data.available), refund_refused (422), id_conflict for another amount under a known id; unavailable while the sale itself is not booked */
export const refundOrder = handler<typeof paymentContract, "refundOrder">(async (request, ctx) => {
  const refund = await inTenant(ctx, (tx) => setAside(tx, request));
  return answer(refund.status === "made" ? refund : await giveBack({ broker: ctx.broker, service: "payment", tenantId: identityOf(ctx).tenantId }, refund.id));
});

/** Under the lock of the sale: what is left cannot be promised twice. Without a card it is given back and posted at once. */
async function setAside(tx: Tx, request: Request): Promise<RefundRow> {
  const sale = await readSale(tx, request.orderId, true);
  const known = await readRefund(tx, request.refundId);
  if (known) return sameRefund(known, request);
  if (!sale) throw refusePlatform.unavailable("The money of this order is not booked yet");
  if (sale.settlement.status !== "captured") throw refuse.refund_exceeds_captured("Nothing was captured for this order", { available: 0 });
  const payments = standing(sale.payments);
  const plan = planned(request, payments);
  const taxMinor = taxOf(request, sale.settlement);
  await openRefund(tx, {
    id: request.refundId, orderId: request.orderId, currency: sale.settlement.currency, dueMinor: request.amountMinor, netMinor: request.amountMinor - taxMinor, taxMinor,
    amountMinor: plan.amountMinor, roundingMinor: plan.roundingMinor, businessDay: request.businessDay, at: request.at, reason: request.reason, reference: null, metadata: {},
  }, plan.parts);
  const refund = (await readRefund(tx, request.refundId))!;
  return needsProvider(refund) ? refund : post(tx, refund, []);
}

function taxOf({ amountMinor, netMinor, taxMinor }: Request, sale: Settlement): number {
  invariant(netMinor + taxMinor === amountMinor, "a refund is its net and its tax");
  return taxAtMost({ dueMinor: amountMinor, taxMinor, leftNetMinor: sale.netMinor - sale.refundedNetMinor, leftTaxMinor: sale.taxMinor - sale.refundedTaxMinor });
}

function planned(request: Request, payments: readonly SalePayment[]): RefundPlan {
  const plan = planRefund({ dueMinor: request.amountMinor, method: (request.method ?? "original") as Method | "original", cashStep: request.cashRounding, payments });
  const available = payments.reduce((sum, payment) => sum + payment.amountMinor - payment.refundedMinor, 0);
  if (plan === "exceeds_captured") throw refuse.refund_exceeds_captured(undefined, { available });
  if (plan === "method_has_no_room") throw refuse.refund_refused(`Not that much was paid by ${request.method}`, { reason: plan });
  return plan;
}

function sameRefund(known: RefundRow, request: Request): RefundRow {
  if (known.orderId !== request.orderId || known.dueMinor !== request.amountMinor) throw refusePlatform.id_conflict();
  return known;
}

const answer = (refund: RefundRow) => ({
  amountMinor: refund.amountMinor, roundingMinor: refund.roundingMinor, parts: refund.parts.map(({ paymentId, method, amountMinor }) => ({ paymentId, method, amountMinor })),
});
