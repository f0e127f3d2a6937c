import { sql, type Tx } from "../../../mixins/database.ts";
import type { Status } from "../domain/order-status.ts";

/** Quantities in thousandths, amounts in minor units. */
export interface LineRow { id: string; variantId: string; sku: string; name: string; quantity: number; unitCostMinor: number; totalMinor: number; received: number }
export interface OrderRow {
  id: string; number: string; status: Status; supplierId: string; supplierName: string; storeId: string; currency: string; totalMinor: number; expectedAt: string | null; notes: string | null;
  sentAt: string | null; closedAt: string | null; cancelledAt: string | null; reference: string | null; metadata: Record<string, string>;
  createdAt: string; updatedAt: string; version: number; lines: LineRow[];
}

const LINES = `(SELECT json_agg(json_build_object('id', l.id, 'variantId', l.variant_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitCostMinor', l.unit_cost_minor,
    'totalMinor', l.total_minor, 'received', l.received) ORDER BY l.position) FROM purchase_order_line l WHERE l.purchase_order_id = o.id) AS lines`;
const COLUMNS = `o.id, o.number, o.status, o.supplier_id AS "supplierId", s.name AS "supplierName", o.store_id AS "storeId", o.currency, o.total_minor AS "totalMinor", o.expected_at AS "expectedAt", o.notes,
  o.sent_at AS "sentAt", o.closed_at AS "closedAt", o.cancelled_at AS "cancelledAt", o.reference, o.metadata, o.created_at AS "createdAt", o.updated_at AS "updatedAt", o.version, ${LINES}`;
const FROM = "FROM purchase_order o JOIN supplier s ON s.id = o.supplier_id";
const page = (beyond: "<" | ">", order: "DESC" | "ASC") => `SELECT ${COLUMNS} ${FROM} WHERE ($1::uuid IS NULL OR o.supplier_id = $1) AND ($2::uuid IS NULL OR o.store_id = $2)
  AND ($3::text IS NULL OR o.status = $3) AND ($4::uuid IS NULL OR o.id ${beyond} $4) ORDER BY o.id ${order} LIMIT $5`;

// Gap-free: the number and its document commit together, and the row's lock makes the next one wait.
const NEXT_NUMBER = sql("document.next-number", `INSERT INTO document_number (store_id, kind, last) VALUES ($1, $2, 1)
  ON CONFLICT (tenant_id, store_id, kind) DO UPDATE SET last = document_number.last + 1 RETURNING last`);
const INSERT = sql("order.insert", `INSERT INTO purchase_order (id, number, status, supplier_id, store_id, currency, total_minor, expected_at, notes, reference, metadata)
  VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9, $10)`);
const INSERT_LINES = sql("order.insert-lines", `INSERT INTO purchase_order_line (id, purchase_order_id, position, variant_id, sku, name, quantity, unit_cost_minor, total_minor)
  SELECT "id", $1, "position", "variantId", "sku", "name", "quantity", "unitCostMinor", "totalMinor"
  FROM json_to_recordset($2) AS r("id" uuid, "position" int, "variantId" uuid, "sku" text, "name" text, "quantity" bigint, "unitCostMinor" bigint, "totalMinor" bigint)`);
const BY_ID = sql("order.by-id", `SELECT ${COLUMNS} ${FROM} WHERE o.id = $1`);
const LOCK = sql("order.lock", "SELECT status FROM purchase_order WHERE id = $1 FOR UPDATE");
const NEWEST_FIRST = sql("order.newest-first", page("<", "DESC"));
const OLDEST_FIRST = sql("order.oldest-first", page(">", "ASC"));
const MOVE = sql("order.move", `UPDATE purchase_order SET status = $3, sent_at = CASE $3 WHEN 'sent' THEN now() ELSE sent_at END, closed_at = CASE $3 WHEN 'closed' THEN now() END,
    cancelled_at = CASE $3 WHEN 'cancelled' THEN now() END, updated_at = now(), version = version + 1 WHERE id = $1 AND status = ANY($2::text[])`);
const SET_STATUS = sql("order.set-status", "UPDATE purchase_order SET status = $2, updated_at = now(), version = version + 1 WHERE id = $1 AND status NOT IN ('closed', 'cancelled')");
const ADD_RECEIVED = sql("order.add-received", `UPDATE purchase_order_line l SET received = l.received + r."quantity"
  FROM json_to_recordset($1) AS r("lineId" uuid, "quantity" bigint) WHERE l.id = r."lineId" AND l.received + r."quantity" BETWEEN 0 AND l.quantity`);

export const documentNumber = (prefix: string, last: number): string => `${prefix}-${String(last).padStart(6, "0")}`;

export async function nextNumber(tx: Tx, storeId: string, kind: string): Promise<number> {
  return (await tx.query<{ last: number }>(NEXT_NUMBER, [storeId, kind]))[0]!.last;
}

export type NewOrder = Pick<OrderRow, "id" | "number" | "supplierId" | "storeId" | "currency" | "totalMinor" | "expectedAt" | "notes" | "reference" | "metadata"> & { lines: readonly Omit<LineRow, "received">[] };

export async function insertOrder(tx: Tx, order: NewOrder): Promise<void> {
  const lines = order.lines.map((line, position) => ({ ...line, position }));
  await Promise.all([
    tx.change(INSERT, [order.id, order.number, order.supplierId, order.storeId, order.currency, order.totalMinor, order.expectedAt, order.notes, order.reference, JSON.stringify(order.metadata)]),
    tx.change(INSERT_LINES, [order.id, JSON.stringify(lines)]),
  ]);
}

export async function orderById(tx: Tx, id: string): Promise<OrderRow | undefined> {
  return (await tx.query<OrderRow>(BY_ID, [id]))[0];
}

/** The order as it is when its row's lock is held: read after it, not with it, so that the lines are those of the last commit. */
export async function lockOrder(tx: Tx, id: string): Promise<OrderRow | undefined> {
  const [, order] = await Promise.all([tx.query(LOCK, [id]), orderById(tx, id)]);
  return order;
}

export interface OrderFilter { supplierId?: string | undefined; storeId?: string | undefined; status?: string | undefined; after?: string | undefined; limit: number; newestFirst: boolean }
export function listOrders(tx: Tx, { supplierId, storeId, status, after, limit, newestFirst }: OrderFilter): Promise<OrderRow[]> {
  return tx.query<OrderRow>(newestFirst ? NEWEST_FIRST : OLDEST_FIRST, [supplierId ?? null, storeId ?? null, status ?? null, after ?? null, limit]);
}

/** @returns false when the order is not in one of those statuses, or not there */
export async function moveOrder(tx: Tx, id: string, from: readonly Status[], to: Status): Promise<boolean> {
  return (await tx.change(MOVE, [id, from, to])) === 1;
}

/** Takes part of what is outstanding (or gives it back: negative). @returns the lines that could; all or the caller throws */
export function addReceived(tx: Tx, lines: readonly { lineId: string; quantity: number }[]): Promise<number> {
  return tx.change(ADD_RECEIVED, [JSON.stringify(lines)]);
}

export async function setStatus(tx: Tx, id: string, status: Status): Promise<void> {
  await tx.change(SET_STATUS, [id, status]);
}
