import type { DataOf } from "../../../lib/contract.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { Events } from "../../contracts.ts";

type Document = DataOf<Events["order.completed"]>;
type Payment = DataOf<Events["payment.captured"]> & { refundId?: string };

// The whole batch in one statement: the JSON is read once (lines stand beside their documents, inside them they would be read three times), and a document that is known already brings no lines.
// A negative line inside a sale (history has them) is turned round, so that every figure of a fact is positive.
const DOCUMENTS = sql("report.projectDocuments", `WITH doc AS MATERIALIZED (
    SELECT d.* FROM json_to_recordset($1::json) AS d(n int, "documentId" uuid, "orderId" uuid, kind text, number text, "storeId" uuid, "registerId" uuid, "employeeId" uuid,
      channel text, "customerId" uuid, "customerName" text, country text, currency text, "businessDay" date, hour smallint, at timestamptz, imported boolean,
      "roundingMinor" bigint, "totalMinor" bigint)
  ), fresh AS (
    INSERT INTO fact_document (id, order_id, kind, number, store_id, currency, business_day, at, imported, rounding_minor, total_minor)
    SELECT "documentId", "orderId", kind, number, "storeId", currency, "businessDay", at, imported, "roundingMinor", "totalMinor" FROM doc
    ON CONFLICT DO NOTHING RETURNING id
  ), line AS MATERIALIZED (
    SELECT d."documentId", d.kind, d."storeId", d."registerId", d."employeeId", d.channel, d."customerId", d."customerName", d.country, d.currency, d."businessDay", d.hour, l.no, CASE WHEN d.kind <> 'sale' OR l."quantityThousandths" < 0 OR l."grossMinor" < 0 THEN -1 ELSE 1 END AS sign,
      CASE WHEN l."quantityThousandths" < 0 OR l."grossMinor" < 0 THEN -1 ELSE 1 END AS turn, l."productId" AS product, l."variantId" AS variant, l.sku, l.name, l."categoryId" AS category, l."categoryName",
      l."quantityThousandths" AS quantity, l."grossMinor" AS gross, l."discountMinor" AS discount, l."taxMinor" AS tax, l."netMinor" AS net, l."totalMinor" AS total, l."costMinor" AS cost, l.taxes
    FROM doc d JOIN fresh ON fresh.id = d."documentId" JOIN json_to_recordset($2::json) AS l(n int, no int, "productId" uuid, "variantId" uuid, sku text, name text,
      "categoryId" uuid, "categoryName" text, "quantityThousandths" bigint, "grossMinor" bigint, "discountMinor" bigint, "taxMinor" bigint, "netMinor" bigint, "totalMinor" bigint,
      "costMinor" bigint, taxes json) USING (n)
  ), lines AS (
    INSERT INTO fact_sale_line (business_day, document_id, line_no, hour, sign, kind, store_id, register_id, employee_id, channel, customer_id, customer_name, country, currency,
      product_id, variant_id, sku, name, category_id, category_name, quantity_thousandths, gross_minor, discount_minor, tax_minor, net_minor, total_minor, cost_minor)
    SELECT "businessDay", "documentId", no, hour, sign, kind, "storeId", "registerId", "employeeId", channel, "customerId", "customerName", country, currency,
      product, variant, sku, name, category, "categoryName", turn * quantity, turn * gross, turn * discount, turn * tax, turn * net, turn * total, turn * cost FROM line
  )
  INSERT INTO fact_tax (business_day, document_id, name, rate_ppm, sign, store_id, currency, base_minor, tax_minor)
  SELECT line."businessDay", line."documentId", t.name, t."ratePpm", line.sign, line."storeId", line.currency, sum(line.turn * t."baseMinor"), sum(line.turn * t."amountMinor")
  FROM line CROSS JOIN LATERAL json_to_recordset(line.taxes) AS t(name text, "ratePpm" bigint, "amountMinor" bigint, "baseMinor" bigint)
  GROUP BY 1, 2, 3, 4, 5, 6, 7`);

const PAYMENTS = sql("report.projectPayments", `INSERT INTO fact_payment (business_day, id, direction, order_id, payment_id, store_id, register_id, method, provider, currency, amount_minor, at)
  SELECT "businessDay", coalesce("refundId", "paymentId"), $2, "orderId", "paymentId", "storeId", "registerId", method, provider, currency, "amountMinor", at
  FROM json_to_recordset($1::json) AS p("refundId" uuid, "paymentId" uuid, "orderId" uuid, "storeId" uuid, "registerId" uuid, method text, provider text, "amountMinor" bigint,
    currency text, "businessDay" date, at timestamptz) ON CONFLICT DO NOTHING`);

// Only movements that are new move the position; positions are locked in the order of their key.
const MOVEMENTS = sql("report.projectMovements", `WITH moved AS (
    INSERT INTO fact_stock (id, at, store_id, variant_id, kind, document_type, document_id, currency, quantity_thousandths, value_minor)
    SELECT m."movementId", m.at, d."storeId", m."variantId", m.kind, d."documentType", d."documentId", d.currency, m."quantityThousandths", m."valueMinor"
    FROM json_to_recordset($1::json) AS d(n int, "storeId" uuid, currency text, "documentType" text, "documentId" uuid)
    JOIN json_to_recordset($2::json) AS m(n int, "movementId" uuid, "variantId" uuid, "quantityThousandths" bigint, "valueMinor" bigint, kind text, at timestamptz) USING (n)
    ON CONFLICT DO NOTHING RETURNING store_id, variant_id, currency, quantity_thousandths, value_minor
  )
  INSERT INTO stock_position AS p (store_id, variant_id, currency, quantity_thousandths, value_minor)
  SELECT store_id, variant_id, currency, sum(quantity_thousandths), sum(value_minor) FROM moved GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (tenant_id, store_id, variant_id, currency) DO UPDATE
  SET quantity_thousandths = p.quantity_thousandths + excluded.quantity_thousandths, value_minor = p.value_minor + excluded.value_minor`);

