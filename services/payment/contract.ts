import { Type } from "typebox";
import { AUDIT_MS, action, contract, event } from "../../lib/contract.ts";
import { Amount, ById, Closed, Currency, Day, Id, Instant, List, Money, Nullable, OneOf, listParams, ownData, ownDataOut, stamps } from "../../lib/schemas.ts";

const Minor = Type.Integer({ description: "minor units" });
export const METHODS = ["cash", "card", "external"] as const;
/** One tender of an order, with the id that it will have. */
const Tender = Closed({
  id: Id, method: OneOf(METHODS), amountMinor: Minor, tenderedMinor: Type.Optional(Minor), changeMinor: Type.Optional(Minor),
  card: Type.Optional(Closed({ number: Type.String() })),
});
/** What the books need of a sale: Dr tenders, Cr sales (net), Cr tax payable, rounding either way. Σ tenders = net + tax + rounding. */
const Sale = {
  orderId: Id, storeId: Id, registerId: Nullable(Id), currency: Currency, businessDay: Day, at: Instant, netMinor: Minor, taxMinor: Minor, roundingMinor: Minor, payments: Type.Array(Tender),
};
const Payment = Closed({
  id: Id, orderId: Id, storeId: Nullable(Id), method: OneOf(METHODS), provider: Type.String(), status: OneOf(["pending", "authorized", "captured", "partiallyRefunded", "refunded", "voided", "declined"]),
  amount: Amount, refunded: Amount, tendered: Nullable(Amount), change: Nullable(Amount), capturedAt: Nullable(Instant), providerRef: Nullable(Type.String()),
  card: Nullable(Closed({ brand: Type.String(), last4: Type.String() })), reason: Nullable(Type.String()), ...stamps,
});
const Refund = Closed({
  id: Id, orderId: Id, status: OneOf(["pending", "made", "refused"]), amount: Amount, tax: Amount, rounding: Money,
  parts: Type.Array(Closed({ paymentId: Id, method: OneOf(METHODS), amount: Amount, providerRef: Nullable(Type.String()) })),
  reason: Type.String(), refusal: Nullable(Type.String()), at: Instant, ...ownDataOut, ...stamps,
});
const AccountCode = Type.String({ pattern: "^\\d{4}$", description: "account of the chart, as 1000 for cash" });
const Sides = { account: AccountCode, name: Type.String(), debit: Amount, credit: Amount };
const LedgerEntry = Closed({
  transactionId: Id, line: Type.Integer(), at: Instant, kind: OneOf(["sale", "refund"]), orderId: Id, storeId: Id, businessDay: Day, paymentId: Nullable(Id), ...Sides,
});
const Made = Closed({ id: Id, method: OneOf(METHODS), amountMinor: Minor, status: Type.String(), providerRef: Nullable(Type.String()) });

