import { sql, type Tx } from "../../../mixins/database.ts";
import type { StockLine } from "../domain/basket.ts";

/* The stock functions of migrations/catalog/0002_stock.sql: a whole document in one call, all or nothing. */

export interface Moved { movementId: string; variantId: string; quantity: number; value: number; currency: string; at: string }
export interface Short { variantId: string; requested: number; available: number }
export interface Low { variantId: string; sku: string; name: string; available: number; reorderPoint: number }
export interface KeptLine { variantId: string; quantity: number; tracked: boolean; cost: number }
/** `repeated`: the order had asked before, and `status` says what became of it. */
export interface StockAnswer {
  status?: "reserved" | "committed" | "released" | null;
  repeated?: boolean;
  storeId?: string;
  lines?: KeptLine[] | null;
  missing?: string[] | null;
  short?: Short[] | null;
  moved?: Moved[] | null;
  low?: Low[] | null;
}

const TAKE = sql("catalog.take-stocks", "SELECT n, answer FROM take_stocks($1::json)");
const RESERVE = sql("catalog.reserve-stock", "SELECT reserve_stock($1, $2, $3::uuid[], $4::bigint[]) AS answer");
const COMMIT = sql("catalog.commit-stock", "SELECT commit_stock($1) AS answer");
const RELEASE = sql("catalog.release-stock", "SELECT release_stock($1) AS status");
const POST = sql("catalog.post-stock", "SELECT post_stock($1, $2, $3, $4, $5, $6::uuid[], $7::bigint[], $8::bigint[]) AS answer");

export interface OrderStock { readonly orderId: string; readonly storeId: string; readonly lines: readonly StockLine[] }

/** Baskets that are taken in one shared transaction go in one call, which tells of what moved and of what has become low. */
export async function take(tx: Tx, { orderId, storeId, lines }: OrderStock): Promise<StockAnswer> {
  const row = { orderId, storeId, variants: lines.map((line) => line.variantId), quantities: lines.map((line) => line.quantityThousandths), ...tx.tells() };
  return (await tx.merged<{ answer: StockAnswer }>(TAKE, row))!.answer;
}
export const reserve = (tx: Tx, order: OrderStock): Promise<StockAnswer> => forOrder(tx, RESERVE, order);

async function forOrder(tx: Tx, statement: typeof RESERVE, { orderId, storeId, lines }: OrderStock): Promise<StockAnswer> {
  const rows = await tx.query<{ answer: StockAnswer }>(statement, [orderId, storeId, lines.map((line) => line.variantId), lines.map((line) => line.quantityThousandths)]);
  return rows[0]!.answer;
}

/** `undefined` where the order never asked for stock. */
export async function commit(tx: Tx, orderId: string): Promise<StockAnswer | undefined> {
  return (await tx.query<{ answer: StockAnswer | null }>(COMMIT, [orderId]))[0]!.answer ?? undefined;
}

export type ReleasedFrom = "none" | "reserved" | "committed" | "released";
export async function release(tx: Tx, orderId: string): Promise<ReleasedFrom> {
  return (await tx.query<{ status: ReleasedFrom }>(RELEASE, [orderId]))[0]!.status;
}

export interface PostedLine extends StockLine { readonly valueMinor: number | null }
export interface Posting { readonly kind: string; readonly documentType: string; readonly documentId: string; readonly storeId: string; readonly at?: string | undefined; readonly lines: readonly PostedLine[] }

/** Books signed lines, each variant once and sorted. */
export async function post(tx: Tx, { kind, documentType, documentId, storeId, at, lines }: Posting): Promise<StockAnswer> {
  const rows = await tx.query<{ answer: StockAnswer }>(POST, [
    kind, documentType, documentId, storeId, at ?? null, lines.map((line) => line.variantId), lines.map((line) => line.quantityThousandths), lines.map((line) => line.valueMinor),
  ]);
  return rows[0]!.answer;
}
