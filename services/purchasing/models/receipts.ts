import { sql, type Tx } from "../../../mixins/database.ts";
import type { Discrepancy, LandedCost, ReceiptLine } from "../domain/receipt.ts";

export interface ReceiptRow {
  id: string; number: string; purchaseOrderId: string; storeId: string; currency: string; status: "pending" | "posted" | "refused"; requestHash: string;
  landedCosts: LandedCost[]; discrepancies: Discrepancy[]; totalMinor: number; receivedAt: string; postedAt: string | null;
  reference: string | null; metadata: Record<string, string>; createdAt: string; updatedAt: string; version: number; lines: ReceiptLine[];
}

const COLUMNS = `r.id, r.number, r.purchase_order_id AS "purchaseOrderId", r.store_id AS "storeId", r.currency, r.status, r.request_hash AS "requestHash", r.landed_costs AS "landedCosts",
  r.discrepancies, r.total_minor AS "totalMinor", r.received_at AS "receivedAt", r.posted_at AS "postedAt", r.reference, r.metadata, r.created_at AS "createdAt", r.updated_at AS "updatedAt", r.version,
  (SELECT json_agg(json_build_object('lineId', l.purchase_order_line_id, 'variantId', l.variant_id, 'quantity', l.quantity, 'unitCostMinor', l.unit_cost_minor,
    'goodsMinor', l.goods_minor, 'landedMinor', l.landed_minor) ORDER BY l.position) FROM goods_receipt_line l WHERE l.goods_receipt_id = r.id) AS lines`;
const page = (beyond: "<" | ">", order: "DESC" | "ASC") => `SELECT ${COLUMNS} FROM goods_receipt r WHERE r.purchase_order_id = $1 AND ($2::uuid IS NULL OR r.id ${beyond} $2) ORDER BY r.id ${order} LIMIT $3`;

const INSERT = sql("receipt.insert", `INSERT INTO goods_receipt (id, number, purchase_order_id, store_id, currency, request_hash, landed_costs, discrepancies, total_minor, received_at, reference, metadata)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`);
const INSERT_LINES = sql("receipt.insert-lines", `INSERT INTO goods_receipt_line (goods_receipt_id, position, purchase_order_line_id, variant_id, quantity, unit_cost_minor, goods_minor, landed_minor)
  SELECT $1, n - 1, (e->>'lineId')::uuid, (e->>'variantId')::uuid, (e->>'quantity')::bigint, (e->>'unitCostMinor')::bigint, (e->>'goodsMinor')::bigint, (e->>'landedMinor')::bigint
  FROM json_array_elements($2::json) WITH ORDINALITY AS t(e, n)`);
const BY_ID = sql("receipt.by-id", `SELECT ${COLUMNS} FROM goods_receipt r WHERE r.id = $1`);
const NEWEST_FIRST = sql("receipt.newest-first", page("<", "DESC"));
const OLDEST_FIRST = sql("receipt.oldest-first", page(">", "ASC"));
const POST = sql("receipt.post", "UPDATE goods_receipt SET status = 'posted', posted_at = now(), updated_at = now(), version = version + 1 WHERE id = $1 AND status = 'pending'");
const REFUSE = sql("receipt.refuse", "UPDATE goods_receipt SET status = 'refused', updated_at = now(), version = version + 1 WHERE id = $1 AND status = 'pending'");

export type NewReceipt = Omit<ReceiptRow, "status" | "postedAt" | "createdAt" | "updatedAt" | "version">;

export async function insertReceipt(tx: Tx, receipt: NewReceipt): Promise<void> {
  const { id, number, purchaseOrderId, storeId, currency, requestHash, landedCosts, totalMinor, receivedAt, reference, metadata } = receipt;
  await Promise.all([
    tx.change(INSERT, [id, number, purchaseOrderId, storeId, currency, requestHash, JSON.stringify(landedCosts), JSON.stringify(receipt.discrepancies), totalMinor, receivedAt, reference, JSON.stringify(metadata)]),
    tx.change(INSERT_LINES, [id, JSON.stringify(receipt.lines)]),
  ]);
}

export async function receiptById(tx: Tx, id: string): Promise<ReceiptRow | undefined> {
  return (await tx.query<ReceiptRow>(BY_ID, [id]))[0];
}

export function listReceipts(tx: Tx, { purchaseOrderId, after, limit, newestFirst }: { purchaseOrderId: string; after?: string | undefined; limit: number; newestFirst: boolean }): Promise<ReceiptRow[]> {
  return tx.query<ReceiptRow>(newestFirst ? NEWEST_FIRST : OLDEST_FIRST, [purchaseOrderId, after ?? null, limit]);
}

export async function markPosted(tx: Tx, id: string): Promise<void> {
  await tx.change(POST, [id]);
}

export async function markRefused(tx: Tx, id: string): Promise<void> {
  await tx.change(REFUSE, [id]);
}
