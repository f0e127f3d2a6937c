import { Type } from "typebox";
import { AUDIT_MS, BATCH_MS, action, contract, event } from "../../lib/contract.ts";
import { ownDataPatch } from "../../lib/patch-schemas.ts";
import { Amount, ById, Closed, Currency, Day, Email, File, Id, Instant, List, listParams, Money, Name, Nothing, Nullable, OneOf, ownData, ownDataOut, Pairs, PositiveQuantity, stamps } from "../../lib/schemas.ts";
import { METHODS } from "../payment/contract.ts";
import { ImportResult } from "../catalog/contract.ts";

const Thousandths = Type.Integer({ description: "quantity in thousandths" });
const Minor = Type.Integer({ description: "minor units" });
/** One line of a document as reports need it. On a return every figure is positive and counts against the sale. gross and total include tax. */
const FactLine = Closed({
  lineId: Id, variantId: Id, productId: Id, categoryId: Nullable(Id), categoryName: Nullable(Type.String()), sku: Type.String(), name: Type.String(),
  quantityThousandths: Thousandths, grossMinor: Minor, discountMinor: Minor, taxMinor: Minor, netMinor: Minor, totalMinor: Minor, costMinor: Minor,
  taxes: Type.Array(Closed({ name: Type.String(), ratePpm: Type.Integer(), amountMinor: Minor, baseMinor: Minor })),
});
const Document = Closed({
  documentId: Id, orderId: Nullable(Id), kind: OneOf(["sale", "return", "cancellation"]), number: Type.String(), storeId: Id, registerId: Nullable(Id), employeeId: Nullable(Id), channel: Type.String(),
  customerId: Nullable(Id), customerName: Nullable(Type.String()), country: Nullable(Type.String()), currency: Currency, businessDay: Day, hour: Type.Integer({ minimum: 0, maximum: 23 }), at: Instant,
  imported: Type.Boolean(), roundingMinor: Minor, lines: Type.Array(FactLine),
});

const Address = Pairs(Type.String({ maxLength: 200 }), { keyLength: 50, most: 20 });
const customerFields = {
  email: Type.Optional(Nullable(Email)), phone: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 50 }))),
  taxNumber: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 50 }))), address: Type.Optional(Nullable(Address)), groupId: Type.Optional(Nullable(Id)),
};
const CustomerOut = Closed({
  id: Id, name: Name, email: Nullable(Type.String()), phone: Nullable(Type.String()), taxNumber: Nullable(Type.String()), address: Nullable(Address), groupId: Nullable(Id),
  archivedAt: Nullable(Instant), ...ownDataOut, ...stamps,
});