const VARIANTS = sql("report.projectVariants", `INSERT INTO dim_variant (id, product_id, product_name, sku, name, category_id, category_name, currency)
  SELECT "variantId", "productId", "productName", sku, name, "categoryId", "categoryName", currency
  FROM json_to_recordset($1::json) AS v("variantId" uuid, "productId" uuid, "productName" text, sku text, name text, "categoryId" uuid, "categoryName" text, currency text) ORDER BY 1
  ON CONFLICT (tenant_id, id) DO UPDATE SET product_id = excluded.product_id, product_name = excluded.product_name, sku = excluded.sku, name = excluded.name,
    category_id = excluded.category_id, category_name = excluded.category_name, currency = excluded.currency`);

const STORES = sql("report.projectStores", `INSERT INTO dim_store (id, code, name, timezone, currency)
  SELECT "storeId", code, name, timezone, currency FROM json_to_recordset($1::json) AS s("storeId" uuid, code text, name text, timezone text, currency text) ORDER BY 1
  ON CONFLICT (tenant_id, id) DO UPDATE SET code = excluded.code, name = excluded.name, timezone = excluded.timezone, currency = excluded.currency`);

const REGISTERS = sql("report.projectRegisters", `INSERT INTO dim_register (id, store_id, name)
  SELECT "registerId", "storeId", name FROM json_to_recordset($1::json) AS r("registerId" uuid, "storeId" uuid, name text) ORDER BY 1
  ON CONFLICT (tenant_id, id) DO UPDATE SET store_id = excluded.store_id, name = excluded.name`);

const CATEGORIES = sql("report.projectCategories", `INSERT INTO dim_category (id, name, parent_id)
  SELECT "categoryId", name, "parentId" FROM json_to_recordset($1::json) AS c("categoryId" uuid, name text, "parentId" uuid) ORDER BY 1
  ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id`);

const ADVANCE = sql("report.advance", `INSERT INTO projection_state AS p (source, last_event_id, last_event_time) VALUES ($1, $2, $3)
  ON CONFLICT (tenant_id, source) DO UPDATE SET last_event_id = excluded.last_event_id, last_event_time = excluded.last_event_time
  WHERE excluded.last_event_time > p.last_event_time`);

/** Sales, returns and cancellations. A document that was projected before is passed over, whatever the event that brings it. */
export async function projectDocuments(tx: Tx, documents: readonly Document[]): Promise<void> {
  const once = [...new Map(documents.map((document) => [document.documentId, document])).values()];
  const totalled = once.map((document) => ({ ...document, totalMinor: document.lines.reduce((sum, line) => sum + line.totalMinor, 0) }));
  await tx.change(DOCUMENTS, apart(totalled, "lines"));
}

export async function projectPayments(tx: Tx, direction: "captured" | "refunded", payments: readonly Payment[]): Promise<void> {
  await tx.change(PAYMENTS, [JSON.stringify(payments), direction]);
}

export async function projectMovements(tx: Tx, documents: readonly DataOf<Events["catalog.stockMoved"]>[]): Promise<void> {
  await tx.change(MOVEMENTS, apart(documents, "movements"));
}

/** Two parameters: documents numbered `n`, and beside them what each has many of, with the `n` of its document and its `no` in it. */
function apart<K extends string>(documents: readonly Readonly<Record<K, readonly object[]>>[], many: K): [string, string] {
  const heads = documents.map(({ [many]: _, ...head }, n) => ({ n, ...head }));
  return [JSON.stringify(heads), JSON.stringify(documents.flatMap((document, n) => document[many].map((one, index) => ({ n, no: index + 1, ...one }))))];
}

export const projectVariants = (tx: Tx, variants: readonly DataOf<Events["catalog.variantChanged"]>[]): Promise<void> => upsert(tx, VARIANTS, variants, (variant) => variant.variantId);
export const projectStores = (tx: Tx, stores: readonly DataOf<Events["entity.storeChanged"]>[]): Promise<void> => upsert(tx, STORES, stores, (store) => store.storeId);
export const projectRegisters = (tx: Tx, registers: readonly DataOf<Events["entity.registerChanged"]>[]): Promise<void> => upsert(tx, REGISTERS, registers, (register) => register.registerId);
export const projectCategories = (tx: Tx, categories: readonly DataOf<Events["catalog.categoryChanged"]>[]): Promise<void> => upsert(tx, CATEGORIES, categories, (category) => category.categoryId);

/** The last state of each key: one statement may not touch a row twice. */
async function upsert<R>(tx: Tx, statement: ReturnType<typeof sql>, rows: readonly R[], key: (row: R) => string): Promise<void> {
  await tx.change(statement, [JSON.stringify([...new Map(rows.map((row) => [key(row), row])).values()])]);
}

/** Moves the watermark of a source to its newest event; never back. */
export async function advance(tx: Tx, event: { source: string; id: string; time: string }): Promise<void> {
  await tx.change(ADVANCE, [event.source, event.id, event.time]);
}
