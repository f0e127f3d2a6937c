import { sql, type Tx } from "../../../mixins/database.ts";

const KEEP = sql("catalog.document-keep", `INSERT INTO stock_document (type, id, store_id, reason, lines, request_hash, reference, metadata)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, type, id) DO NOTHING`);
const COLUMNS = `id, store_id AS "storeId", reason, lines, request_hash AS "requestHash", reference, metadata, created_at AS "createdAt"`;
const FIND = sql("catalog.document-find", `SELECT ${COLUMNS} FROM stock_document WHERE type = 'adjustment' AND id = $1`);
const LIST = sql("catalog.document-list", `SELECT ${COLUMNS} FROM stock_document
  WHERE type = 'adjustment' AND ($1::uuid IS NULL OR store_id = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`);
const UNBOOKED = sql("catalog.import-claim", `INSERT INTO imported_stock (import_key, sku) SELECT $1, s FROM unnest($2::text[]) s ORDER BY s ON CONFLICT DO NOTHING RETURNING sku`);

export interface DocumentRow {
  id: string; storeId: string; reason: string; lines: readonly { variantId: string; quantityThousandths: number; valueMinor: number | null; unitCost?: { amount: number; currency: string } | null }[];
  requestHash: string | null; reference: string | null; metadata: Record<string, string>; createdAt: string;
}
export interface NewDocument {
  readonly type: string; readonly id: string; readonly storeId: string; readonly lines: readonly object[]; readonly reason?: string;
  readonly requestHash?: string; readonly reference?: string | undefined; readonly metadata?: Record<string, string> | undefined;
}

/** @returns false when the document was kept before: then nothing more may be booked for it */
export async function keepDocument(tx: Tx, { type, id, storeId, reason, lines, requestHash, reference, metadata }: NewDocument): Promise<boolean> {
  return (await tx.change(KEEP, [type, id, storeId, reason ?? null, JSON.stringify(lines), requestHash ?? null, reference ?? null, metadata ?? {}])) === 1;
}

export async function findAdjustment(tx: Tx, id: string): Promise<DocumentRow | undefined> {
  return (await tx.query<DocumentRow>(FIND, [id]))[0];
}

export function listAdjustments(tx: Tx, storeId: string | undefined, before: unknown, limit: number): Promise<DocumentRow[]> {
  return tx.query<DocumentRow>(LIST, [storeId ?? null, before ?? null, limit]);
}

/** Of these SKUs, those that this import has not booked yet; from now on it has. */
export async function claimImported(tx: Tx, importKey: string, skus: readonly string[]): Promise<Set<string>> {
  return new Set((await tx.query<{ sku: string }>(UNBOOKED, [importKey, skus])).map((row) => row.sku));
}
