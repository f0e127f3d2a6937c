import { Type } from "typebox";
import { AUDIT_MS, BATCH_MS, action, contract, event } from "../../lib/contract.ts";
import { ownDataPatch } from "../../lib/patch-schemas.ts";
import {
  Amount, ById, Closed, Currency, Email, File, Id, Instant, List, Money, Name, Nothing, Nullable, OneOf, PositiveQuantity, Quantity, Reference, Text, listParams, ownData, ownDataOut, stamps,
} from "../../lib/schemas.ts";
import { ImportResult } from "../catalog/contract.ts";

export const STATUSES = ["draft", "sent", "partiallyReceived", "received", "closed", "cancelled"] as const;
export const SPLITS = ["value", "equal", "quantity"] as const;
const Thousandths = Type.Integer({ description: "quantity in thousandths" });
const Minor = Type.Integer({ description: "minor units" });
const LINES_MAX = 500;

const LeadTime = Type.Integer({ minimum: 0, maximum: 3650 });
const Terms = Type.String({ maxLength: 200 });
const Supplier = Closed({
  id: Id, name: Type.String(), email: Nullable(Type.String()), currency: Nullable(Currency), leadTimeDays: Nullable(Type.Integer()), paymentTerms: Nullable(Type.String()),
  ...ownDataOut, ...stamps, archivedAt: Nullable(Instant),
});

const OrderLine = Closed({
  id: Id, variantId: Id, sku: Type.String(), name: Type.String(), quantity: Quantity, unitCost: Money, total: Money, received: Quantity, outstanding: Quantity,
});
const PurchaseOrder = Closed({
  id: Id, number: Type.String(), status: OneOf(STATUSES), supplierId: Id, storeId: Id, currency: Currency, lines: Type.Array(OrderLine), total: Money,
  expectedAt: Nullable(Instant), notes: Nullable(Type.String()), sentAt: Nullable(Instant), closedAt: Nullable(Instant), cancelledAt: Nullable(Instant), ...ownDataOut, ...stamps,
});
const LandedCost = Closed({ name: Name, amount: Amount, split: OneOf(SPLITS) });
const Discrepancy = Closed({
  lineId: Id, kind: OneOf(["quantity", "unitCost"]), expected: Type.Union([Quantity, Money]), received: Type.Union([Quantity, Money]),
});
const Receipt = Closed({
  id: Id, number: Type.String(), purchaseOrderId: Id, storeId: Id, currency: Currency, status: OneOf(["pending", "posted", "refused"]),
  lines: Type.Array(Closed({ lineId: Id, variantId: Id, quantity: Quantity, unitCost: Money, goods: Money, landedCost: Money, value: Money })),
  landedCosts: Type.Array(LandedCost), discrepancies: Type.Array(Discrepancy), total: Money, receivedAt: Instant, postedAt: Nullable(Instant), ...ownDataOut, ...stamps,
});

const step = { permission: "purchasing.orders.write", params: ById, result: PurchaseOrder, errors: ["not_found", "illegal_status"] } as const;

