import { Type } from "typebox";
import { action, contract, event } from "../../lib/contract.ts";
import { Closed, Currency, Day, Id, Instant, Nullable, OneOf } from "../../lib/schemas.ts";

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
const Made = Closed({ id: Id, method: OneOf(METHODS), amountMinor: Minor, status: Type.String(), providerRef: Nullable(Type.String()) });

export const paymentContract = contract("payment", "Payments and the money ledger", {
  actions: {
    settle: action({
      summary: "Cash and external tenders of a sale, captured and posted in one transaction. Idempotent by orderId; cannot be refused", permission: "internal",
      params: Closed(Sale), result: Closed({ payments: Type.Array(Made) }),
    }),
    authorize: action({
      summary: "Asks the provider for the card tenders of a sale, our payment id as its idempotency key", permission: "internal",
      params: Closed(Sale), result: Closed({ payments: Type.Array(Made) }), errors: ["payment_declined"],
    }),
    capture: action({
      summary: "Captures what was authorised, takes the cash tenders, posts the sale. Idempotent by orderId", permission: "internal",
      params: Closed({ orderId: Id }), result: Closed({ payments: Type.Array(Made) }), errors: ["payment_declined"],
    }),
    void: action({ summary: "Undoes an authorisation, also one that never happened (and then never will)", permission: "internal", params: Closed({ orderId: Id }), result: Closed({}) }),
    refundOrder: action({
      summary: "Gives money of an order back over its original tenders, or the method named. Idempotent by refundId", permission: "internal",
      params: Closed({ refundId: Id, orderId: Id, amountMinor: Minor, netMinor: Minor, taxMinor: Minor, method: Type.Optional(OneOf(["original", ...METHODS])), cashRounding: Nullable(Type.Integer()), businessDay: Day, at: Instant, reason: Type.String() }),
      result: Closed({ amountMinor: Minor, roundingMinor: Minor, parts: Type.Array(Closed({ paymentId: Id, method: OneOf(METHODS), amountMinor: Minor })) }), errors: ["refund_exceeds_captured", "refund_refused"],
    }),
    verify: action({
      summary: "Recomputes the ledger: every transaction sums to zero, balances equal their entries, captured and refunded agree with the books", permission: "internal", idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
    orderTotals: action({
      summary: "Captured and refunded per order, for the audit, page by page", permission: "internal", idempotent: true, params: Closed({ after: Nullable(Id), limit: Type.Integer() }),
      result: Closed({ orders: Type.Array(Closed({ orderId: Id, currency: Currency, capturedMinor: Minor, refundedMinor: Minor })) }),
    }),
  },
  events: {
    "payment.captured": event({
      summary: "Money came in", data: Closed({ paymentId: Id, orderId: Id, storeId: Id, registerId: Nullable(Id), method: OneOf(METHODS), provider: Type.String(), amountMinor: Minor, currency: Currency, businessDay: Day, at: Instant }),
    }),
    "payment.refunded": event({
      summary: "Money went back", data: Closed({ refundId: Id, paymentId: Id, orderId: Id, storeId: Id, registerId: Nullable(Id), method: OneOf(METHODS), provider: Type.String(), amountMinor: Minor, currency: Currency, businessDay: Day, at: Instant }),
    }),
  },
});
