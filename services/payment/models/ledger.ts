/** The money ledger as it is read. It is written with the sale and the refund that it books. */
import { sql, type Tx } from "../../../mixins/database.ts";
import type { BalanceRow, EntryRow } from "../domain/representation.ts";

export interface EntryFilter { readonly account?: number | undefined; readonly orderId?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined }
export type EntryKey = readonly [at: string, transactionId: string, line: number];

// One statement per filter, so that each has a plan of its own: a plan for "any filter" would read the whole ledger.
const list = (name: string, filter: string) => sql(`ledger.${name}`, `SELECT e.transaction_id AS "transactionId", e.line, e.at, e.account, e.currency, e.amount_minor AS "amountMinor", e.payment_id AS "paymentId",
    t.kind, t.order_id AS "orderId", t.store_id AS "storeId", t.business_day::text AS "businessDay"
  FROM ledger_entry e JOIN ledger_transaction t ON t.tenant_id = e.tenant_id AND t.id = e.transaction_id
  WHERE ${filter} AND e.at >= $1 AND e.at < $2 AND (e.at, e.transaction_id, e.line) < ($3, $4, $5) ORDER BY e.at DESC, e.transaction_id DESC, e.line DESC LIMIT $6`);
const OF_ORDER = "(t.id = $7 OR (t.order_id = $7 AND t.kind <> 'sale'))";
const ALL = list("entries", "true");
const ACCOUNT = list("entries-of-account", "e.account = $7");
const ORDER = list("entries-of-order", OF_ORDER);
const BOTH = list("entries-of-order-account", `${OF_ORDER} AND e.account = $8`);
const BALANCE = sql("ledger.balance", `SELECT account, currency, sum(amount_minor)::bigint AS "amountMinor" FROM ledger_entry WHERE at < $1 GROUP BY account, currency ORDER BY currency, account`);

const FIRST = "-infinity", LAST = "infinity";
const END: EntryKey = [LAST, "ffffffff-ffff-ffff-ffff-ffffffffffff", 32_767];

/** @param before the key that the page goes on after  @param filter `from` inclusive, `to` exclusive */
export function listEntries(tx: Tx, { account, orderId, from = FIRST, to = LAST }: EntryFilter, before: EntryKey = END, limit: number): Promise<EntryRow[]> {
  const values = [from, to, ...before, limit];
  if (orderId === undefined) return account === undefined ? tx.query(ALL, values) : tx.query(ACCOUNT, [...values, account]);
  return account === undefined ? tx.query(ORDER, [...values, orderId]) : tx.query(BOTH, [...values, orderId, account]);
}

/** Sums of the entries before an instant. */
export const balances = (tx: Tx, before: string): Promise<BalanceRow[]> => tx.query(BALANCE, [before]);
