/** What the order service and the events are told of payments. */
import type { Method } from "./chart.ts";

interface Sale { readonly orderId: string; readonly storeId: string; readonly registerId: string | null; readonly currency: string; readonly businessDay: string; readonly at: string }
interface Paid { readonly id: string; readonly method: Method; readonly provider: string; readonly amountMinor: number }

export const capturedEvents = (sale: Sale, payments: readonly Paid[]) => payments.map((payment) => ({
  type: "payment.captured", subject: payment.id,
  data: {
    paymentId: payment.id, orderId: sale.orderId, storeId: sale.storeId, registerId: sale.registerId, method: payment.method, provider: payment.provider,
    amountMinor: payment.amountMinor, currency: sale.currency, businessDay: sale.businessDay, at: sale.at,
  },
}));

export const asMade = (payments: readonly (Paid & { status: string; providerRef: string | null })[]) => ({
  payments: payments.map(({ id, method, amountMinor, status, providerRef }) => ({ id, method, amountMinor, status, providerRef })),
});

const ENDED = new Set(["declined", "voided"]);
/** Without the attempts that were declined or undone before another tender paid the order. */
export const standing = <P extends { status: string }>(payments: readonly P[]): P[] => payments.filter((payment) => !ENDED.has(payment.status));

interface Refunded { readonly id: string; readonly currency: string; readonly businessDay: string; readonly at: string; readonly reason: string; readonly parts: readonly { readonly paymentId: string; readonly method: Method; readonly amountMinor: number }[] }

/** One event per part that moved money. `method` is the way it left; the provider is that of the payment, or the till's when cash left for a card. */
export const refundedEvents = (sale: Sale, refund: Refunded, payments: readonly Paid[]) => refund.parts.filter((part) => part.amountMinor > 0).map((part) => {
  const payment = payments.find(({ id }) => id === part.paymentId)!;
  return {
    type: "payment.refunded", subject: refund.id,
    data: {
      refundId: refund.id, paymentId: part.paymentId, orderId: sale.orderId, storeId: sale.storeId, registerId: sale.registerId, method: part.method,
      provider: part.method === payment.method ? payment.provider : part.method, amountMinor: part.amountMinor, currency: refund.currency, businessDay: refund.businessDay, at: refund.at, reason: refund.reason,
    },
  };
});
