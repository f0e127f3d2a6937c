import { sql, type Tx } from "../../../mixins/database.ts";

// As the order service counts: a document under its own kind, a negative line inside a sale still with its negative figures.
const FIGURES = sql("report.figures", `WITH line AS (
    SELECT *, CASE WHEN kind = 'sale' THEN sign ELSE 1 END AS turn FROM fact_sale_line)
  SELECT store_id AS "storeId", currency, to_char(business_day, 'YYYY-MM-DD') AS "businessDay", kind, count(DISTINCT document_id)::int AS documents,
    sum(turn * gross_minor)::bigint AS "grossMinor", sum(turn * discount_minor)::bigint AS "discountMinor", sum(turn * tax_minor)::bigint AS "taxMinor",
    sum(turn * total_minor)::bigint AS "totalMinor", sum(turn * quantity_thousandths)::bigint AS "quantityThousandths"
  FROM line GROUP BY 1, 2, 3, 4`);

const SOLD = sql("report.soldOrders", `SELECT order_id AS "orderId", currency, sum(total_minor + rounding_minor)::bigint AS "dueMinor" FROM fact_document
  WHERE kind = 'sale' AND NOT imported AND order_id > $1::uuid AND ($2::uuid IS NULL OR order_id <= $2) GROUP BY 1, 2`);

const DOCUMENT_LINES = sql("report.documentLines", `SELECT count(*)::int AS compared, coalesce(json_agg(json_build_object('documentId', id, 'stored', total_minor, 'summed', summed)) FILTER (WHERE total_minor <> summed), '[]') AS differences
  FROM (SELECT d.id, d.total_minor, coalesce(sum(l.total_minor * CASE WHEN l.kind = 'sale' THEN l.sign ELSE 1 END), 0)::bigint AS summed
    FROM fact_document d LEFT JOIN fact_sale_line l ON l.document_id = d.id AND l.business_day = d.business_day GROUP BY d.id, d.total_minor) document`);

const POSITIONS = sql("report.positions", `SELECT store_id AS "storeId", variant_id AS "variantId", currency, coalesce(p.quantity_thousandths, 0)::bigint AS quantity, coalesce(p.value_minor, 0)::bigint AS value,
    coalesce(m.quantity, 0)::bigint AS "movedQuantity", coalesce(m.value, 0)::bigint AS "movedValue"
  FROM stock_position p FULL JOIN (SELECT store_id, variant_id, currency, sum(quantity_thousandths) AS quantity, sum(value_minor) AS value FROM fact_stock GROUP BY 1, 2, 3) m
    USING (store_id, variant_id, currency)`);

export interface DayFigures {
  readonly storeId: string; readonly currency: string; readonly businessDay: string; readonly kind: string; readonly documents: number;
  readonly grossMinor: number; readonly discountMinor: number; readonly taxMinor: number; readonly totalMinor: number; readonly quantityThousandths: number;
}
export interface SoldOrder { readonly orderId: string; readonly currency: string; readonly dueMinor: number }
export interface Position {
  readonly storeId: string; readonly variantId: string; readonly currency: string; readonly quantity: number; readonly value: number; readonly movedQuantity: number; readonly movedValue: number;
}

/** The reports' figures per store, day and kind of document. */
export const readFigures = (tx: Tx): Promise<DayFigures[]> => tx.query<DayFigures>(FIGURES);

/** What the sales of a stretch of order ids came to, `(after, last]`; rounding included, history that was replayed left out. */
export const readSoldOrders = (tx: Tx, after: string, last: string | null): Promise<SoldOrder[]> => tx.query<SoldOrder>(SOLD, [after, last]);

/** Each document's total against the sum of its lines. */
export async function readDocumentTotals(tx: Tx): Promise<{ compared: number; differences: unknown[] }> {
  return (await tx.query<{ compared: number; differences: unknown[] }>(DOCUMENT_LINES))[0]!;
}

/** Stock as the running positions have it, beside the sum of the movements. */
export const readPositions = (tx: Tx): Promise<Position[]> => tx.query<Position>(POSITIONS);
