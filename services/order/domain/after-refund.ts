/** What an order is after something of it came back. */
import type { Order } from "./order-document.ts";

interface Refund { readonly amountMinor: number; readonly reason: string | null; readonly at: string }

/** All goods back, or all money back: refunded. What was cancelled stays cancelled. */
export function statusAfter(order: Pick<Order, "status" | "lines" | "total">, refundedMinor: number): Order["status"] {
  if (order.status === "cancelled") return "cancelled";
  const isAll = order.lines.every((line) => line.returnedQuantity === line.quantity) || (order.total.amount > 0 && refundedMinor >= order.total.amount);
  return isAll ? "refunded" : "partiallyRefunded";
}

/** The order after money went back apart from any goods: one line of its history and one version for each refund. */
export function afterRefunds(order: Order, refunds: readonly Refund[]): Order {
  return refunds.reduce((before, { amountMinor, reason, at }) => {
    const refunded = { ...before.refunded, amount: before.refunded.amount + amountMinor };
    const status = statusAfter(before, refunded.amount);
    return { ...before, status, refunded, updatedAt: at, version: (before.version as number) + 1, history: [...before.history, { at, status, by: null, note: reason }] };
  }, order);
}
