import { refuse } from "../../../lib/errors.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { handler, query } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import { ACCOUNTS } from "../domain/chart.ts";
import { fromOf, isInCalendar, untilOf } from "../domain/periods.ts";
import { toBalance, toEntry, toPayment, toRefund } from "../domain/representation.ts";
import * as ledger from "../models/ledger.ts";
import * as payments from "../models/payments.ts";
import * as refunds from "../models/refunds.ts";

type C = typeof paymentContract;

/** Permission payment.payments.read. @throws invalid_cursor, invalid_request for another sort */
export const listPayments = query<C, "listPayments">(async (tx, { orderId, cursor, sort, limit = LIMIT_DEFAULT }, ctx) => {
  sortedBy(sort, "-createdAt");
  const list = `payments ${orderId ?? ""}`;
  const rows = await payments.listPayments(tx, { orderId, before: readCursor(ctx, list, cursor)?.[0] as string | undefined, limit: limit + 1 });
  return page(ctx, list, { rows, limit, key: (row) => [row.id], map: toPayment });
});

/** Permission payment.payments.read. @throws not_found */
export const readPayment = query<C, "readPayment">(async (tx, { id }) => {
  const row = await payments.readPayment(tx, id);
  if (!row) throw refuse.not_found();
  return toPayment(row);
});

/** Permission payment.payments.read. @throws not_found */
export const readRefund = query<C, "readRefund">(async (tx, { id }) => {
  const row = await refunds.readRefund(tx, id);
  if (!row) throw refuse.not_found();
  return toRefund(row);
});

/** Permission payment.ledger.read. The chart is the same for every tenant. */
export const listAccounts = handler<C, "listAccounts">(() =>
  Promise.resolve({ data: ACCOUNTS.map(({ code, name, kind }) => ({ account: String(code), name, kind })) }));

/** Permission payment.ledger.read. @throws invalid_cursor, invalid_request for another sort or a day that does not exist */
export const listEntries = query<C, "listEntries">(async (tx, { accountCode, orderId, from, to, cursor, sort, limit = LIMIT_DEFAULT }, ctx) => {
  sortedBy(sort, "-at");
  inCalendar({ from, to });
  const filter = { account: accountCode === undefined ? undefined : Number(accountCode), orderId, from: from && fromOf(from), to: to && untilOf(to) };
  const list = `entries ${JSON.stringify(filter)}`;
  const rows = await ledger.listEntries(tx, filter, readCursor(ctx, list, cursor) as ledger.EntryKey | undefined, limit + 1);
  return page(ctx, list, { rows, limit, key: (row) => [row.at, row.transactionId, row.line], map: toEntry });
});

/** Permission payment.ledger.read. What was booked for up to and including `at`. */
export const trialBalance = query<C, "trialBalance">(async (tx, { at = new Date().toISOString() }) => {
  inCalendar({ at });
  const until = untilOf(at);
  const rows = await ledger.balances(tx, until);
  return { at: new Date(Date.parse(until) - 1).toISOString(), data: rows.map(toBalance) };
});

function sortedBy(sort: string | undefined, only: string): void {
  if (sort !== undefined && sort !== only) throw refuse.invalid_request(undefined, { errors: [{ pointer: "/sort", code: "not_allowed", message: `must be ${only}` }] });
}

function inCalendar(times: Record<string, string | undefined>): void {
  const wrong = Object.entries(times).find(([, text]) => text !== undefined && !isInCalendar(text));
  if (wrong) throw refuse.invalid_request(undefined, { errors: [{ pointer: `/${wrong[0]}`, code: "wrong_format", message: "is not in the calendar" }] });
}
