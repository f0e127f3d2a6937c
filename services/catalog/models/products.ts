import { sql, type Tx } from "../../../mixins/database.ts";
import { wordsOf, type Searchable } from "../domain/words.ts";
import { refreshDocuments } from "./documents.ts";

export interface NewVariant {
  readonly id: string; readonly position: number; readonly sku: string; readonly name?: string | null | undefined; readonly barcode?: string | null | undefined; readonly barcodeKey?: string | null | undefined;
  readonly priceMinor: number; readonly costMinor?: number | null | undefined; readonly currency: string; readonly unit?: string | undefined; readonly options?: Record<string, string> | undefined;
  readonly trackStock?: boolean | undefined; readonly allowNegative?: boolean | undefined; readonly reorderPoint?: number | null | undefined;
}
export interface NewProduct {
  readonly id: string; readonly name: string; readonly description?: string | null | undefined; readonly categoryId?: string | null | undefined; readonly taxRateId?: string | null | undefined;
  readonly options?: readonly object[] | undefined; readonly reference?: string | null | undefined; readonly metadata?: Record<string, string> | undefined; readonly variants: readonly NewVariant[];
}

const INSERT_PRODUCTS = sql("catalog.products-insert", `INSERT INTO product (id, name, description, category_id, tax_rate_id, options, reference, metadata)
  SELECT id, name, description, "categoryId", "taxRateId", coalesce(options, '[]'), reference, coalesce(metadata, '{}')
  FROM json_to_recordset($1::json) AS r(id uuid, name text, description text, "categoryId" uuid, "taxRateId" uuid, options jsonb, reference text, metadata jsonb)`);
const INSERT_VARIANTS = sql("catalog.variants-insert", `INSERT INTO variant
    (id, product_id, position, sku, name, barcode, barcode_key, price_minor, cost_minor, currency, unit, options, track_stock, allow_negative, reorder_point)
  SELECT id, "productId", position, sku, name, barcode, "barcodeKey", "priceMinor", "costMinor", currency, coalesce(unit, 'piece'), coalesce(options, '{}'),
    coalesce("trackStock", true), coalesce("allowNegative", false), "reorderPoint"
  FROM json_to_recordset($1::json) AS r(id uuid, "productId" uuid, position int, sku text, name text, barcode text, "barcodeKey" text, "priceMinor" bigint, "costMinor" bigint,
    currency text, unit text, options jsonb, "trackStock" boolean, "allowNegative" boolean, "reorderPoint" bigint)`);
const DELETE_WORDS = sql("catalog.words-delete", "DELETE FROM product_word WHERE product_id = ANY($1::uuid[])");
const INSERT_WORDS = sql("catalog.words-insert", `INSERT INTO product_word (product_id, word, weight) SELECT * FROM unnest($1::uuid[], $2::text[], $3::smallint[])`);

/** Any number of products with their variants and words, in four statements. @returns their documents by id */
export async function insertProducts<T>(tx: Tx, products: readonly NewProduct[]): Promise<Map<string, T>> {
  const variants = products.flatMap((product) => product.variants.map((variant) => ({ ...variant, productId: product.id })));
  const [, , , documents] = await Promise.all([
    tx.change(INSERT_PRODUCTS, [JSON.stringify(products.map((product) => ({ ...product, variants: undefined })))]),
    tx.change(INSERT_VARIANTS, [JSON.stringify(variants)]),
    insertWords(tx, products),
    refreshDocuments<T>(tx, products.map((product) => product.id)),
  ]);
  return documents;
}

export async function replaceWords(tx: Tx, products: readonly (Searchable & { id: string })[]): Promise<void> {
  await Promise.all([tx.change(DELETE_WORDS, [products.map((product) => product.id)]), insertWords(tx, products)]);
}

async function insertWords(tx: Tx, products: readonly (Searchable & { id: string })[]): Promise<void> {
  const rows = products.flatMap((product) => [...wordsOf(product)].map(([word, weight]) => [product.id, word, weight] as const));
  await tx.change(INSERT_WORDS, [rows.map((row) => row[0]), rows.map((row) => row[1]), rows.map((row) => row[2])]);
}

const TAKEN = sql("catalog.variants-taken", `SELECT id, sku, barcode, barcode_key AS "barcodeKey" FROM variant
  WHERE archived_at IS NULL AND (sku = ANY($1::text[]) OR barcode_key = ANY($2::text[]))`);
const REFERRED = sql("catalog.references", `SELECT (SELECT count(*) FROM category WHERE id = ANY($1::uuid[]) AND archived_at IS NULL)::int AS categories,
  (SELECT count(*) FROM tax_rate WHERE id = ANY($2::uuid[]) AND archived_at IS NULL)::int AS "taxRates"`);

export interface TakenRow { id: string; sku: string; barcode: string | null; barcodeKey: string | null }
/** Variants that hold one of these SKUs or barcodes now. */
export function variantsWith(tx: Tx, skus: readonly string[], barcodeKeys: readonly string[]): Promise<TakenRow[]> {
  return tx.query<TakenRow>(TAKEN, [skus, barcodeKeys]);
}

/** Are the category and the tax rate, where given, there and in use? */
export async function references(tx: Tx, categoryId: string | null | undefined, taxRateId: string | null | undefined): Promise<{ category: boolean; taxRate: boolean }> {
  const row = (await tx.query<{ categories: number; taxRates: number }>(REFERRED, [categoryId ? [categoryId] : [], taxRateId ? [taxRateId] : []]))[0]!;
  return { category: !categoryId || row.categories === 1, taxRate: !taxRateId || row.taxRates === 1 };
}
