/** A sale's money: the settlement of an order, its payments and its posting, each step one statement. */
import { appendEvents, eventList, type OutgoingEvent } from "../../../mixins/append-events.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { Method } from "../domain/chart.ts";
import type { Entry } from "../domain/posting.ts";

export interface SaleRow {
  readonly orderId: string; readonly storeId: string; readonly registerId: string | null; readonly currency: string; readonly businessDay: string; readonly at: string;
  readonly netMinor: number; readonly taxMinor: number; readonly roundingMinor: number;
}
export interface NewPayment {
  readonly id: string; readonly no: number; readonly method: Method; readonly provider: string; readonly amountMinor: number; readonly roundingMinor: number;
  readonly tenderedMinor?: number | undefined; readonly changeMinor?: number | undefined; readonly cardBrand?: string; readonly cardLast4?: string;
}
export interface Settlement extends SaleRow { readonly status: "authorizing" | "authorized" | "captured" | "declined" | "voided"; readonly refundedNetMinor: number; readonly refundedTaxMinor: number; readonly reason: string | null }
export interface SalePayment {
  readonly id: string; readonly method: Method; readonly provider: string; readonly status: string; readonly amountMinor: number; readonly providerRef: string | null;
  readonly roundingMinor: number; readonly refundedMinor: number; readonly refundRoundingMinor: number;
}

/** $1–$9 the sale, $10 its payments. A refused or undone sale of the same order gives way, as far as `givesWay` allows. */
const record = (status: string, paymentStatus: string, givesWay: string) => `sale AS (
    INSERT INTO settlement AS s (order_id, status, store_id, register_id, currency, business_day, at, net_minor, tax_minor, rounding_minor)
    VALUES ($1, '${status}', $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (tenant_id, order_id) DO UPDATE SET status = '${status}', store_id = $2, register_id = $3, currency = $4, business_day = $5, at = $6,
      net_minor = $7, tax_minor = $8, rounding_minor = $9, reason = NULL
    WHERE ${givesWay} RETURNING order_id, at
  ), paid AS (
    INSERT INTO payment (id, order_id, no, method, provider, status, currency, amount_minor, rounding_minor, tendered_minor, change_minor, card_brand, card_last4, captured_at)
    SELECT p.id, sale.order_id, p.no, p.method, p.provider, '${paymentStatus}', $4, p."amountMinor", p."roundingMinor", p."tenderedMinor", p."changeMinor", p."cardBrand", p."cardLast4", ${paymentStatus === "captured" ? "sale.at" : "NULL"}
    FROM sale, json_to_recordset($10) AS p(id uuid, no smallint, method text, provider text, "amountMinor" bigint, "roundingMinor" bigint, "tenderedMinor" bigint, "changeMinor" bigint, "cardBrand" text, "cardLast4" text)
  )`;
const POST = (entries: string) => `posted AS (
    INSERT INTO ledger_transaction (id, kind, order_id, store_id, business_day, at) SELECT order_id, 'sale', order_id, store_id, business_day, at FROM sale
  ), entered AS (
    INSERT INTO ledger_entry (transaction_id, line, account, currency, amount_minor, payment_id, at)
    SELECT sale.order_id, e.line, e.account, sale.currency, e."amountMinor", e."paymentId", sale.at
    FROM sale, json_to_recordset(${entries}) AS e(line smallint, account smallint, "amountMinor" bigint, "paymentId" uuid)
  )`;
