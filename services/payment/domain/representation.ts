/** Rows as the REST contract shows them. */
import { accountName, type Method } from "./chart.ts";

const money = (amount: number, currency: string) => ({ amount, currency });
const moneyOrNull = (amount: number | null, currency: string) => (amount === null ? null : money(amount, currency));

export interface PaymentRow {
  readonly id: string; readonly orderId: string; readonly storeId: string | null; readonly method: Method; readonly provider: string; readonly status: PaymentStatus; readonly currency: string;
  readonly amountMinor: number; readonly tenderedMinor: number | null; readonly changeMinor: number | null; readonly refundedMinor: number; readonly providerRef: string | null;
  readonly cardBrand: string | null; readonly cardLast4: string | null; readonly reason: string | null; readonly capturedAt: string | null;
  readonly createdAt: string; readonly updatedAt: string; readonly version: number;
}
export const PAYMENT_STATUSES = ["pending", "authorized", "captured", "partiallyRefunded", "refunded", "voided", "declined"] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const toPayment = (row: PaymentRow) => ({
  id: row.id, orderId: row.orderId, storeId: row.storeId, method: row.method, provider: row.provider, status: row.status,
  amount: money(row.amountMinor, row.currency), refunded: money(row.refundedMinor, row.currency),
  tendered: moneyOrNull(row.tenderedMinor, row.currency), change: moneyOrNull(row.changeMinor, row.currency),
  capturedAt: row.capturedAt, providerRef: row.providerRef, card: row.cardLast4 === null ? null : { brand: row.cardBrand ?? "other", last4: row.cardLast4 }, reason: row.reason,
  createdAt: row.createdAt, updatedAt: row.updatedAt, version: row.version,
});

interface RefundRow {
  readonly id: string; readonly orderId: string; readonly status: "pending" | "made" | "refused"; readonly currency: string; readonly amountMinor: number; readonly taxMinor: number; readonly roundingMinor: number;
  readonly at: string; readonly reason: string; readonly refusal: string | null; readonly reference: string | null; readonly metadata: Record<string, string>;
  readonly parts: readonly { readonly paymentId: string; readonly method: Method; readonly amountMinor: number; readonly providerRef: string | null }[];
  readonly createdAt: string; readonly updatedAt: string; readonly version: number;
}

export const toRefund = (row: RefundRow) => ({
  id: row.id, orderId: row.orderId, status: row.status, amount: money(row.amountMinor, row.currency), tax: money(row.taxMinor, row.currency), rounding: money(row.roundingMinor, row.currency),
  parts: row.parts.map((part) => ({ paymentId: part.paymentId, method: part.method, amount: money(part.amountMinor, row.currency), providerRef: part.providerRef })),
  reason: row.reason, refusal: row.refusal, at: row.at, reference: row.reference, metadata: row.metadata, createdAt: row.createdAt, updatedAt: row.updatedAt, version: row.version,
});

export interface EntryRow { readonly transactionId: string; readonly line: number; readonly at: string; readonly account: number; readonly currency: string; readonly amountMinor: number; readonly kind: "sale" | "refund"; readonly orderId: string; readonly storeId: string; readonly businessDay: string; readonly paymentId: string | null }

/** Debit or credit, the other is zero. */
const sides = (amountMinor: number, currency: string) => ({ debit: money(Math.max(amountMinor, 0), currency), credit: money(Math.max(-amountMinor, 0), currency) });

export const toEntry = ({ account, amountMinor, currency, ...row }: EntryRow) => ({ ...row, account: String(account), name: accountName(account), ...sides(amountMinor, currency) });

export interface BalanceRow { readonly account: number; readonly currency: string; readonly amountMinor: number }

export const toBalance = ({ account, currency, amountMinor }: BalanceRow) => ({ account: String(account), name: accountName(account), ...sides(amountMinor, currency) });