export const purchasingContract = contract("purchasing", "Purchasing", {
  actions: {
    createSupplier: action({
      summary: "Adds a supplier", rest: "POST /v1/suppliers", status: 201, location: "/v1/suppliers/:id", permission: "purchasing.suppliers.write",
      params: Closed({
        name: Name, email: Type.Optional(Email), currency: Type.Optional(Currency), leadTimeDays: Type.Optional(LeadTime), paymentTerms: Type.Optional(Terms), ...ownData,
      }),
      result: Supplier, errors: ["already_exists", "currency_mismatch"], example: { name: "Exotic Liquids", email: "orders@example.com", currency: "EUR", leadTimeDays: 7, paymentTerms: "30 days net" },
    }),
    getSupplier: action({ summary: "One supplier", rest: "GET /v1/suppliers/:id", permission: "purchasing.suppliers.read", idempotent: true, params: ById, result: Supplier, errors: ["not_found"] }),
    listSuppliers: action({
      summary: "The suppliers that are not archived; sort by createdAt or name", rest: "GET /v1/suppliers", permission: "purchasing.suppliers.read", idempotent: true,
      params: Closed({ ...listParams, name: Type.Optional(Type.String({ maxLength: 200 })), reference: Type.Optional(Reference) }), result: List(Supplier), errors: ["invalid_cursor"],
    }),
    updateSupplier: action({
      summary: "Changes a supplier", rest: "PATCH /v1/suppliers/:id", permission: "purchasing.suppliers.write",
      params: Closed({
        id: Id, name: Type.Optional(Name), email: Type.Optional(Nullable(Email)), currency: Type.Optional(Nullable(Currency)), leadTimeDays: Type.Optional(Nullable(LeadTime)),
        paymentTerms: Type.Optional(Nullable(Terms)), ...ownDataPatch,
      }),
      result: Supplier, errors: ["not_found", "stale", "already_exists", "currency_mismatch"], example: { leadTimeDays: 5 },
    }),
    deleteSupplier: action({ summary: "Archives a supplier: its orders stay", rest: "DELETE /v1/suppliers/:id", status: 204, permission: "purchasing.suppliers.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),

    createPurchaseOrder: action({
      summary: "Drafts a purchase order in the currency of its store", rest: "POST /v1/purchase-orders", status: 201, location: "/v1/purchase-orders/:id", permission: "purchasing.orders.write",
      params: Closed({
        supplierId: Id, storeId: Id, lines: Type.Array(Closed({ variantId: Id, quantity: PositiveQuantity, unitCost: Amount }), { minItems: 1, maxItems: LINES_MAX }),
        expectedAt: Type.Optional(Instant), notes: Type.Optional(Text), ...ownData,
      }),
      result: PurchaseOrder, errors: ["not_found", "conflict", "currency_mismatch", "amount_out_of_range", "already_exists"],
      example: {
        supplierId: "0198c5f0-0000-7000-8000-000000000001", storeId: "0198c5f0-0000-7000-8000-000000000002",
        lines: [{ variantId: "0198c5f0-0000-7000-8000-000000000003", quantity: 40, unitCost: { amount: 1400, currency: "EUR" } }],
      },
    }),
    getPurchaseOrder: action({ summary: "One purchase order with its lines", rest: "GET /v1/purchase-orders/:id", permission: "purchasing.orders.read", idempotent: true, params: ById, result: PurchaseOrder, errors: ["not_found"] }),
    listPurchaseOrders: action({
      summary: "Purchase orders; sort by createdAt", rest: "GET /v1/purchase-orders", permission: "purchasing.orders.read", idempotent: true,
      params: Closed({ ...listParams, supplierId: Type.Optional(Id), storeId: Type.Optional(Id), status: Type.Optional(OneOf(STATUSES)) }), result: List(PurchaseOrder), errors: ["invalid_cursor"],
    }),
    sendPurchaseOrder: action({ summary: "Marks a draft as sent to its supplier", rest: "POST /v1/purchase-orders/:id/send", ...step }),
    cancelPurchaseOrder: action({ summary: "Cancels an order of which nothing was received", rest: "POST /v1/purchase-orders/:id/cancel", ...step }),
    closePurchaseOrder: action({ summary: "Closes a received order; what is outstanding is no longer awaited", rest: "POST /v1/purchase-orders/:id/close", ...step }),

    purchaseOrderDocument: action({
      summary: "The purchase order as the supplier gets it", rest: "GET /v1/purchase-orders/:id/document.pdf", permission: "purchasing.orders.read", idempotent: true,
      params: ById, result: File, errors: ["not_found"], produces: ["application/pdf"],
    }),

    receivePurchaseOrder: action({
      summary: "Books goods into stock at their cost with landed costs. The same id with the same body answers the receipt again", rest: "POST /v1/purchase-orders/:purchaseOrderId/receipts", status: 201,
      location: "/v1/goods-receipts/:id", permission: "purchasing.receipts.write",
      params: Closed({
        purchaseOrderId: Id, id: Type.Optional(Id),
        lines: Type.Array(Closed({ lineId: Id, quantity: PositiveQuantity, unitCost: Type.Optional(Amount) }), { minItems: 1, maxItems: LINES_MAX }),
        landedCosts: Type.Optional(Type.Array(LandedCost, { maxItems: 20 })), ...ownData,
      }),
      result: Receipt, errors: ["not_found", "illegal_status", "over_receipt", "currency_mismatch", "amount_out_of_range", "id_conflict", "already_exists", "unavailable"],
      example: { lines: [{ lineId: "0198c5f0-0000-7000-8000-000000000004", quantity: 40 }], landedCosts: [{ name: "Freight", amount: { amount: 2500, currency: "EUR" }, split: "value" }] },
    }),
    getReceipt: action({ summary: "One goods receipt", rest: "GET /v1/goods-receipts/:id", permission: "purchasing.orders.read", idempotent: true, params: ById, result: Receipt, errors: ["not_found"] }),
    listReceipts: action({
      summary: "The goods receipts of a purchase order; sort by createdAt", rest: "GET /v1/purchase-orders/:purchaseOrderId/receipts", permission: "purchasing.orders.read", idempotent: true,
      params: Closed({ ...listParams, purchaseOrderId: Id }), result: List(Receipt), errors: ["not_found", "invalid_cursor"],
    }),

    importSuppliers: action({
      summary: "One batch of a supplier import; the same supplier again (by reference, else by name) is skipped", permission: "internal", timeoutMs: BATCH_MS,
      params: Closed({ rows: Type.Array(Closed({
        line: Type.Integer(), name: Type.String(), email: Type.Optional(Type.String()), currency: Type.Optional(Type.String()), leadTimeDays: Type.Optional(Type.String()),
        paymentTerms: Type.Optional(Type.String()), reference: Type.Optional(Type.String()),
      }), { maxItems: 5000 }) }),
      result: ImportResult,
    }),
    verify: action({
      summary: "Recomputes order totals from their lines, and what was received from the receipts", permission: "internal", timeoutMs: AUDIT_MS, idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
  },
  events: {
    "purchasing.orderSent": event({
      summary: "A purchase order went to its supplier",
      data: Closed({
        purchaseOrderId: Id, number: Type.String(), supplierId: Id, supplierName: Type.String(), storeId: Id, currency: Currency, totalMinor: Minor, at: Instant,
        lines: Type.Array(Closed({ lineId: Id, variantId: Id, quantityThousandths: Thousandths, unitCostMinor: Minor, totalMinor: Minor })),
      }),
    }),
    "purchasing.orderEnded": event({
      summary: "A purchase order was cancelled or closed: what has not come is no longer awaited",
      data: Closed({ purchaseOrderId: Id, number: Type.String(), supplierId: Id, storeId: Id, status: OneOf(["cancelled", "closed"]), at: Instant }),
    }),
    "purchasing.received": event({
      summary: "Goods of a purchase order are in stock; value is goods and landed cost",
      data: Closed({
        receiptId: Id, number: Type.String(), purchaseOrderId: Id, supplierId: Id, storeId: Id, currency: Currency, at: Instant,
        lines: Type.Array(Closed({ lineId: Id, variantId: Id, quantityThousandths: Thousandths, unitCostMinor: Minor, goodsMinor: Minor, landedMinor: Minor, valueMinor: Minor })),
      }),
    }),
  },
});
