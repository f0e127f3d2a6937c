/** History of another system, a batch at a time: any number of documents in one statement per table. */
import { newId } from "../../../lib/ids.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { Order } from "../domain/order-document.ts";
import type { Half, Terms } from "../domain/imported-sale.ts";
import type { OrderContext } from "./orders.ts";

export interface Buyer { readonly id: string; readonly reference: string; readonly name: string }
export interface ImportedSale { readonly half: Half; readonly document: Order; readonly context: OrderContext; readonly customerId: string | null }

// In the order of the key, so that two imports of one file wait for each other instead of blocking each other.
const CLAIM = sql("order.claim-imported", `INSERT INTO imported_document (store_id, number, import_key)
  SELECT $1, n, $2 FROM unnest($3::text[]) AS n
  WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.store_id = $1 AND o.number = n AND NOT o.imported) AND NOT EXISTS (SELECT 1 FROM order_return r WHERE r.store_id = $1 AND r.number = n AND NOT r.imported)
  ORDER BY n ON CONFLICT DO NOTHING RETURNING number`);
const CLAIMED = sql("order.imported-before", `SELECT number, import_key = $2 AS "isOurs" FROM imported_document WHERE store_id = $1 AND number = ANY($3::text[])`);
const MAKE_BUYERS = sql("order.import-customers", `INSERT INTO customer (id, name, reference) SELECT id, reference, reference FROM unnest($1::uuid[], $2::text[]) AS w(id, reference) ORDER BY reference
  ON CONFLICT ON CONSTRAINT customer_reference_key DO NOTHING`);
const BUYERS = sql("order.customers-by-reference", "SELECT id, reference, name FROM customer WHERE reference = ANY($1::text[])");
const BACKLOG = sql("order.import-backlog", "SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL AND type = 'order.imported'");

const SALES = sql("order.import-orders", `INSERT INTO orders (id, number, store_id, customer_id, status, currency, total_minor, placed_at, business_day, context, document, imported)
  SELECT id, number, $1, customer, 'paid', $2, total, at, day, context, document, true
  FROM json_to_recordset($3::json) AS o(id uuid, number text, customer uuid, total bigint, at timestamptz, day date, context json, document json)`);
const SALE_LINES = sql("order.import-order-lines", `INSERT INTO order_line (order_id, id, position, variant_id, product_id, category_id, category_name, sku, name, quantity_thousandths, unit_price_minor,
    gross_minor, discount_minor, tax_minor, net_minor, total_minor, cost_minor)
  SELECT o, id, position, variant, product, category, category_name, sku, name, quantity, price, total, 0, 0, total, total, 0
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[])
    AS l(o, id, position, variant, product, category, category_name, sku, name, quantity, price, total)`);
const RETURNS = sql("order.import-returns", `INSERT INTO order_return (id, kind, number, store_id, currency, total_minor, business_day, at, imported)
  SELECT id, 'return', number, $1, $2, total, day, at, true FROM json_to_recordset($3::json) AS r(id uuid, number text, total bigint, day date, at timestamptz)`);
const RETURN_LINES = sql("order.import-return-lines", `INSERT INTO order_return_line (return_id, position, line_id, variant_id, quantity_thousandths, gross_minor, discount_minor, tax_minor, net_minor, total_minor, cost_minor, restock)
  SELECT r, position, id, variant, quantity, total, 0, 0, total, total, 0, false
  FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[]) AS l(r, position, id, variant, quantity, total)`);

/** Takes the numbers that nobody has brought yet, until the commit.
 *  @returns those that are new, and those that this very import has brought before */
export async function claimNumbers(tx: Tx, storeId: string, importKey: string, numbers: readonly string[]): Promise<{ fresh: Set<string>; again: Set<string>; known: Set<string> }> {
  const fresh = new Set((await tx.query<{ number: string }>(CLAIM, [storeId, importKey, numbers])).map((row) => row.number));
  const old = numbers.filter((number) => !fresh.has(number));
  const rows = old.length ? await tx.query<{ number: string; isOurs: boolean }>(CLAIMED, [storeId, importKey, old]) : [];
  return { fresh, again: new Set(rows.filter((row) => row.isOurs).map((row) => row.number)), known: new Set(rows.map((row) => row.number)) };
}

/** Customers by the other system's own number; those that are not known are made, named by it. */
export async function buyersByReference(tx: Tx, references: readonly string[]): Promise<Map<string, Buyer>> {
  if (references.length === 0) return new Map();
  await tx.change(MAKE_BUYERS, [references.map(() => newId()), references]);
  return new Map((await tx.query<Buyer>(BUYERS, [references])).map((buyer) => [buyer.reference, buyer]));
}

/** Batches that the reports have not taken yet. */
export const importBacklog = async (tx: Tx): Promise<number> => (await tx.query<{ n: number }>(BACKLOG))[0]!.n;

export async function insertImportedSales(tx: Tx, terms: Terms, sales: readonly ImportedSale[]): Promise<void> {
  if (sales.length === 0) return;
  await tx.change(SALES, [terms.storeId, terms.currency, JSON.stringify(sales.map(({ half, document, context, customerId }) => ({
    id: half.id, number: document.number, customer: customerId, total: half.totalMinor, at: document.placedAt, day: half.document.businessDay, context, document,
  })))]);
  const lines = sales.flatMap(({ half }) => half.facts.map((fact, index) => ({ orderId: half.id, position: index, price: half.lines[index]!.unitPriceMinor, ...fact })));
  await tx.change(SALE_LINES, [
    lines.map((line) => line.orderId), lines.map((line) => line.lineId), lines.map((line) => line.position), lines.map((line) => line.variantId), lines.map((line) => line.productId),
    lines.map((line) => line.categoryId), lines.map((line) => line.categoryName), lines.map((line) => line.sku), lines.map((line) => line.name), lines.map((line) => line.quantityThousandths),
    lines.map((line) => line.price), lines.map((line) => line.totalMinor),
  ]);
}

export async function insertImportedReturns(tx: Tx, terms: Terms, returns: readonly Half[]): Promise<void> {
  if (returns.length === 0) return;
  await tx.change(RETURNS, [terms.storeId, terms.currency, JSON.stringify(returns.map(({ id, document, totalMinor }) => ({ id, number: document.number, total: totalMinor, day: document.businessDay, at: document.at })))]);
  const lines = returns.flatMap(({ id, facts }) => facts.map((fact, index) => ({ returnId: id, position: index, ...fact })));
  await tx.change(RETURN_LINES, [
    lines.map((line) => line.returnId), lines.map((line) => line.position), lines.map((line) => line.lineId), lines.map((line) => line.variantId), lines.map((line) => line.quantityThousandths),
    lines.map((line) => line.totalMinor),
  ]);
}