const LINES_MAX = 500, PAYMENTS_MAX = 20;
const Reason = Type.String({ minLength: 1, maxLength: 200 });
const PercentOff = Type.Number({ minimum: 0, maximum: 100, multipleOf: 0.0001, description: "at most 4 decimals; 20 is 20 %" });
const Discount = Type.Union([Closed({ percent: PercentOff, reason: Type.Optional(Reason) }), Closed({ amount: Amount, reason: Type.Optional(Reason) })]);
const PaymentIn = Closed({
  method: OneOf(METHODS), amount: Type.Optional(Amount), tendered: Type.Optional(Amount),
  card: Type.Optional(Closed({ number: Type.String({ pattern: "^[0-9]{12,19}$" }) })),
});
const basket = {
  storeId: Id, registerId: Type.Optional(Id), channel: OneOf(["pos", "web"]), customerId: Type.Optional(Id),
  lines: Type.Array(Closed({ variantId: Id, quantity: PositiveQuantity, discount: Type.Optional(Discount) }), { minItems: 1, maxItems: LINES_MAX }),
  discount: Type.Optional(Discount), placedAt: Type.Optional(Instant), ...ownData,
};
const pricedLine = {
  variantId: Id, sku: Type.String(), name: Type.String(), quantity: Type.Number(), unitPrice: Money, discount: Money, tax: Money,
  taxes: Type.Array(Closed({ name: Type.String(), percent: Type.Number(), amount: Money })), net: Money, total: Money,
};
const totals = { subtotal: Money, discountTotal: Money, taxTotal: Money, rounding: Money, total: Money };
export const ORDER_STATUSES = ["paid", "cancelled", "partiallyRefunded", "refunded"] as const;
const PaymentOut = Closed({
  id: Id, method: OneOf(METHODS), amount: Money, tendered: Type.Optional(Money), change: Type.Optional(Money), status: Type.String(),
  card: Type.Optional(Closed({ brand: Nullable(Type.String()), last4: Type.String() })),
});
const OrderOut = Closed({
  id: Id, number: Type.String(), status: OneOf(ORDER_STATUSES), channel: Type.String(), storeId: Id, registerId: Nullable(Id), customerId: Nullable(Id), currency: Currency,
  lines: Type.Array(Closed({ id: Id, ...pricedLine, returnedQuantity: Type.Number() })), ...totals, paid: Money, refunded: Money, change: Money,
  payments: Type.Array(PaymentOut), history: Type.Array(Closed({ at: Instant, status: Type.String(), by: Nullable(Type.String()), note: Nullable(Type.String()) })),
  placedAt: Instant, ...ownDataOut, ...stamps,
});
const Explained = Closed({
  rule: Type.String(), applied: Type.Boolean(), reason: Type.String(), amount: Type.Optional(Money), unapplied: Type.Optional(Money), lineIndex: Type.Optional(Type.Integer()),
});
const QuoteOut = Closed({
  channel: Type.String(), storeId: Id, registerId: Nullable(Id), customerId: Nullable(Id), currency: Currency, lines: Type.Array(Closed(pricedLine)), ...totals, cashTotal: Money, change: Money,
  payments: Type.Array(Closed({ method: OneOf(METHODS), amount: Money, tendered: Type.Optional(Money), change: Type.Optional(Money) })), placedAt: Instant, explain: Type.Array(Explained),
});
const RefundMethod = OneOf(["original", ...METHODS]);
const ReturnOut = Closed({
  id: Id, orderId: Id, number: Type.String(), kind: OneOf(["return", "cancellation"]),
  lines: Type.Array(Closed({ lineId: Id, variantId: Id, sku: Type.String(), name: Type.String(), quantity: Type.Number(), restock: Type.Boolean(), discount: Money, tax: Money, total: Money })),
  refund: Closed({ amount: Money, rounding: Money, method: Type.String(), parts: Type.Array(Closed({ paymentId: Id, method: Type.String(), amount: Money })) }),
  reason: Type.String(), createdAt: Instant,
});
const FromTo = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}:\\d{2}))?$", description: "a business day of the store, or an instant; inclusive" });
const saleErrors = ["not_found", "amount_mismatch", "currency_mismatch", "store_archived", "register_archived", "register_elsewhere", "amount_out_of_range"];
const saleExample = {
  storeId: "0190a6f0-0000-7000-8000-000000000001", channel: "pos",
  lines: [{ variantId: "0190a6f0-0000-7000-8000-000000000002", quantity: 2 }], payments: [{ method: "cash", tendered: { amount: 5000, currency: "EUR" } }],
};
/** What a file says in one place, as it stands there. */
const Cell = Type.Optional(Type.String());

