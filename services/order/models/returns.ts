/** Returns: their quantities are held by the first transaction of their saga, and counted by its last. */
import type { ResultOf } from "../../../lib/contract.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { orderContract } from "../contract.ts";
import type { ReturnedLine } from "../domain/plan-return.ts";
import { addFigures, type ReturnFigures } from "../domain/return-slice.ts";

export type ReturnDocument = ResultOf<(typeof orderContract)["actions"]["returnLines"]>;
export interface NewReturn {
  readonly id: string; readonly orderId: string; readonly kind: "return" | "cancellation"; readonly storeId: string; readonly currency: string; readonly totalMinor: number;
  readonly businessDay: string; readonly at: string; readonly lines: readonly ReturnedLine[];
}

const LINE_COLUMNS = `"lineId" uuid, "variantId" uuid, "quantityThousandths" bigint, "grossMinor" bigint, "discountMinor" bigint, "taxMinor" bigint, "netMinor" bigint, "totalMinor" bigint,
  "costMinor" bigint, taxes json, restock boolean`;
// The order's row is locked before; the CHECK on order_line holds the rule once more.
const HOLD = sql("return.hold", `WITH made AS (
    INSERT INTO order_return (id, order_id, kind, status, store_id, currency, total_minor, business_day, at) VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8)
  ), line AS (
    INSERT INTO order_return_line (return_id, position, line_id, variant_id, quantity_thousandths, gross_minor, discount_minor, tax_minor, net_minor, total_minor, cost_minor, taxes, restock)
    SELECT $1, l.position, l."lineId", l."variantId", l."quantityThousandths", l."grossMinor", l."discountMinor", l."taxMinor", l."netMinor", l."totalMinor", l."costMinor", l.taxes, l.restock
    FROM ROWS FROM (json_to_recordset($9) AS (${LINE_COLUMNS})) WITH ORDINALITY AS l("lineId", "variantId", "quantityThousandths", "grossMinor", "discountMinor", "taxMinor", "netMinor", "totalMinor", "costMinor",
      taxes, restock, position)
    RETURNING line_id, quantity_thousandths
  ), back AS (SELECT line_id, sum(quantity_thousandths) AS quantity FROM line GROUP BY line_id)
  UPDATE order_line o SET returned_thousandths = o.returned_thousandths + back.quantity FROM back WHERE o.order_id = $2 AND o.id = back.line_id`);
const GIVEN = sql("return.given", `SELECT l.line_id AS "lineId", l.quantity_thousandths AS "quantityThousandths", l.gross_minor AS "grossMinor", l.discount_minor AS "discountMinor", l.tax_minor AS "taxMinor",
    l.net_minor AS "netMinor", l.total_minor AS "totalMinor", l.cost_minor AS "costMinor", l.taxes
  FROM order_return r JOIN order_return_line l ON l.return_id = r.id WHERE r.order_id = $1`);
const MAKE = sql("return.make", "UPDATE order_return SET status = 'made', number = $2, rounding_minor = $3, document = $4 WHERE id = $1 AND status = 'pending'");
const GIVE_UP = sql("return.give-up", `WITH gone AS (DELETE FROM order_return WHERE id = $1 AND status = 'pending' RETURNING order_id),
  back AS (SELECT l.line_id, gone.order_id, sum(l.quantity_thousandths) AS quantity FROM gone, order_return_line l WHERE l.return_id = $1 GROUP BY 1, 2)
  UPDATE order_line o SET returned_thousandths = o.returned_thousandths - back.quantity FROM back WHERE o.order_id = back.order_id AND o.id = back.line_id`);
const OF_ORDER = sql("return.of-order", "SELECT document FROM order_return WHERE order_id = $1 AND status = 'made' AND document IS NOT NULL ORDER BY at, id");

export async function holdReturn(tx: Tx, back: NewReturn): Promise<void> {
  await tx.change(HOLD, [back.id, back.orderId, back.kind, back.storeId, back.currency, back.totalMinor, back.businessDay, back.at, JSON.stringify(back.lines)]);
}

/** What came back of each line so far, by line id; what is on its way back counts. */
export async function givenBack(tx: Tx, orderId: string): Promise<Map<string, ReturnFigures>> {
  const given = new Map<string, ReturnFigures>();
  for (const { lineId, ...figures } of await tx.query<ReturnFigures & { lineId: string }>(GIVEN, [orderId])) {
    const before = given.get(lineId);
    given.set(lineId, before ? addFigures(before, figures) : figures);
  }
  return given;
}

export async function makeReturn(tx: Tx, document: ReturnDocument): Promise<void> {
  await tx.change(MAKE, [document.id, document.number, document.refund.rounding.amount, JSON.stringify(document)]);
}

/** The refund was refused: the goods count as kept again. */
export async function giveUpReturn(tx: Tx, id: string): Promise<void> {
  await tx.change(GIVE_UP, [id]);
}

export async function returnsOf(tx: Tx, orderId: string): Promise<ReturnDocument[]> {
  return (await tx.query<{ document: ReturnDocument }>(OF_ORDER, [orderId])).map((row) => row.document);
}
