/** What a sale takes before its first step: its id and the client's own reference. */
import { refuse, typeOf } from "../../../lib/errors.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { Order } from "../domain/order-document.ts";

// A saga that failed at its first step has left nothing anywhere: its id is free again.
const FORGET = sql("claim.forget", "DELETE FROM saga WHERE id = $1 AND kind IN ('order.checkout', 'order.cardCheckout') AND status = 'compensated' AND failed_step IS NULL");
const EARLIER = sql("claim.earlier", `SELECT o.document, o.request_hash AS "orderHash", s.status AS "sagaStatus", s.input->>'requestHash' AS "sagaHash", s.refusal
  FROM (SELECT $1::uuid AS id) x LEFT JOIN orders o ON o.id = x.id LEFT JOIN saga s ON s.id = x.id`);
const TAKE_REFERENCE = sql("claim.take-reference", "INSERT INTO order_reference (reference, order_id) VALUES ($1, $2)");
const FREE_REFERENCE = sql("claim.free-reference", "DELETE FROM order_reference WHERE reference = $1 AND order_id = $2");
const CUSTOMER = sql("claim.customer", "SELECT name FROM customer WHERE id = $1 AND archived_at IS NULL");

export interface Earlier {
  readonly document: Order | null; readonly orderHash: string | null; readonly sagaStatus: string | null; readonly sagaHash: string | null;
  readonly refusal: { type: string; code: number; detail: string; data: Record<string, unknown> } | null;
}

/** What is known of an id that the client chose. */
export async function earlierSale(tx: Tx, orderId: string): Promise<Earlier> {
  const [, rows] = await Promise.all([tx.change(FORGET, [orderId]), tx.query<Earlier>(EARLIER, [orderId])]);
  return rows[0]!;
}

/** @throws already_exists (409) */
export async function takeReference(tx: Tx, reference: string, orderId: string): Promise<void> {
  try {
    await tx.change(TAKE_REFERENCE, [reference, orderId]);
  } catch (error) {
    const code = (error as { code?: string }).code;
    throw code === "23505" || typeOf(error) === "already_exists" ? refuse.already_exists("There is an order with this reference already", { pointer: "/reference" }) : error;
  }
}

export async function freeReference(tx: Tx, reference: string, orderId: string): Promise<void> {
  await tx.change(FREE_REFERENCE, [reference, orderId]);
}

/** @throws not_found with the pointer of the field; an archived customer buys no more */
export async function customerName(tx: Tx, customerId: string): Promise<string> {
  const [row] = await tx.query<{ name: string }>(CUSTOMER, [customerId]);
  if (!row) throw refuse.not_found("There is no such customer", { pointer: "/customerId" });
  return row.name;
}