// Sales that settle together share the statement. A refused or undone sale of the same order gives way.
const SETTLE = sql("payment.settle", `WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS g("n" int, "orderId" uuid, "storeId" uuid, "registerId" uuid, "currency" text, "businessDay" date, "at" timestamptz, "netMinor" bigint, "taxMinor" bigint, "roundingMinor" bigint)
  ), made AS (
    INSERT INTO settlement AS s (order_id, status, store_id, register_id, currency, business_day, at, net_minor, tax_minor, rounding_minor)
    SELECT "orderId", 'captured', "storeId", "registerId", currency, "businessDay", at, "netMinor", "taxMinor", "roundingMinor" FROM given ORDER BY "orderId"
    ON CONFLICT (tenant_id, order_id) DO UPDATE SET status = 'captured', store_id = EXCLUDED.store_id, register_id = EXCLUDED.register_id, currency = EXCLUDED.currency, business_day = EXCLUDED.business_day,
      at = EXCLUDED.at, net_minor = EXCLUDED.net_minor, tax_minor = EXCLUDED.tax_minor, rounding_minor = EXCLUDED.rounding_minor, reason = NULL
    WHERE s.status IN ('declined', 'voided') RETURNING order_id, at
  ), sale AS MATERIALIZED (
    SELECT m.order_id, m.at, g."storeId" AS store_id, g."businessDay" AS business_day, g.currency, g.n FROM made m JOIN given g ON g."orderId" = m.order_id
  ), paid AS (
    INSERT INTO payment (id, order_id, no, method, provider, status, currency, amount_minor, rounding_minor, tendered_minor, change_minor, card_brand, card_last4, captured_at)
    SELECT p.id, sale.order_id, p.no, p.method, p.provider, 'captured', sale.currency, p."amountMinor", p."roundingMinor", p."tenderedMinor", p."changeMinor", p."cardBrand", p."cardLast4", sale.at
    FROM sale JOIN json_to_recordset($2) AS p(n int, id uuid, no smallint, method text, provider text, "amountMinor" bigint, "roundingMinor" bigint, "tenderedMinor" bigint, "changeMinor" bigint, "cardBrand" text, "cardLast4" text) USING (n)
  ), posted AS (
    INSERT INTO ledger_transaction (id, kind, order_id, store_id, business_day, at) SELECT order_id, 'sale', order_id, store_id, business_day, at FROM sale
  ), entered AS (
    INSERT INTO ledger_entry (transaction_id, line, account, currency, amount_minor, payment_id, at)
    SELECT sale.order_id, e.line, e.account, sale.currency, e."amountMinor", e."paymentId", sale.at
    FROM sale JOIN json_to_recordset($3) AS e(n int, line smallint, account smallint, "amountMinor" bigint, "paymentId" uuid) USING (n)
  ), told AS (
    ${appendEvents(`sale JOIN ${eventList("$4", "$5")} USING (n) ORDER BY e.place`)}
  ) SELECT n FROM sale`);
// A late repeat of a declined attempt carries payment ids that are known already; a new attempt brings new ones.
const OPEN = sql("payment.open", `WITH ${record("authorizing", "pending", "s.status = 'declined' AND NOT EXISTS (SELECT 1 FROM payment k WHERE k.id IN (SELECT (j->>'id')::uuid FROM json_array_elements($10) j))")} SELECT 1 FROM sale`);
const AUTHORIZED = sql("payment.authorized", `WITH sale AS (UPDATE settlement SET status = 'authorized' WHERE order_id = $1 AND status = 'authorizing' RETURNING order_id), marked AS (
    UPDATE payment p SET status = 'authorized', provider_ref = r.ref, updated_at = now(), version = version + 1
    FROM sale, json_to_recordset($2) AS r(id uuid, ref text) WHERE p.id = r.id AND p.status = 'pending'
  ) SELECT 1 FROM sale`);
const DECLINED = sql("payment.declined", `WITH sale AS (UPDATE settlement SET status = 'declined', reason = $2 WHERE order_id = $1 AND status IN ('authorizing', 'authorized') RETURNING order_id)
  UPDATE payment p SET status = CASE WHEN p.id = $3 THEN 'declined' ELSE 'voided' END, reason = CASE WHEN p.id = $3 THEN $2 END, updated_at = now(), version = version + 1
  FROM sale WHERE p.order_id = sale.order_id AND p.status IN ('pending', 'authorized')`);
const CAPTURED = sql("payment.captured", `WITH sale AS (
    UPDATE settlement SET status = 'captured' WHERE order_id = $1 AND status = 'authorized' RETURNING order_id, at, store_id, business_day, currency
  ), taken AS (
    UPDATE payment p SET status = 'captured', captured_at = sale.at, updated_at = now(), version = version + 1 FROM sale WHERE p.order_id = sale.order_id AND p.status IN ('pending', 'authorized')
  ), ${POST("$2")} SELECT 1 FROM sale`);
const TOMBSTONE = sql("payment.tombstone", `INSERT INTO settlement AS s (order_id, status) VALUES ($1, 'voided')
  ON CONFLICT (tenant_id, order_id) DO UPDATE SET status = 'voided' WHERE s.status <> 'captured' RETURNING 1`);
