/** Orders: written whole by one statement at the end of their saga, read as one row. */
import { appendEvents, eventList, type OutgoingEvent } from "../../../mixins/append-events.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import { answerKeys } from "../../../mixins/idempotency.ts";
import { heldSagas } from "../../../mixins/saga.ts";
import { namesOf, rowsWithTexts, textsOf } from "../../../mixins/statement.ts";
import type { Order, UnnumberedOrder } from "../domain/order-document.ts";

/** What later documents of an order need and clients do not see. */
export interface OrderContext {
  readonly storeCode: string; readonly storeName: string; readonly tenantName: string; readonly timezone: string; readonly cashRounding: number | null; readonly hour: number;
  readonly employeeId: string | null; readonly customerName: string | null; readonly country: string | null; readonly roundingMode: string; readonly pricesIncludeTax: boolean;
}
export interface NewOrder {
  readonly id: string; readonly storeCode: string; readonly storeId: string; readonly customerId: string | null; readonly currency: string; readonly totalMinor: number; readonly roundingMinor: number;
  readonly placedAt: string; readonly businessDay: string; readonly requestHash: string | null; readonly context: OrderContext; readonly document: UnnumberedOrder;
}
/** What lets its runner write the order, and the key of the request, which is answered with it. */
export interface OrderEnd { readonly fence: number; readonly key: string | null }
/** `events`: order.completed has no number yet. */
export interface OrderParts { readonly lines: readonly object[]; readonly tenders: readonly object[]; readonly events: readonly OutgoingEvent[] }
export interface OrderRow { readonly document: Order; readonly context: OrderContext; readonly refundedMinor: number; readonly imported: boolean; readonly businessDay: string }
export interface LineRow {
  readonly id: string; readonly position: number; readonly variantId: string; readonly productId: string; readonly categoryId: string | null; readonly categoryName: string | null; readonly sku: string; readonly name: string;
  readonly quantityThousandths: number; readonly grossMinor: number; readonly discountMinor: number; readonly taxMinor: number; readonly netMinor: number; readonly totalMinor: number; readonly costMinor: number;
  readonly taxes: { name: string; ratePpm: number; amountMinor: number }[]; readonly returnedThousandths: number;
}

const COLUMNS = `"n" int, "id" uuid, "fence" bigint, "key" text, "storeCode" text, "storeId" uuid, "customerId" uuid, "currency" text, "totalMinor" bigint, "roundingMinor" bigint, "placedAt" timestamptz,
  "businessDay" date, "requestHash" text, "context" json`;
const LINE_COLUMNS = `"id" uuid, "position" int, "variantId" uuid, "productId" uuid, "categoryId" uuid, "categoryName" text, "sku" text, "name" text, "quantityThousandths" bigint, "unitPriceMinor" bigint,
  "grossMinor" bigint, "discountMinor" bigint, "taxMinor" bigint, "netMinor" bigint, "totalMinor" bigint, "costMinor" bigint, "taxes" json`;
// The JSON of an order or of its event, which begin with "{" and have no number yet, with that of the row `o`.
const numbered = (json: string) => `'{"number":' || to_json(o.number) || ',' || substr(${json}, 2)`;
// All that is left of a sale, in one statement, and nothing if another node has taken the sale over, or it was written before by a runner that died behind it. The numbers of a store follow each other without a gap, so its counter
// stays locked from here to the commit, which comes along; a batch takes as many as it needs and counts them off.
const INSERT = sql("order.insert", `WITH given AS MATERIALIZED (
    SELECT * FROM ${rowsWithTexts({ rows: "$1", columns: COLUMNS, texts: "$2", text: "document", as: "g" })}
  ), held AS MATERIALIZED (${heldSagas("given")}), known AS MATERIALIZED (SELECT n, (SELECT number FROM orders WHERE id = held.id) AS number FROM held), place AS (
    SELECT n, "storeId" AS store_id, row_number() OVER (PARTITION BY "storeId" ORDER BY n) AS place, count(*) OVER (PARTITION BY "storeId") AS many FROM given JOIN known USING (n) WHERE number IS NULL
  ), taken AS (
    INSERT INTO document_counter AS c (store_id, kind, last) SELECT store_id, 'sale', count(*) FROM place GROUP BY store_id ORDER BY store_id
    ON CONFLICT (tenant_id, store_id, kind) DO UPDATE SET last = c.last + EXCLUDED.last RETURNING store_id, last
  ), o AS MATERIALIZED (
    SELECT given.*, "storeCode" || '-' || lpad(no::text, greatest(6, length(no::text)), '0') AS number
    FROM given JOIN (SELECT n, last - many + place AS no FROM place JOIN taken USING (store_id)) counted USING (n)
  ), made AS (
    INSERT INTO orders (id, number, store_id, customer_id, status, currency, total_minor, rounding_minor, placed_at, business_day, request_hash, context, document)
    SELECT o.id, o.number, o."storeId", o."customerId", 'paid', o.currency, o."totalMinor", o."roundingMinor", o."placedAt", o."businessDay", o."requestHash", o.context, (${numbered("o.document")})::json FROM o
  ), line AS (
    INSERT INTO order_line (order_id, id, position, variant_id, product_id, category_id, category_name, sku, name, quantity_thousandths, unit_price_minor, gross_minor, discount_minor, tax_minor, net_minor,
      total_minor, cost_minor, taxes)
    SELECT o.id, ${namesOf(LINE_COLUMNS, "l.")} FROM o JOIN json_to_recordset($3) AS l("n" int, ${LINE_COLUMNS}) USING (n)
  ), tender AS (
    INSERT INTO order_tender (order_id, id, method, amount_minor, tendered_minor, change_minor)
    SELECT o.id, t.id, t.method, t."amountMinor", t."tenderedMinor", t."changeMinor"
    FROM o JOIN json_to_recordset($4) AS t("n" int, "id" uuid, "method" text, "amountMinor" bigint, "tenderedMinor" bigint, "changeMinor" bigint) USING (n)
  ), told AS (${appendEvents(`(
      SELECT e.id, e.type, e.subject, CASE e.type WHEN 'order.completed' THEN ${numbered("e.data")} ELSE e.data END AS data, e.traceparent, e."requestId", e.actor FROM o JOIN ${eventList("$5", "$6")} USING (n)) e`)}
  ), answer AS MATERIALIZED (SELECT o.key, 201::smallint AS status, ${numbered("o.document")} AS response FROM o WHERE o.key IS NOT NULL), answered AS (${answerKeys("answer")})
  SELECT n, number FROM o UNION ALL SELECT n, number FROM known WHERE number IS NOT NULL`);
