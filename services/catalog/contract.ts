import { Type } from "typebox";
import { action, contract, event } from "../../lib/contract.ts";
import { Closed, Currency, Id, Instant, Nullable } from "../../lib/schemas.ts";

const Thousandths = Type.Integer({ description: "quantity in thousandths" });
const Minor = Type.Integer({ description: "minor units" });
const StockLine = Closed({ variantId: Id, quantityThousandths: Thousandths });
const IssuedLine = Closed({ variantId: Id, quantityThousandths: Thousandths, costMinor: Minor });
const RowFate = Closed({ line: Type.Integer(), code: Type.String(), message: Type.String() });
export const ImportResult = Closed({ imported: Type.Integer(), skipped: Type.Integer(), rejected: Type.Array(RowFate) });
const Tax = Closed({ name: Type.String(), ratePpm: Type.Integer(), compound: Type.Boolean() });

export const catalogContract = contract("catalog", "Products and inventory", {
  actions: {
    priceLines: action({
      summary: "Prices, names and taxes of the variants of a basket, in one call", permission: "internal", idempotent: true,
      params: Closed({ storeId: Id, variantIds: Type.Array(Id, { minItems: 1, maxItems: 500 }) }),
      result: Closed({ variants: Type.Array(Closed({
        variantId: Id, productId: Id, categoryId: Nullable(Id), categoryName: Nullable(Type.String()), sku: Type.String(), name: Type.String(), unitPriceMinor: Minor, currency: Currency,
        trackStock: Type.Boolean(), taxes: Type.Array(Tax),
      })) }),
      errors: ["not_found"],
    }),
    reserveStock: action({
      summary: "Takes a whole basket off what is available, or none of it. Idempotent by orderId", permission: "internal",
      params: Closed({ orderId: Id, storeId: Id, lines: Type.Array(StockLine) }), result: Closed({}), errors: ["out_of_stock", "reservation_ended"],
    }),
    releaseStock: action({ summary: "Undoes a reservation, also one that never happened (and then never will)", permission: "internal", params: Closed({ orderId: Id }), result: Closed({}) }),
    commitStock: action({ summary: "Turns a reservation into sale movements at moving-average cost", permission: "internal", params: Closed({ orderId: Id }), result: Closed({ lines: Type.Array(IssuedLine) }) }),
    takeStock: action({
      summary: "Reserves and commits in one transaction, for goods that are handed over at once. Idempotent by orderId", permission: "internal",
      params: Closed({ orderId: Id, storeId: Id, lines: Type.Array(StockLine) }), result: Closed({ lines: Type.Array(IssuedLine) }), errors: ["out_of_stock", "reservation_ended"],
    }),
    returnStock: action({
      summary: "Takes returned goods back at the cost that they left with. Idempotent by documentId", permission: "internal",
      params: Closed({ documentId: Id, orderId: Id, storeId: Id, lines: Type.Array(Closed({ variantId: Id, quantityThousandths: Thousandths, costMinor: Minor, restock: Type.Boolean() })) }), result: Closed({}),
    }),
    receiveStock: action({
      summary: "Books a goods receipt in at its cost. Idempotent by documentId", permission: "internal",
      params: Closed({ documentId: Id, purchaseOrderId: Id, storeId: Id, lines: Type.Array(Closed({ variantId: Id, quantityThousandths: Thousandths, valueMinor: Minor })), at: Type.Optional(Instant) }), result: Closed({}), errors: ["not_found"],
    }),
    describeVariants: action({
      summary: "SKU and name of variants; a missing one is a 404", permission: "internal", idempotent: true, params: Closed({ variantIds: Type.Array(Id) }),
      result: Closed({ variants: Type.Array(Closed({ variantId: Id, productId: Id, sku: Type.String(), name: Type.String(), currency: Currency })) }), errors: ["not_found"],
    }),
    ensureVariants: action({
      summary: "Variants by SKU for replayed history; unknown ones are made with stock not tracked", permission: "internal", idempotent: true,
      params: Closed({ variants: Type.Array(Closed({ sku: Type.String(), name: Type.String(), priceMinor: Minor, currency: Currency }), { maxItems: 5000 }) }),
      result: Closed({ variants: Type.Array(Closed({ sku: Type.String(), variantId: Id, productId: Id, categoryId: Nullable(Id), categoryName: Nullable(Type.String()), name: Type.String() })) }),
    }),
    importProducts: action({
      summary: "One batch of a product import; the same SKU again changes nothing", permission: "internal",
      params: Closed({ rows: Type.Array(Closed({
        line: Type.Integer(), sku: Type.String(), name: Type.String(), barcode: Type.Optional(Type.String()), price: Type.Optional(Type.String()), cost: Type.Optional(Type.String()),
        category: Type.Optional(Type.String()), taxRate: Type.Optional(Type.String()), reorderPoint: Type.Optional(Type.String()), currency: Currency,
      }), { maxItems: 5000 }) }),
      result: ImportResult,
    }),
    importInventory: action({
      summary: "One batch of opening stock; the same SKU in the same import again changes nothing", permission: "internal",
      params: Closed({ storeId: Id, importKey: Type.String(), rows: Type.Array(Closed({ line: Type.Integer(), sku: Type.String(), quantity: Type.String(), unitCost: Type.Optional(Type.String()) }), { maxItems: 5000 }) }),
      result: ImportResult,
    }),
    verify: action({
      summary: "Recomputes stock levels and values from the movements", permission: "internal", idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
  },
  events: {
    "catalog.variantChanged": event({
      summary: "A variant was created or changed",
      data: Closed({ variantId: Id, productId: Id, productName: Type.String(), sku: Type.String(), name: Type.String(), categoryId: Nullable(Id), categoryName: Nullable(Type.String()), currency: Currency }),
    }),
    "catalog.stockMoved": event({
      summary: "Movements were written; one event per document",
      data: Closed({ storeId: Id, currency: Currency, documentType: Type.String(), documentId: Id, movements: Type.Array(Closed({
        movementId: Id, variantId: Id, quantityThousandths: Thousandths, valueMinor: Minor, kind: Type.String(), at: Instant,
      })) }),
    }),
    "catalog.stockLow": event({
      summary: "What is available fell to the reorder point: once per crossing",
      data: Closed({ storeId: Id, variantId: Id, sku: Type.String(), name: Type.String(), availableThousandths: Thousandths, reorderPointThousandths: Thousandths }),
    }),
  },
});
