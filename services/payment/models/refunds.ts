/** Refunds: set aside, given back, posted. */
import { sql, type Tx } from "../../../mixins/database.ts";
import type { Method } from "../domain/chart.ts";
import type { Entry } from "../domain/posting.ts";
import type { PlannedPart } from "../domain/refund-plan.ts";
import { numbered } from "./sales.ts";

export interface NewRefund {
  readonly id: string; readonly orderId: string; readonly currency: string; readonly dueMinor: number; readonly netMinor: number; readonly taxMinor: number; readonly amountMinor: number;
  readonly roundingMinor: number; readonly businessDay: string; readonly at: string; readonly reason: string; readonly reference: string | null; readonly metadata: Record<string, string>;
}
export interface RefundRow extends NewRefund { readonly status: "pending" | "made" | "refused"; readonly refusal: string | null; readonly createdAt: string; readonly updatedAt: string; readonly version: number; readonly parts: readonly RefundPartRow[] }
export interface RefundPartRow { readonly paymentId: string; readonly method: Method; readonly amountMinor: number; readonly roundingMinor: number; readonly providerRef: string | null }

// The sale's row is locked before: what is left was read under that lock, and the CHECK of `payment` holds it once more.
const OPEN = sql("refund.open", `WITH sum AS (
    UPDATE settlement SET refunded_net_minor = refunded_net_minor + $5, refunded_tax_minor = refunded_tax_minor + $6 WHERE order_id = $2 RETURNING order_id
  ), made AS (
    INSERT INTO refund (id, order_id, status, currency, due_minor, net_minor, tax_minor, amount_minor, rounding_minor, business_day, at, reason, reference, metadata)
    SELECT $1, order_id, 'pending', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM sum RETURNING id
  ), part AS (
    INSERT INTO refund_part (refund_id, payment_id, method, amount_minor, rounding_minor)
    SELECT made.id, p."paymentId", p.method, p."amountMinor", p."roundingMinor" FROM made, json_to_recordset($14) AS p("paymentId" uuid, method text, "amountMinor" bigint, "roundingMinor" bigint)
    RETURNING payment_id, amount_minor, rounding_minor
  ) UPDATE payment p SET refunded_minor = p.refunded_minor + part.amount_minor, refund_rounding_minor = p.refund_rounding_minor + part.rounding_minor
    FROM part WHERE p.id = part.payment_id`);
const POST = sql("refund.post", `WITH made AS (
    UPDATE refund SET status = 'made', updated_at = now(), version = version + 1 WHERE id = $1 AND status = 'pending' RETURNING id, order_id, currency, business_day, at
  ), part AS (
    UPDATE refund_part r SET provider_ref = f.ref FROM made, json_to_recordset($3) AS f("paymentId" uuid, ref text) WHERE r.refund_id = made.id AND r.payment_id = f."paymentId"
  ), paid AS (
    UPDATE payment p SET status = CASE WHEN p.refunded_minor - p.refund_rounding_minor >= p.amount_minor - p.rounding_minor THEN 'refunded' ELSE 'partiallyRefunded' END,
      updated_at = now(), version = version + 1
    FROM made, refund_part r WHERE r.refund_id = made.id AND p.id = r.payment_id
  ), posted AS (
    INSERT INTO ledger_transaction (id, kind, order_id, store_id, business_day, at)
    SELECT made.id, 'refund', made.order_id, s.store_id, made.business_day, made.at FROM made JOIN settlement s ON s.order_id = made.order_id
  ), entered AS (
    INSERT INTO ledger_entry (transaction_id, line, account, currency, amount_minor, payment_id, at)
    SELECT made.id, e.line, e.account, made.currency, e."amountMinor", e."paymentId", made.at
    FROM made, json_to_recordset($2) AS e(line smallint, account smallint, "amountMinor" bigint, "paymentId" uuid)
  ) SELECT 1 FROM made`);
const REFUSE = sql("refund.refuse", `WITH ended AS (
    UPDATE refund SET status = 'refused', refusal = $2, reference = NULL, updated_at = now(), version = version + 1 WHERE id = $1 AND status = 'pending' RETURNING id, order_id, net_minor, tax_minor
  ), sum AS (
    UPDATE settlement s SET refunded_net_minor = s.refunded_net_minor - ended.net_minor, refunded_tax_minor = s.refunded_tax_minor - ended.tax_minor FROM ended WHERE s.order_id = ended.order_id
  ) UPDATE payment p SET refunded_minor = p.refunded_minor - r.amount_minor, refund_rounding_minor = p.refund_rounding_minor - r.rounding_minor
    FROM ended, refund_part r WHERE r.refund_id = ended.id AND p.id = r.payment_id`);
const COLUMNS = `id, order_id AS "orderId", status, currency, due_minor AS "dueMinor", net_minor AS "netMinor", tax_minor AS "taxMinor", amount_minor AS "amountMinor", rounding_minor AS "roundingMinor",
  business_day::text AS "businessDay", at, reason, refusal, reference, metadata, created_at AS "createdAt", updated_at AS "updatedAt", version,
  (SELECT coalesce(json_agg(json_build_object('paymentId', p.payment_id, 'method', p.method, 'amountMinor', p.amount_minor, 'roundingMinor', p.rounding_minor, 'providerRef', p.provider_ref) ORDER BY p.payment_id), '[]')
   FROM refund_part p WHERE p.refund_id = refund.id) AS parts`;
const READ = sql("refund.read", `SELECT ${COLUMNS} FROM refund WHERE id = $1`);

/** Sets the money aside: from here on no other refund can take it. */
export async function openRefund(tx: Tx, refund: NewRefund, parts: readonly PlannedPart[]): Promise<void> {
  await tx.change(OPEN, [
    refund.id, refund.orderId, refund.currency, refund.dueMinor, refund.netMinor, refund.taxMinor, refund.amountMinor, refund.roundingMinor, refund.businessDay, refund.at, refund.reason,
    refund.reference, JSON.stringify(refund.metadata), JSON.stringify(parts),
  ]);
}

/** @returns false when it was posted or refused before */
export async function postRefund(tx: Tx, id: string, entries: readonly Entry[], refs: readonly { paymentId: string; ref: string }[]): Promise<boolean> {
  return (await tx.query(POST, [id, numbered(entries), JSON.stringify(refs)])).length === 1;
}

/** The provider said no: what was set aside is free again. */
export async function refuseRefund(tx: Tx, id: string, refusal: string): Promise<void> {
  await tx.change(REFUSE, [id, refusal]);
}

export async function readRefund(tx: Tx, id: string): Promise<RefundRow | undefined> {
  return (await tx.query<RefundRow>(READ, [id]))[0];
}