const RETURN_NUMBER = sql("order.return-number", `INSERT INTO document_counter AS c (store_id, kind, last) VALUES ($1, 'return', 1)
  ON CONFLICT (tenant_id, store_id, kind) DO UPDATE SET last = c.last + 1 RETURNING last`);
const READ = sql("order.read", "SELECT document FROM orders WHERE id = $1");
const ROW = `SELECT document, context, refunded_minor AS "refundedMinor", imported, business_day::text AS "businessDay" FROM orders WHERE id = $1`;
const WITH_CONTEXT = sql("order.read-with-context", ROW);
const LOCK = sql("order.lock", `${ROW} FOR UPDATE`);
const LINES = sql("order.lines", `SELECT id, position, variant_id AS "variantId", product_id AS "productId", category_id AS "categoryId", category_name AS "categoryName", sku, name,
    quantity_thousandths AS "quantityThousandths", gross_minor AS "grossMinor", discount_minor AS "discountMinor", tax_minor AS "taxMinor", net_minor AS "netMinor", total_minor AS "totalMinor",
    cost_minor AS "costMinor", taxes, returned_thousandths AS "returnedThousandths"
  FROM order_line WHERE order_id = $1 ORDER BY position`);
const REWRITE = sql("order.rewrite", "UPDATE orders SET status = $2, refunded_minor = $3, document = $4, version = $5 WHERE id = $1");
// A day is a business day of the store; an instant is an instant.
const FILTERS = `($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR store_id = $2) AND ($3::uuid IS NULL OR customer_id = $3)
  AND ($4::text IS NULL OR CASE WHEN length($4) = 10 THEN business_day >= left($4, 10)::date ELSE placed_at >= $4::timestamptz END)
  AND ($5::text IS NULL OR CASE WHEN length($5) = 10 THEN business_day <= left($5, 10)::date ELSE placed_at <= $5::timestamptz END)`;
const LIST_DOWN = sql("order.list-down", `SELECT document FROM orders WHERE ${FILTERS} AND ($6::timestamptz IS NULL OR (placed_at, id) < ($6, $7::uuid)) ORDER BY placed_at DESC, id DESC LIMIT $8`);
const LIST_UP = sql("order.list-up", `SELECT document FROM orders WHERE ${FILTERS} AND ($6::timestamptz IS NULL OR (placed_at, id) > ($6, $7::uuid)) ORDER BY placed_at, id LIMIT $8`);

/** Writes the order with its lines and tenders, numbers it, tells of it and answers its key, once. @returns the number; undefined when another node has taken the saga over */
export async function insertOrder(tx: Tx, { document, ...order }: NewOrder & OrderEnd, { lines, tenders, events }: OrderParts): Promise<string | undefined> {
  return (await tx.merged<{ number: string }>(INSERT, order, textsOf([document]), lines, tenders, ...tx.toAppend(events)))?.number;
}

/** The next number of a store's returns. Its row stays locked until the commit: ask as late as possible. */
export async function nextReturnNumber(tx: Tx, storeId: string): Promise<number> {
  return (await tx.query<{ last: number }>(RETURN_NUMBER, [storeId]))[0]!.last;
}

export async function readOrder(tx: Tx, id: string): Promise<Order | undefined> {
  return (await tx.query<{ document: Order }>(READ, [id]))[0]?.document;
}

export async function readOrderRow(tx: Tx, id: string): Promise<OrderRow | undefined> {
  return (await tx.query<OrderRow>(WITH_CONTEXT, [id]))[0];
}

/** Whoever changes what came back of an order holds its row first. */
export async function lockOrder(tx: Tx, id: string): Promise<{ order: OrderRow; lines: LineRow[] } | undefined> {
  const [order] = await tx.query<OrderRow>(LOCK, [id]);
  return order && { order, lines: await tx.query<LineRow>(LINES, [id]) };
}

export async function rewriteOrder(tx: Tx, document: Order): Promise<void> {
  await tx.change(REWRITE, [document.id, document.status, document.refunded.amount, JSON.stringify(document), document.version]);
}

export interface OrderFilter { readonly status?: string | undefined; readonly storeId?: string | undefined; readonly customerId?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined }

export async function listOrders(tx: Tx, filter: OrderFilter, page: { descending: boolean; after: readonly unknown[] | undefined; limit: number }): Promise<Order[]> {
  const { status = null, storeId = null, customerId = null, from = null, to = null } = filter;
  const [at = null, id = null] = page.after ?? [];
  const rows = await tx.query<{ document: Order }>(page.descending ? LIST_DOWN : LIST_UP, [status, storeId, customerId, from, to, at, id, page.limit]);
  return rows.map((row) => row.document);
}
