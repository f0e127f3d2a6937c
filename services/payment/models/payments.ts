/** Payments as they are shown. */
import { sql, type Tx } from "../../../mixins/database.ts";
import type { PaymentRow } from "../domain/representation.ts";

const SELECT = `SELECT p.id, p.order_id AS "orderId", s.store_id AS "storeId", p.method, p.provider, p.status, p.currency, p.amount_minor AS "amountMinor", p.tendered_minor AS "tenderedMinor",
  p.change_minor AS "changeMinor", p.refunded_minor AS "refundedMinor", p.provider_ref AS "providerRef", p.card_brand AS "cardBrand", p.card_last4 AS "cardLast4", p.reason,
  p.captured_at AS "capturedAt", p.created_at AS "createdAt", p.updated_at AS "updatedAt", p.version
  FROM payment p JOIN settlement s ON s.order_id = p.order_id AND s.tenant_id = p.tenant_id`;
const ONE = sql("payment.one", `${SELECT} WHERE p.id = $1`);
// Ids of payments sort by the time they were made, so that the primary key is the order of the list.
const LIST = sql("payment.list", `${SELECT} WHERE p.id < $1 ORDER BY p.id DESC LIMIT $2`);
const OF_ORDER = sql("payment.of-order", `${SELECT} WHERE p.order_id = $3 AND p.id < $1 ORDER BY p.id DESC LIMIT $2`);
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

export async function readPayment(tx: Tx, id: string): Promise<PaymentRow | undefined> {
  return (await tx.query<PaymentRow>(ONE, [id]))[0];
}

export function listPayments(tx: Tx, { orderId, before = LAST_ID, limit }: { orderId: string | undefined; before: string | undefined; limit: number }): Promise<PaymentRow[]> {
  return orderId === undefined ? tx.query(LIST, [before, limit]) : tx.query(OF_ORDER, [before, limit, orderId]);
}
