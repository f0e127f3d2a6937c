import { sql, type Tx } from "../../../mixins/database.ts";

export interface Check { name: string; compared: number; differences: unknown[] }

const ORDER_TOTALS = sql("verify.order-totals", `SELECT o.id, o.number, o.total_minor AS stored, coalesce(sum(l.total_minor), 0)::bigint AS recomputed
  FROM purchase_order o LEFT JOIN purchase_order_line l ON l.purchase_order_id = o.id GROUP BY o.id, o.number, o.total_minor`);
const RECEIVED = sql("verify.received", `SELECT l.id, l.received AS stored, coalesce(sum(r.quantity) FILTER (WHERE g.status <> 'refused'), 0)::bigint AS recomputed
  FROM purchase_order_line l LEFT JOIN goods_receipt_line r ON r.purchase_order_line_id = l.id LEFT JOIN goods_receipt g ON g.id = r.goods_receipt_id GROUP BY l.id, l.received`);
const RECEIPT_TOTALS = sql("verify.receipt-totals", `SELECT g.id, g.number, g.total_minor AS stored, sum(r.goods_minor + r.landed_minor)::bigint AS recomputed
  FROM goods_receipt g JOIN goods_receipt_line r ON r.goods_receipt_id = g.id GROUP BY g.id, g.number, g.total_minor`);

/** Every figure that is kept twice, counted anew. */
export async function verifyPurchasing(tx: Tx): Promise<Check[]> {
  const checks = [["purchase order totals", ORDER_TOTALS], ["received quantities", RECEIVED], ["goods receipt totals", RECEIPT_TOTALS]] as const;
  return Promise.all(checks.map(async ([name, statement]) => {
    const rows = await tx.query<{ stored: number; recomputed: number }>(statement);
    return { name, compared: rows.length, differences: rows.filter((row) => row.stored !== row.recomputed) };
  }));
}
