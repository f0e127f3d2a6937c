import { sql, type Tx } from "../../../mixins/database.ts";
import { VARIANT_JSON } from "./documents.ts";

// LATERAL with OFFSET 0: each variant looks its product up by key. While the tables have no statistics a plain join may read all of the tenant's.
const OF_VARIANT = "CROSS JOIN LATERAL (SELECT * FROM product WHERE id = v.product_id OFFSET 0) p";
const JOINED_TO = `${OF_VARIANT} LEFT JOIN LATERAL (SELECT name FROM category WHERE id = p.category_id OFFSET 0) c ON true`;
const JOINED = `FROM variant v ${JOINED_TO}`;
// The sub-select hides how many ids there are: otherwise every call is planned anew, which costs four times what it then saves.
const JOINED_BY_ID = `FROM unnest((SELECT $1::uuid[])) w(id) CROSS JOIN LATERAL (SELECT * FROM variant WHERE id = w.id OFFSET 0) v ${JOINED_TO}`;
const DESCRIBED = `v.id AS "variantId", v.product_id AS "productId", v.sku, display_name(p.name, v.name) AS name, v.currency, p.name AS "productName", p.category_id AS "categoryId", c.name AS "categoryName"`;

const PRICE = sql("catalog.price-lines", `SELECT ${DESCRIBED}, v.price_minor AS "unitPriceMinor", v.track_stock AS "trackStock", coalesce(t.components, '[]') AS taxes
  ${JOINED_BY_ID} LEFT JOIN LATERAL (SELECT components FROM tax_rate WHERE id = p.tax_rate_id OFFSET 0) t ON true WHERE v.archived_at IS NULL`);
const DESCRIBE = sql("catalog.describe-variants", `SELECT ${DESCRIBED} ${JOINED_BY_ID}`);
const BY_SKU = sql("catalog.variants-by-sku", `SELECT ${DESCRIBED} ${JOINED} WHERE v.sku = ANY($1::text[]) AND v.archived_at IS NULL`);
const TRACKED = sql("catalog.variants-tracked", `SELECT id AS "variantId", sku, currency, track_stock AS "trackStock" FROM variant WHERE sku = ANY($1::text[]) AND archived_at IS NULL`);
const OF_PRODUCTS = sql("catalog.variants-of-products", `SELECT ${DESCRIBED} ${JOINED} WHERE v.product_id = ANY($1::uuid[]) ORDER BY v.id`);

export interface DescribedRow { variantId: string; productId: string; sku: string; name: string; currency: string; productName: string; categoryId: string | null; categoryName: string | null }
export interface PricedRow extends DescribedRow { unitPriceMinor: number; trackStock: boolean; taxes: { name: string; ratePpm: number; compound: boolean }[] }

export const priced = (tx: Tx, ids: readonly string[]): Promise<readonly PricedRow[]> => tx.gathered<PricedRow>(PRICE, ids);
export const described = (tx: Tx, ids: readonly string[]): Promise<DescribedRow[]> => tx.query<DescribedRow>(DESCRIBE, [ids]);
export const describedBySku = (tx: Tx, skus: readonly string[]): Promise<DescribedRow[]> => tx.query<DescribedRow>(BY_SKU, [skus]);
export const describedOfProducts = (tx: Tx, productIds: readonly string[]): Promise<DescribedRow[]> => tx.query<DescribedRow>(OF_PRODUCTS, [productIds]);

export interface TrackedRow { variantId: string; sku: string; currency: string; trackStock: boolean }
export const trackedBySku = (tx: Tx, skus: readonly string[]): Promise<TrackedRow[]> => tx.query<TrackedRow>(TRACKED, [skus]);

const one = (name: string, where: string) => sql(`catalog.variants-${name}`, `SELECT ${VARIANT_JSON} AS variant, v.id FROM variant v ${OF_VARIANT}
  WHERE ${where} ORDER BY v.id DESC LIMIT $3`);
const behind = "($2::uuid IS NULL OR v.id < $2)";
const LISTS = {
  id: one("by-id", `v.id = $1 AND ${behind}`),
  sku: one("with-sku", `v.sku = $1 AND v.archived_at IS NULL AND ${behind}`),
  barcode: one("with-barcode", `v.barcode_key = $1 AND v.archived_at IS NULL AND ${behind}`),
  productId: one("with-product", `v.product_id = $1 AND v.archived_at IS NULL AND ${behind}`),
  all: one("all", `$1::text IS NULL AND v.archived_at IS NULL AND ${behind}`),
};

/** Variants as clients read them, newest first, by one key. */
export function listVariants<T>(tx: Tx, key: keyof typeof LISTS, value: string | null, before: unknown, limit: number): Promise<{ id: string; variant: T }[]> {
  return tx.query<{ id: string; variant: T }>(LISTS[key], [value, before ?? null, limit]);
}