export const paymentContract = contract("payment", "Payments and the money ledger", {
  actions: {
    settle: action({
      summary: "Cash and external tenders of a sale, captured and posted in one transaction. Idempotent by orderId; cannot be refused", permission: "internal",
      params: Closed(Sale), result: Closed({ payments: Type.Array(Made) }),
    }),
    authorize: action({
      summary: "Asks the provider for the card tenders of a sale, our payment id as its idempotency key", permission: "internal",
      params: Closed(Sale), result: Closed({ payments: Type.Array(Made) }), errors: ["payment_declined", "invalid_card", "payment_ended"],
    }),
    capture: action({
      summary: "Captures what was authorised, takes the cash tenders, posts the sale. Idempotent by orderId", permission: "internal",
      params: Closed({ orderId: Id }), result: Closed({ payments: Type.Array(Made) }), errors: ["payment_declined", "payment_ended"],
    }),
    void: action({ summary: "Undoes an authorisation, also one that never happened (and then never will)", permission: "internal", params: Closed({ orderId: Id }), result: Closed({}), errors: ["payment_ended"] }),
    refundOrder: action({
      summary: "Gives money of an order back over its original tenders, or the method named. Idempotent by refundId", permission: "internal",
      params: Closed({ refundId: Id, orderId: Id, amountMinor: Minor, netMinor: Minor, taxMinor: Minor, method: Type.Optional(OneOf(["original", ...METHODS])), cashRounding: Nullable(Type.Integer()), businessDay: Day, at: Instant, reason: Type.String() }),
      result: Closed({ amountMinor: Minor, roundingMinor: Minor, parts: Type.Array(Closed({ paymentId: Id, method: OneOf(METHODS), amountMinor: Minor })) }), errors: ["refund_exceeds_captured", "refund_refused", "id_conflict"],
    }),
    listPayments: action({
      summary: "Payments, of one order or all", rest: "GET /v1/payments", permission: "payment.payments.read", idempotent: true,
      params: Closed({ ...listParams, orderId: Type.Optional(Id) }), result: List(Payment), errors: ["invalid_cursor"],
    }),
    readPayment: action({ summary: "One payment", rest: "GET /v1/payments/:id", permission: "payment.payments.read", idempotent: true, params: ById, result: Payment, errors: ["not_found"] }),
    refundPayment: action({
      summary: "Gives back a captured payment, or a part of it", rest: "POST /v1/payments/:id/refunds", status: 201, location: "/v1/refunds/:id", permission: "payment.refunds.write",
      params: Closed({ id: Id, amount: Type.Optional(Closed({ amount: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), currency: Currency })), reason: Type.String({ minLength: 1, maxLength: 500 }), ...ownData }),
      result: Refund, errors: ["not_found", "refund_exceeds_captured", "refund_refused", "refund_currency_mismatch", "already_exists"],
      example: { amount: { amount: 500, currency: "EUR" }, reason: "a scratch on the mug" },
    }),
    readRefund: action({ summary: "One refund", rest: "GET /v1/refunds/:id", permission: "payment.payments.read", idempotent: true, params: ById, result: Refund, errors: ["not_found"] }),
    listAccounts: action({
      summary: "The chart of accounts", rest: "GET /v1/ledger/accounts", permission: "payment.ledger.read", idempotent: true, params: Closed({}),
      result: Closed({ data: Type.Array(Closed({ account: AccountCode, name: Type.String(), kind: OneOf(["asset", "liability", "revenue"]) })) }),
    }),
    listEntries: action({
      summary: "Entries of the ledger, the latest first", rest: "GET /v1/ledger/entries", permission: "payment.ledger.read", idempotent: true,
      params: Closed({ ...listParams, accountCode: Type.Optional(AccountCode), orderId: Type.Optional(Id), from: Type.Optional(Type.Union([Day, Instant])), to: Type.Optional(Type.Union([Day, Instant])) }),
      result: List(LedgerEntry), errors: ["invalid_cursor"],
    }),
    trialBalance: action({
      summary: "The balance of every account, per currency, now or at an instant: debits equal credits", rest: "GET /v1/ledger/trial-balance", permission: "payment.ledger.read", idempotent: true,
      params: Closed({ at: Type.Optional(Type.Union([Day, Instant])) }), result: Closed({ at: Instant, data: Type.Array(Closed(Sides)) }),
    }),
    verify: action({
      summary: "Recomputes the ledger: every transaction sums to zero, balances equal their entries, captured and refunded agree with the books", permission: "internal", timeoutMs: AUDIT_MS, idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
    orderTotals: action({
      summary: "Captured and refunded per order, for the audit, page by page", permission: "internal", timeoutMs: AUDIT_MS, idempotent: true, params: Closed({ after: Nullable(Id), limit: Type.Integer() }),
      result: Closed({ orders: Type.Array(Closed({ orderId: Id, currency: Currency, capturedMinor: Minor, refundedMinor: Minor })) }),
    }),
  },
  events: {
    "payment.captured": event({
      summary: "Money came in", data: Closed({ paymentId: Id, orderId: Id, storeId: Id, registerId: Nullable(Id), method: OneOf(METHODS), provider: Type.String(), amountMinor: Minor, currency: Currency, businessDay: Day, at: Instant }),
    }),
    "payment.refunded": event({
      summary: "Money went back", data: Closed({ reason: Type.Optional(Type.String()), refundId: Id, paymentId: Id, orderId: Id, storeId: Id, registerId: Nullable(Id), method: OneOf(METHODS), provider: Type.String(), amountMinor: Minor, currency: Currency, businessDay: Day, at: Instant }),
    }),
  },
});
