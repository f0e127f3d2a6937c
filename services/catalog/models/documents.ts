import { sql, type Tx } from "../../../mixins/database.ts";

/* The one place that says how rows look to a client. A product's document is kept beside it, because products are read far more often than changed. */

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const stamps = (row: string) => `'archivedAt', ${instant(`${row}.archived_at`)}, 'createdAt', ${instant(`${row}.created_at`)}, 'updatedAt', ${instant(`${row}.updated_at`)}, 'version', ${row}.version`;

/** A variant `v` of a product `p` as JSON. Thousandths over 1000 is exact as numeric, and trimmed it is the JSON number that was sent. */
export const VARIANT_JSON = `json_build_object('id', v.id, 'productId', v.product_id, 'productName', p.name, 'sku', v.sku, 'name', coalesce(v.name, p.name), 'barcode', v.barcode,
  'price', json_build_object('amount', v.price_minor, 'currency', v.currency),
  'cost', CASE WHEN v.cost_minor IS NOT NULL THEN json_build_object('amount', v.cost_minor, 'currency', v.currency) END,
  'unit', v.unit, 'options', v.options, 'trackStock', v.track_stock, 'allowNegative', v.allow_negative, 'reorderPoint', trim_scale(v.reorder_point / 1000.0), ${stamps("v")})`;

const PRODUCT_JSON = `json_build_object('id', p.id, 'name', p.name, 'description', p.description, 'categoryId', p.category_id, 'taxRateId', p.tax_rate_id, 'options', p.options,
  'variants', (SELECT json_agg(${VARIANT_JSON} ORDER BY v.position) FROM variant v WHERE v.product_id = p.id), 'reference', p.reference, 'metadata', p.metadata, ${stamps("p")})`;

const REFRESH = sql("catalog.product-document", `UPDATE product SET document = d.document
  FROM (SELECT p.id, ${PRODUCT_JSON} AS document FROM product p WHERE p.id = ANY($1::uuid[])) d WHERE product.id = d.id RETURNING product.id, product.document`);

/** Makes the documents of these products anew: after every change of a product or a variant, in its transaction. */
export async function refreshDocuments<T>(tx: Tx, productIds: readonly string[]): Promise<Map<string, T>> {
  const rows = await tx.query<{ id: string; document: T }>(REFRESH, [productIds]);
  return new Map(rows.map((row) => [row.id, row.document]));
}
