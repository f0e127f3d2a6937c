import { sql, type Tx } from "../../../mixins/database.ts";

const LOCK = sql("catalog.product-lock", `SELECT p.id, p.name, p.metadata, p.version, p.archived_at AS "archivedAt",
    (SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'name', v.name, 'barcode', v.barcode, 'currency', v.currency, 'version', v.version) ORDER BY v.position) FROM variant v WHERE v.product_id = p.id) AS variants
  FROM product p WHERE p.id = $1 FOR UPDATE`);
const OWNER = sql("catalog.variant-owner", `SELECT product_id AS "productId", version FROM variant WHERE id = $1`);
// Only the fields that the patch names are set: json has the key, also when its value is null.
const PATCH = sql("catalog.product-patch", `UPDATE product SET
    name = CASE WHEN j ? 'name' THEN j->>'name' ELSE name END, description = CASE WHEN j ? 'description' THEN j->>'description' ELSE description END,
    category_id = CASE WHEN j ? 'categoryId' THEN (j->>'categoryId')::uuid ELSE category_id END, tax_rate_id = CASE WHEN j ? 'taxRateId' THEN (j->>'taxRateId')::uuid ELSE tax_rate_id END,
    options = CASE WHEN j ? 'options' THEN j->'options' ELSE options END, reference = CASE WHEN j ? 'reference' THEN j->>'reference' ELSE reference END,
    metadata = CASE WHEN j ? 'metadata' THEN j->'metadata' ELSE metadata END, updated_at = now(), version = version + 1
  FROM (SELECT $2::jsonb AS j) patch WHERE id = $1`);
const PATCH_VARIANTS = sql("catalog.variants-patch", `UPDATE variant SET
    sku = CASE WHEN j ? 'sku' THEN j->>'sku' ELSE sku END, name = CASE WHEN j ? 'name' THEN j->>'name' ELSE name END,
    barcode = CASE WHEN j ? 'barcode' THEN j->>'barcode' ELSE barcode END, barcode_key = CASE WHEN j ? 'barcode' THEN j->>'barcodeKey' ELSE barcode_key END,
    price_minor = CASE WHEN j ? 'priceMinor' THEN (j->>'priceMinor')::bigint ELSE price_minor END, cost_minor = CASE WHEN j ? 'costMinor' THEN (j->>'costMinor')::bigint ELSE cost_minor END,
    unit = CASE WHEN j ? 'unit' THEN j->>'unit' ELSE unit END, options = CASE WHEN j ? 'options' THEN j->'options' ELSE options END,
    track_stock = CASE WHEN j ? 'trackStock' THEN (j->>'trackStock')::boolean ELSE track_stock END, allow_negative = CASE WHEN j ? 'allowNegative' THEN (j->>'allowNegative')::boolean ELSE allow_negative END,
    reorder_point = CASE WHEN j ? 'reorderPoint' THEN (j->>'reorderPoint')::bigint ELSE reorder_point END, updated_at = now(), version = version + 1
  FROM (SELECT e AS j FROM jsonb_array_elements($2::jsonb) e) patch WHERE product_id = $1 AND id = (j->>'id')::uuid`);
const ARCHIVE = sql("catalog.product-archive", "UPDATE product SET archived_at = now(), updated_at = now(), version = version + 1 WHERE id = $1 AND archived_at IS NULL");
const ARCHIVE_VARIANTS = sql("catalog.variants-archive", "UPDATE variant SET archived_at = now(), updated_at = now(), version = version + 1 WHERE product_id = $1 AND archived_at IS NULL");
// What is archived is not searched.
const FORGET_WORDS = sql("catalog.product-words-archive", "DELETE FROM product_word WHERE product_id = $1");

export interface LockedVariant { id: string; sku: string; name: string | null; barcode: string | null; currency: string; version: number }
export interface LockedProduct { id: string; name: string; metadata: Record<string, string>; version: number; archivedAt: string | null; variants: LockedVariant[] }

/** The product, held until the end of the transaction; its variants change only while it is held. */
export async function lockProduct(tx: Tx, id: string): Promise<LockedProduct | undefined> {
  return (await tx.query<LockedProduct>(LOCK, [id]))[0];
}

export async function ownerOf(tx: Tx, variantId: string): Promise<{ productId: string; version: number } | undefined> {
  return (await tx.query<{ productId: string; version: number }>(OWNER, [variantId]))[0];
}

export async function patchProduct(tx: Tx, id: string, fields: object): Promise<void> {
  await tx.change(PATCH, [id, JSON.stringify(fields)]);
}

export async function patchVariants(tx: Tx, productId: string, patches: readonly object[]): Promise<void> {
  if (patches.length > 0) await tx.change(PATCH_VARIANTS, [productId, JSON.stringify(patches)]);
}

export async function archiveProduct(tx: Tx, id: string): Promise<void> {
  await Promise.all([tx.change(ARCHIVE, [id]), tx.change(ARCHIVE_VARIANTS, [id]), tx.change(FORGET_WORDS, [id])]);
}
