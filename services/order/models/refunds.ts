/** Refunds that payment made without us: a return's own stand in `order_return`. */
import type { DataOf } from "../../../lib/contract.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { Events } from "../../contracts.ts";

export type Refunded = DataOf<Events["payment.refunded"]>;
export interface Refund { readonly amountMinor: number; readonly reason: string | null; readonly at: string }

// The row of a return is there before its money is asked for, so that its refund is told from others whatever comes first.
const KEEP = sql("refund.keep", `INSERT INTO order_refund (refund_id, payment_id, order_id, amount_minor, reason, at)
  SELECT r."refundId", r."paymentId", r."orderId", r."amountMinor", r.reason, r.at
  FROM json_to_recordset($1) AS r("refundId" uuid, "paymentId" uuid, "orderId" uuid, "amountMinor" bigint, reason text, at timestamptz)
  WHERE NOT EXISTS (SELECT 1 FROM order_return o WHERE o.id = r."refundId") ON CONFLICT DO NOTHING RETURNING order_id AS "orderId"`);
const BOOK = sql("refund.book", `UPDATE order_refund SET is_booked = true WHERE order_id = $1 AND NOT is_booked RETURNING amount_minor AS "amountMinor", reason, at`);
/** More wait only when sales hang by the hundred, and then the next look takes the next. */
const WAITING_MAX = 500;
const WAITING = sql("refund.waiting", `SELECT DISTINCT tenant_id AS "tenantId", order_id AS "orderId" FROM order_refund WHERE NOT is_booked LIMIT ${WAITING_MAX}`);

/** @returns the orders that they are of, in the order in which their rows are to be locked */
export async function keepRefunds(tx: Tx, refunds: readonly Refunded[]): Promise<string[]> {
  const kept = await tx.query<{ orderId: string }>(KEEP, [JSON.stringify(refunds)]);
  return [...new Set(kept.map(({ orderId }) => orderId))].toSorted();
}

/** Those of an order that do not stand on it yet, the earliest first: from here on they do. */
export async function bookRefunds(tx: Tx, orderId: string): Promise<Refund[]> {
  return (await tx.query<Refund>(BOOK, [orderId])).toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** Over all tenants: in a transaction of the worker's role only. */
export const waitingRefunds = (tx: Tx): Promise<{ tenantId: string; orderId: string }[]> => tx.query(WAITING);
