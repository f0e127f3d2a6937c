/** Looks at everything once more, from the entries up. Every statement answers how much it compared and the rows that differ. */
import { sql, type Tx } from "../../../mixins/database.ts";

export interface Check { readonly name: string; readonly compared: number; readonly differences: unknown[] }
const DIFFERENCES_MAX = 100;

const LEDGER = sql("audit.ledger", `WITH sums AS (
    SELECT t.id, t.kind, t.order_id, coalesce(e.currency, s.currency) AS currency, coalesce(sum(e.amount_minor), 0)::bigint AS off,
      (-coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 4000), 0))::bigint AS net, (-coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 2200), 0))::bigint AS tax,
      (-coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 4900), 0))::bigint AS rounding
    FROM ledger_transaction t JOIN settlement s ON s.order_id = t.order_id LEFT JOIN ledger_entry e ON e.transaction_id = t.id GROUP BY t.id, t.kind, t.order_id, coalesce(e.currency, s.currency)
  ), documents AS (
    SELECT order_id AS id, 'sale' AS kind, net_minor, tax_minor, rounding_minor FROM settlement WHERE status = 'captured'
    UNION ALL SELECT id, 'refund', -net_minor, -tax_minor, -rounding_minor FROM refund WHERE status = 'made'
  ), judged AS (
    SELECT coalesce(s.id, d.id) AS id, s.currency, s.off, s.net, d.net_minor, s.tax, d.tax_minor, s.rounding, d.rounding_minor,
      (s.off = 0 AND s.net = d.net_minor AND s.tax = d.tax_minor AND s.rounding = d.rounding_minor) IS TRUE AS agrees
    FROM sums s FULL JOIN documents d ON d.id = s.id AND d.kind = s.kind
  ) SELECT (SELECT count(*) FROM judged) AS compared, (SELECT coalesce(json_agg(x), '[]') FROM (
      SELECT id AS "transactionId", currency, off AS "sumMinor", net AS "bookedNetMinor", net_minor AS "netMinor", tax AS "bookedTaxMinor", tax_minor AS "taxMinor", rounding AS "bookedRoundingMinor", rounding_minor AS "roundingMinor"
      FROM judged WHERE NOT agrees LIMIT ${DIFFERENCES_MAX}) x) AS differences`);
// A refund that is still under way is set aside in `payment`, and not yet in the books.
const PAYMENTS = sql("audit.payments", `WITH booked AS (
    SELECT payment_id, sum(amount_minor)::bigint AS amount FROM ledger_entry WHERE payment_id IS NOT NULL GROUP BY payment_id
  ), back AS (
    SELECT p.payment_id, sum(p.amount_minor) FILTER (WHERE r.status = 'made')::bigint AS made, sum(p.amount_minor)::bigint AS aside FROM refund_part p JOIN refund r ON r.id = p.refund_id WHERE r.status <> 'refused' GROUP BY p.payment_id
  ), judged AS (
    SELECT p.id, p.status, CASE WHEN p.status IN ('captured', 'partiallyRefunded', 'refunded') THEN p.amount_minor ELSE 0 END AS captured, p.refunded_minor AS refunded,
      coalesce(b.amount, 0) AS booked, coalesce(k.made, 0) AS made, coalesce(k.aside, 0) AS aside
    FROM payment p LEFT JOIN booked b ON b.payment_id = p.id LEFT JOIN back k ON k.payment_id = p.id
  ) SELECT count(*) AS compared, (SELECT coalesce(json_agg(x), '[]') FROM (
      SELECT id AS "paymentId", status, captured AS "capturedMinor", refunded AS "refundedMinor", aside AS "refundsMinor", booked AS "bookedMinor"
      FROM judged WHERE refunded <> aside OR booked <> captured - made LIMIT ${DIFFERENCES_MAX}) x) AS differences FROM judged`);
const CARDS = sql("audit.cards", `SELECT p.id AS "paymentId", p.status, CASE WHEN p.status IN ('captured', 'partiallyRefunded', 'refunded') THEN p.amount_minor ELSE 0 END
    - coalesce((SELECT sum(r.amount_minor) FROM refund_part r JOIN refund d ON d.id = r.refund_id WHERE r.payment_id = p.id AND r.method = 'card' AND d.status = 'made'), 0)::bigint AS "keptMinor"
  FROM payment p WHERE p.method = 'card' AND p.id > $1 AND NOT EXISTS (SELECT 1 FROM refund_part r JOIN refund d ON d.id = r.refund_id WHERE r.payment_id = p.id AND d.status = 'pending')
  ORDER BY p.id LIMIT $2`);
const TOTALS = sql("audit.order-totals", `SELECT s.order_id AS "orderId", s.currency,
    coalesce(sum(p.amount_minor) FILTER (WHERE p.status IN ('captured', 'partiallyRefunded', 'refunded')), 0)::bigint AS "capturedMinor", coalesce(sum(p.refunded_minor), 0)::bigint AS "refundedMinor"
  FROM (SELECT tenant_id, order_id, currency FROM settlement WHERE order_id > $1 AND status = 'captured' ORDER BY order_id LIMIT $2) s
  LEFT JOIN payment p ON p.tenant_id = s.tenant_id AND p.order_id = s.order_id GROUP BY s.order_id, s.currency ORDER BY s.order_id`);

export interface CardRow { readonly paymentId: string; readonly status: string; readonly keptMinor: number }
export interface OrderTotal { readonly orderId: string; readonly currency: string; readonly capturedMinor: number; readonly refundedMinor: number }
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

export async function checkBooks(tx: Tx): Promise<Check[]> {
  const [ledger, payments] = await Promise.all([tx.query<Omit<Check, "name">>(LEDGER), tx.query<Omit<Check, "name">>(PAYMENTS)]);
  return [{ name: "money ledger", ...ledger[0]! }, { name: "payments", ...payments[0]! }];
}

/** Card payments that are at rest, and what we believe the provider holds of each. */
export const readCards = (tx: Tx, after: string | null, limit: number): Promise<CardRow[]> => tx.query(CARDS, [after ?? FIRST_ID, limit]);

export const readOrderTotals = (tx: Tx, after: string | null, limit: number): Promise<OrderTotal[]> => tx.query(TOTALS, [after ?? FIRST_ID, limit]);
