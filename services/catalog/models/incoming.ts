/** Goods that are ordered and have not come: told by purchasing, kept as a ledger and its sums. */
import { sql, type Tx } from "../../../mixins/database.ts";

export interface IncomingMovement {
  readonly purchaseOrderId: string; readonly source: string; readonly kind: "ordered" | "received"; readonly lineId: string; readonly storeId: string; readonly variantId: string;
  /** Signed thousandths. */
  readonly quantity: number;
  readonly at: string;
}

// In the order of the key: two transactions that add to the same levels do not wait for each other crosswise.
const ADD_UP = `INSERT INTO stock_incoming AS s (store_id, variant_id, quantity) SELECT store_id, variant_id, sum(quantity) FROM moved GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (tenant_id, store_id, variant_id) DO UPDATE SET quantity = s.quantity + excluded.quantity`;
const MOVE = sql("incoming.move", `WITH moved AS (
    INSERT INTO incoming_movement (purchase_order_id, line_id, kind, source, store_id, variant_id, quantity, at)
    SELECT t."purchaseOrderId", t."lineId", t.kind, t.source, t."storeId", t."variantId", t.quantity, t.at
    FROM json_to_recordset($1) AS t("purchaseOrderId" uuid, "lineId" uuid, kind text, source uuid, "storeId" uuid, "variantId" uuid, quantity bigint, at timestamptz)
    WHERE t.quantity <> 0 AND NOT EXISTS (SELECT 1 FROM incoming_ended e WHERE e.purchase_order_id = t."purchaseOrderId")
    ON CONFLICT DO NOTHING RETURNING store_id, variant_id, quantity
  ) ${ADD_UP}`);
const END = sql("incoming.end", `WITH ended AS (
    INSERT INTO incoming_ended (purchase_order_id, at) SELECT t."purchaseOrderId", t.at FROM json_to_recordset($1) AS t("purchaseOrderId" uuid, at timestamptz) ON CONFLICT DO NOTHING RETURNING purchase_order_id, at
  ), moved AS (
    INSERT INTO incoming_movement (purchase_order_id, line_id, kind, source, store_id, variant_id, quantity, at)
    SELECT m.purchase_order_id, m.line_id, 'ended', m.purchase_order_id, m.store_id, m.variant_id, -sum(m.quantity), ended.at
    FROM ended JOIN incoming_movement m USING (purchase_order_id) GROUP BY m.purchase_order_id, m.line_id, m.store_id, m.variant_id, ended.at HAVING sum(m.quantity) <> 0
    RETURNING store_id, variant_id, quantity
  ) ${ADD_UP}`);

/** What is on its way, and what of it has come. Known movements, and those of an ended order, are passed over. */
export async function moveIncoming(tx: Tx, movements: readonly IncomingMovement[]): Promise<void> {
  await tx.change(MOVE, [JSON.stringify(movements)]);
}

/** The rest of these orders is no longer awaited. */
export async function endIncoming(tx: Tx, orders: readonly { purchaseOrderId: string; at: string }[]): Promise<void> {
  await tx.change(END, [JSON.stringify(orders)]);
}
