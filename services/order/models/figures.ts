/** What the audit recomputes, set-based and by PostgreSQL alone. */
import type { ResultOf } from "../../../lib/contract.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { orderContract } from "../contract.ts";

type Day = ResultOf<(typeof orderContract)["actions"]["figures"]>["days"][number];
export type Check = ResultOf<(typeof orderContract)["actions"]["verify"]>["checks"][number];

// Gross as in the reports: before discounts, tax included.
const SUMS = `count(DISTINCT d.id)::int AS documents, sum(l.total_minor + l.discount_minor)::bigint AS "grossMinor", sum(l.discount_minor)::bigint AS "discountMinor", sum(l.tax_minor)::bigint AS "taxMinor",
  sum(l.total_minor)::bigint AS "totalMinor", sum(l.quantity_thousandths)::bigint AS "quantityThousandths"`;
const FIGURES = sql("figures.days", `
  SELECT d.store_id AS "storeId", d.currency, d.business_day::text AS "businessDay", 'sale' AS kind, ${SUMS} FROM orders d JOIN order_line l ON l.order_id = d.id GROUP BY 1, 2, 3
  UNION ALL
  SELECT d.store_id, d.currency, d.business_day::text, d.kind, ${SUMS} FROM order_return d JOIN order_return_line l ON l.return_id = d.id WHERE d.status = 'made' GROUP BY 1, 2, 3, 4
  ORDER BY 3, 1, 4`);

export const figures = (tx: Tx): Promise<Day[]> => tx.query<Day>(FIGURES);