const VOIDED = sql("payment.voided", "UPDATE payment SET status = 'voided', updated_at = now(), version = version + 1 WHERE order_id = $1 AND status IN ('pending', 'authorized')");
const SETTLEMENT = `SELECT order_id AS "orderId", status, store_id AS "storeId", register_id AS "registerId", currency, business_day::text AS "businessDay", at, net_minor AS "netMinor",
  tax_minor AS "taxMinor", rounding_minor AS "roundingMinor", refunded_net_minor AS "refundedNetMinor", refunded_tax_minor AS "refundedTaxMinor", reason FROM settlement WHERE order_id = $1`;
const READ = sql("payment.settlement", SETTLEMENT);
const LOCK = sql("payment.settlement-lock", `${SETTLEMENT} FOR UPDATE`);
const PAYMENTS = sql("payment.of-sale", `SELECT id, method, provider, status, amount_minor AS "amountMinor", provider_ref AS "providerRef", rounding_minor AS "roundingMinor",
  refunded_minor AS "refundedMinor", refund_rounding_minor AS "refundRoundingMinor" FROM payment WHERE order_id = $1 ORDER BY created_at, no`);

const saleValues = (sale: SaleRow, payments: readonly NewPayment[]): unknown[] => [
  sale.orderId, sale.storeId, sale.registerId, sale.currency, sale.businessDay, sale.at, sale.netMinor, sale.taxMinor, sale.roundingMinor, JSON.stringify(payments),
];
const lined = (entries: readonly Entry[]) => entries.map((entry, line) => ({ ...entry, line }));
export const numbered = (entries: readonly Entry[]): string => JSON.stringify(lined(entries));

/** Captures, posts and tells of it in one statement. @returns false when the order was settled before: nothing was written */
export async function settleSale(tx: Tx, sale: SaleRow, payments: readonly NewPayment[], { entries, events }: { entries: readonly Entry[]; events: readonly OutgoingEvent[] }): Promise<boolean> {
  const { orderId, storeId, registerId, currency, businessDay, at, netMinor, taxMinor, roundingMinor } = sale;
  const row = { orderId, storeId, registerId, currency, businessDay, at, netMinor, taxMinor, roundingMinor };
  return (await tx.merged(SETTLE, row, payments, lined(entries), ...tx.toAppend(events))) !== undefined;
}

/** Writes down what the provider is about to be asked. @returns false when the order is known already */
export async function openSale(tx: Tx, sale: SaleRow, payments: readonly NewPayment[]): Promise<boolean> {
  return (await tx.query(OPEN, saleValues(sale, payments))).length === 1;
}

/** @returns false when the sale was undone meanwhile */
export async function markAuthorized(tx: Tx, orderId: string, refs: readonly { id: string; ref: string }[]): Promise<boolean> {
  return (await tx.query(AUTHORIZED, [orderId, JSON.stringify(refs)])).length === 1;
}

export async function markDeclined(tx: Tx, orderId: string, declined: { paymentId: string; reason: string }): Promise<void> {
  await tx.change(DECLINED, [orderId, declined.reason, declined.paymentId]);
}

/** @returns false when the sale is not authorised (any more) */
export async function captureSale(tx: Tx, orderId: string, entries: readonly Entry[]): Promise<boolean> {
  return (await tx.query(CAPTURED, [orderId, numbered(entries)])).length === 1;
}

/** @returns false when the money was captured: then a refund is the way back */
export async function closeSale(tx: Tx, orderId: string): Promise<boolean> {
  return (await tx.query(TOMBSTONE, [orderId])).length === 1;
}

export async function markVoided(tx: Tx, orderId: string): Promise<void> {
  await tx.change(VOIDED, [orderId]);
}

export async function readSale(tx: Tx, orderId: string, lock = false): Promise<{ settlement: Settlement; payments: SalePayment[] } | undefined> {
  const [settlements, payments] = await Promise.all([tx.query<Settlement>(lock ? LOCK : READ, [orderId]), tx.query<SalePayment>(PAYMENTS, [orderId])]);
  return settlements[0] && { settlement: settlements[0], payments };
}