export const orderContract = contract("order", "Orders and the till", {
  actions: {
    placeOrder: action({
      summary: "The one-call sale: priced, taken off the stock, paid and numbered, or nothing at all", rest: "POST /v1/orders", status: 201, location: "/v1/orders/:id", permission: "order.orders.write",
      params: Closed({ id: Type.Optional(Id), ...basket, payments: Type.Array(PaymentIn, { maxItems: PAYMENTS_MAX }) }), result: OrderOut,
      errors: [...saleErrors, "out_of_stock", "payment_declined", "payment_ended", "invalid_card", "id_conflict", "already_exists"], example: saleExample,
    }),
    quoteOrder: action({
      summary: "The priced order as it would be, and why; nothing is kept", rest: "POST /v1/orders/quote", permission: "order.orders.read",
      params: Closed({ id: Type.Optional(Id), ...basket, payments: Type.Optional(Type.Array(PaymentIn, { maxItems: PAYMENTS_MAX })) }), result: QuoteOut, errors: saleErrors, example: saleExample,
    }),
    getOrder: action({ summary: "Reads an order", rest: "GET /v1/orders/:id", permission: "order.orders.read", params: ById, result: OrderOut, errors: ["not_found"], idempotent: true }),
    listOrders: action({
      summary: "Lists orders, the latest first", rest: "GET /v1/orders", permission: "order.orders.read", idempotent: true, result: List(OrderOut),
      params: Closed({ ...listParams, status: Type.Optional(OneOf(["pending", "awaitingPayment", "fulfilled", "completed", ...ORDER_STATUSES])), storeId: Type.Optional(Id), customerId: Type.Optional(Id), from: Type.Optional(FromTo), to: Type.Optional(FromTo) }),
    }),
    cancelOrder: action({
      summary: "Takes back all that has not come back yet, and gives the money back", rest: "POST /v1/orders/:id/cancel", permission: "order.orders.cancel",
      params: Closed({ id: Id, reason: Type.Optional(Reason), refund: Type.Optional(Closed({ method: RefundMethod })) }), result: OrderOut,
      errors: ["not_found", "order_cancelled", "return_exceeds_sold", "refund_exceeds_captured", "refund_refused", "stale"],
    }),
    returnLines: action({
      summary: "Takes goods back and gives their money back: never more than was sold, less what came back", rest: "POST /v1/orders/:id/returns", status: 201, permission: "order.returns.write",
      params: Closed({
        id: Id, reason: Reason, refund: Type.Optional(Closed({ method: RefundMethod })),
        lines: Type.Array(Closed({ lineId: Id, quantity: PositiveQuantity, restock: Type.Optional(Type.Boolean({ default: true })) }), { minItems: 1, maxItems: LINES_MAX }),
      }),
      result: ReturnOut, errors: ["not_found", "order_cancelled", "return_exceeds_sold", "refund_exceeds_captured", "refund_refused", "stale"],
    }),
    listReturns: action({
      summary: "What came back of an order, in its order", rest: "GET /v1/orders/:id/returns", permission: "order.orders.read", idempotent: true, params: ById,
      result: Closed({ data: Type.Array(ReturnOut), nextCursor: Type.Null() }), errors: ["not_found"],
    }),
    receiptPdf: action({ summary: "The receipt as PDF", rest: "GET /v1/orders/:id/receipt.pdf", permission: "order.orders.read", params: ById, result: File, produces: ["application/pdf"], errors: ["not_found"], idempotent: true }),
    receiptText: action({ summary: "The receipt in 42 columns, for a thermal printer", rest: "GET /v1/orders/:id/receipt.txt", permission: "order.orders.read", params: ById, result: File, produces: ["text/plain"], errors: ["not_found"], idempotent: true }),

    createCustomer: action({
      summary: "Creates a customer", rest: "POST /v1/customers", status: 201, location: "/v1/customers/:id", permission: "order.customers.write",
      params: Closed({ name: Name, ...customerFields, ...ownData }), result: CustomerOut, errors: ["already_exists"], example: { name: "Ada Lovelace", email: "ada@example.com" },
    }),
    getCustomer: action({ summary: "Reads a customer", rest: "GET /v1/customers/:id", permission: "order.customers.read", params: ById, result: CustomerOut, errors: ["not_found"], idempotent: true }),
    listCustomers: action({
      summary: "Lists customers", rest: "GET /v1/customers", permission: "order.customers.read", idempotent: true, result: List(CustomerOut),
      params: Closed({ ...listParams, email: Type.Optional(Type.String({ maxLength: 254 })), phone: Type.Optional(Type.String({ maxLength: 50 })), reference: Type.Optional(Type.String({ maxLength: 200 })) }),
    }),
    updateCustomer: action({
      summary: "Changes a customer", rest: "PATCH /v1/customers/:id", permission: "order.customers.write",
      params: Closed({ id: Id, name: Type.Optional(Name), ...customerFields, ...ownDataPatch }), result: CustomerOut, errors: ["not_found", "stale", "already_exists"],
    }),
    archiveCustomer: action({ summary: "Archives a customer: orders keep it, lists no longer show it", rest: "DELETE /v1/customers/:id", status: 204, permission: "order.customers.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),

    importCustomers: action({
      summary: "One batch of a customer import; the same customer again (by reference, else by all that the row says) is skipped", permission: "internal", timeoutMs: BATCH_MS,
      params: Closed({ rows: Type.Array(Closed({
        line: Type.Integer(), name: Type.String(), reference: Cell, email: Cell, phone: Cell, taxNumber: Cell, street: Cell, city: Cell, region: Cell, postalCode: Cell, country: Cell,
      }), { maxItems: 5000 }) }),
      result: ImportResult,
    }),
    importSales: action({
      summary: "One batch of another system's history; the same document number again changes nothing", permission: "internal", timeoutMs: BATCH_MS,
      params: Closed({ storeId: Id, importKey: Type.String({ minLength: 1, maxLength: 100, description: "who brings it: the same key again counts as imported, another as skipped" }), documents: Type.Array(Closed({
        number: Type.String(), at: Instant, businessDay: Day, hour: Type.Integer(), customer: Nullable(Type.String()), country: Nullable(Type.String()),
        lines: Type.Array(Closed({ line: Type.Integer(), sku: Type.String(), name: Type.String(), quantity: Type.String(), unitPrice: Type.String() })),
      }), { maxItems: 2000 }) }),
      result: ImportResult,
    }),
    figures: action({
      summary: "Sums of the documents per business day, for the audit of the reports", permission: "internal", timeoutMs: AUDIT_MS, idempotent: true, params: Closed({}),
      result: Closed({ days: Type.Array(Closed({ storeId: Id, currency: Currency, businessDay: Day, kind: Type.String(), documents: Type.Integer(), grossMinor: Minor, discountMinor: Minor, taxMinor: Minor, totalMinor: Minor, quantityThousandths: Thousandths })) }),
    }),
    verify: action({
      summary: "Recomputes order totals from lines and taxes, returns from their lines, numbers without gaps", permission: "internal", timeoutMs: AUDIT_MS, idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
  },
  events: {
    "order.completed": event({ summary: "A sale was made", data: Document }),
    "order.returned": event({ summary: "Goods or money of a sale came back; also a cancellation, as a return of everything", data: Document }),
    "order.imported": event({ summary: "Documents of another system's history were replayed: no message is sent for them", data: Closed({ documents: Type.Array(Document) }) }),
  },
});
