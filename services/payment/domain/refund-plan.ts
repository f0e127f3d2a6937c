/** Who gets how much of a refund back, and by which way it leaves (R7). */
import { refundOverTenders, type PaidTender } from "../../../lib/refund-tenders.ts";
import { roundProduct } from "../../../lib/rounding.ts";
import type { Method } from "./chart.ts";

export interface PaidPayment { readonly id: string; readonly method: Method; readonly amountMinor: number; readonly roundingMinor: number; readonly refundedMinor: number; readonly refundRoundingMinor: number }
/** `method` is the way the money leaves: a card payment may be given back in cash. */
export interface PlannedPart { readonly paymentId: string; readonly method: Method; readonly amountMinor: number; readonly roundingMinor: number }
export interface RefundPlan { readonly parts: readonly PlannedPart[]; readonly amountMinor: number; readonly roundingMinor: number }
export type Refused = "exceeds_captured" | "method_has_no_room";

/** Over all tenders pro rata, or over those of the method that is named. Cash is named also for what was not paid in cash.
 *  @param dueMinor what is owed, exact, tax included  @param cashStep minor units, null for none
 *  @example planRefund({ dueMinor: 2500, method: "original", cashStep: null, payments: [external 3000, cash 2000] }) // 1500 + 1000 (F04) */
export function planRefund({ dueMinor, method, cashStep, payments }: {
  dueMinor: number; method: Method | "original"; cashStep: number | null; payments: readonly PaidPayment[];
}): RefundPlan | Refused {
  const all = share(dueMinor, cashStep, payments, method === "cash" ? "cash" : undefined);
  if (all === undefined) return "exceeds_captured";
  if (method === "original") return all;
  const named = share(dueMinor, cashStep, payments.filter((payment) => payment.method === method), undefined);
  return named ?? (method === "cash" ? all : "method_has_no_room");
}

function share(dueMinor: number, cashStep: number | null, payments: readonly PaidPayment[], leavesBy: Method | undefined): RefundPlan | undefined {
  const wayOf = (payment: PaidPayment): Method => leavesBy ?? payment.method;
  const { parts, amountMinor, unappliedMinor } = refundOverTenders({ amountMinor: dueMinor, cashStep, tenders: payments.map((payment) => asTender(payment, wayOf(payment))) });
  if (unappliedMinor > 0) return undefined;
  const planned = parts.map((part, index) => ({ part, payment: payments[index]! })).filter(({ part }) => part.dueMinor > 0)
    .map(({ part, payment }) => ({ paymentId: payment.id, method: wayOf(payment), amountMinor: part.amountMinor, roundingMinor: part.roundingMinor }));
  return { parts: planned, amountMinor, roundingMinor: amountMinor - dueMinor };
}

const asTender = (payment: PaidPayment, method: Method): PaidTender => ({
  method, paidMinor: payment.amountMinor, refundedMinor: payment.refundedMinor, roundingMinor: payment.roundingMinor, refundRoundingMinor: payment.refundRoundingMinor,
});

/** A refund of one payment by the amount that leaves: exactly that, and the last of it takes the rounding of the sale with it.
 *  @returns undefined when more is asked than is left */
export function planPaymentRefund(payment: PaidPayment, amountMinor: number): { dueMinor: number; part: PlannedPart } | undefined {
  const leftMinor = payment.amountMinor - payment.refundedMinor;
  if (amountMinor > leftMinor) return undefined;
  const claimLeft = leftMinor - payment.roundingMinor + payment.refundRoundingMinor;
  const dueMinor = amountMinor === leftMinor ? claimLeft : Math.min(amountMinor, claimLeft);
  return { dueMinor, part: { paymentId: payment.id, method: payment.method, amountMinor, roundingMinor: amountMinor - dueMinor } };
}

/** The tax of a refund as far as the sale has it left: after refunds that named no goods, less may be left than the goods carried.
 *  @returns `taxMinor` unless that would give back more tax, or more net, than the sale had */
export const taxAtMost = ({ dueMinor, taxMinor, leftNetMinor, leftTaxMinor }: { dueMinor: number; taxMinor: number; leftNetMinor: number; leftTaxMinor: number }): number =>
  Math.max(Math.min(taxMinor, leftTaxMinor), dueMinor - leftNetMinor);

/** The tax within a refund that names no goods: the share of what is left of the sale, so that the last refund leaves nothing. */
export function taxWithin({ dueMinor, leftNetMinor, leftTaxMinor }: { dueMinor: number; leftNetMinor: number; leftTaxMinor: number }): number {
  const leftMinor = leftNetMinor + leftTaxMinor;
  return leftMinor === 0 ? 0 : roundProduct(leftTaxMinor, { num: dueMinor, den: leftMinor }, "halfUp");
}