/** Each finds the documents that disagree with what they are made of: `[{id, expected, found}]`, at most 100. */
const CHECKS: readonly { readonly name: string; readonly compared: ReturnType<typeof sql>; readonly differences: ReturnType<typeof sql> }[] = [
  {
    name: "order totals", compared: sql("verify.orders", "SELECT count(*)::int AS n FROM orders"),
    differences: sql("verify.order-totals", `SELECT o.id, o.number, coalesce(sum(l.total_minor), 0)::bigint + o.rounding_minor AS expected, o.total_minor AS found
      FROM orders o LEFT JOIN order_line l ON l.order_id = o.id GROUP BY o.tenant_id, o.id HAVING coalesce(sum(l.total_minor), 0) + o.rounding_minor <> o.total_minor LIMIT 100`),
  },
  {
    name: "order documents", compared: sql("verify.documents", "SELECT count(*)::int AS n FROM orders"),
    differences: sql("verify.order-documents", `SELECT id, number, total_minor AS expected, (document->'total'->>'amount')::bigint AS found FROM orders
      WHERE (document->'total'->>'amount')::bigint <> total_minor OR (document->'refunded'->>'amount')::bigint <> refunded_minor OR document->>'number' <> number OR document->>'status' <> status LIMIT 100`),
  },
  {
    name: "order taxes", compared: sql("verify.lines", "SELECT count(*)::int AS n FROM order_line"),
    differences: sql("verify.order-taxes", `SELECT order_id AS id, id AS "lineId", t.sum AS expected, l.tax_minor AS found
      FROM order_line l, LATERAL (SELECT coalesce(sum((x->>'amountMinor')::bigint), 0)::bigint AS sum FROM json_array_elements(l.taxes) x) t WHERE t.sum <> l.tax_minor LIMIT 100`),
  },
  {
    name: "order tenders", compared: sql("verify.settled", "SELECT count(*)::int AS n FROM orders WHERE NOT imported"),
    differences: sql("verify.order-tenders", `SELECT o.id, o.number, o.total_minor AS expected, coalesce(sum(t.amount_minor), 0)::bigint AS found
      FROM orders o LEFT JOIN order_tender t ON t.order_id = o.id WHERE NOT o.imported GROUP BY o.tenant_id, o.id HAVING coalesce(sum(t.amount_minor), 0) <> o.total_minor LIMIT 100`),
  },
  {
    // No foreign key says so: it would ask once for each row of a sale what one statement has written together.
    name: "rows of orders", compared: sql("verify.rows", "SELECT (SELECT count(*) FROM order_line)::int + (SELECT count(*) FROM order_tender)::int AS n"),
    differences: sql("verify.order-rows", `SELECT r.order_id AS id, r.id AS "rowId", 1 AS expected, 0 AS found FROM (SELECT order_id, id FROM order_line UNION ALL SELECT order_id, id FROM order_tender) r
      LEFT JOIN orders o ON o.id = r.order_id WHERE o.id IS NULL LIMIT 100`),
  },
  {
    name: "return totals", compared: sql("verify.returns", "SELECT count(*)::int AS n FROM order_return"),
    differences: sql("verify.return-totals", `SELECT r.id, r.number, coalesce(sum(l.total_minor), 0)::bigint AS expected, r.total_minor AS found
      FROM order_return r LEFT JOIN order_return_line l ON l.return_id = r.id GROUP BY r.tenant_id, r.id HAVING coalesce(sum(l.total_minor), 0) <> r.total_minor LIMIT 100`),
  },
  {
    name: "returned quantities", compared: sql("verify.returned-lines", "SELECT count(*)::int AS n FROM order_line WHERE returned_thousandths > 0"),
    differences: sql("verify.returned", `SELECT o.order_id AS id, o.id AS "lineId", coalesce(b.sum, 0) AS expected, o.returned_thousandths AS found
      FROM order_line o LEFT JOIN (SELECT r.order_id, l.line_id, sum(l.quantity_thousandths)::bigint AS sum FROM order_return r JOIN order_return_line l ON l.return_id = r.id
        WHERE r.order_id IS NOT NULL AND NOT r.imported GROUP BY 1, 2) b ON b.order_id = o.order_id AND b.line_id = o.id
      WHERE coalesce(b.sum, 0) <> o.returned_thousandths LIMIT 100`),
  },
  {
    name: "order refunds", compared: sql("verify.refunded-orders", "SELECT count(*)::int AS n FROM orders WHERE refunded_minor > 0"),
    differences: sql("verify.order-refunds", `SELECT o.id, o.number, coalesce(b.sum, 0)::bigint AS expected, o.refunded_minor AS found
      FROM orders o LEFT JOIN (SELECT order_id, sum(amount) AS sum FROM (
          SELECT order_id, total_minor + rounding_minor AS amount FROM order_return WHERE status = 'made' AND order_id IS NOT NULL AND NOT imported
          UNION ALL SELECT order_id, amount_minor FROM order_refund WHERE is_booked
        ) a GROUP BY 1) b ON b.order_id = o.id
      WHERE NOT o.imported AND coalesce(b.sum, 0) <> o.refunded_minor LIMIT 100`),
  },
  {
    name: "document numbers", compared: sql("verify.counters", "SELECT count(*)::int AS n FROM document_counter"),
    differences: sql("verify.numbers", `SELECT c.store_id AS id, c.kind, c.last AS expected, coalesce(d.n, 0) AS found FROM document_counter c LEFT JOIN (
        SELECT store_id, 'sale' AS kind, count(*) AS n, max(substring(number from '[0-9]+$')::bigint) AS top FROM orders WHERE NOT imported GROUP BY 1
        UNION ALL SELECT store_id, 'return', count(*), max(substring(number from '[0-9]+$')::bigint) FROM order_return WHERE status = 'made' AND NOT imported GROUP BY 1
      ) d ON d.store_id = c.store_id AND d.kind = c.kind WHERE coalesce(d.n, 0) <> c.last OR coalesce(d.top, 0) <> c.last LIMIT 100`),
  },
];

export async function verifyOrders(tx: Tx): Promise<Check[]> {
  return Promise.all(CHECKS.map(async ({ name, compared, differences }) => {
    const [[count], rows] = await Promise.all([tx.query<{ n: number }>(compared), tx.query(differences)]);
    return { name, compared: count!.n, differences: rows };
  }));
}
