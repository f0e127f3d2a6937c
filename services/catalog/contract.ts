import { Type } from "typebox";
import { AUDIT_MS, BATCH_MS, action, contract, event } from "../../lib/contract.ts";
import { ownDataPatch } from "../../lib/patch-schemas.ts";
import { Amount, ById, Closed, Currency, Id, Instant, List, listParams, Money, Name, Nothing, Nullable, OneOf, ownData, ownDataOut, Pairs, Percent, Quantity, stamps, Text } from "../../lib/schemas.ts";

const Thousandths = Type.Integer({ description: "quantity in thousandths" });
const Minor = Type.Integer({ description: "minor units" });
const StockLine = Closed({ variantId: Id, quantityThousandths: Thousandths });
const IssuedLine = Closed({ variantId: Id, quantityThousandths: Thousandths, costMinor: Minor });
const RowFate = Closed({ line: Type.Integer(), code: Type.String(), message: Type.String() });
export const ImportResult = Closed({ imported: Type.Integer(), skipped: Type.Integer(), rejected: Type.Array(RowFate) });
const Tax = Closed({ name: Type.String(), ratePpm: Type.Integer(), compound: Type.Boolean() });

const archived = { archivedAt: Nullable(Instant) };
const CategoryOut = Closed({ id: Id, name: Name, parentId: Nullable(Id), ...ownDataOut, ...archived, ...stamps });
const TaxComponent = Closed({ name: Name, percent: Percent, compound: Type.Optional(Type.Boolean({ default: false })) });
const TaxComponents = Type.Array(TaxComponent, { minItems: 1, maxItems: 10 });
const TaxRateOut = Closed({ id: Id, name: Name, percent: Nullable(Percent), components: Type.Array(Closed({ name: Name, percent: Percent, compound: Type.Boolean() })), ...ownDataOut, ...archived, ...stamps });

const Sku = Type.String({ minLength: 1, maxLength: 100, pattern: "^\\S(.*\\S)?$" });
const Barcode = Type.String({ minLength: 1, maxLength: 80, pattern: "^[!-~]+$" });
const StockPoint = Type.Number({ minimum: 0, maximum: 1_000_000_000, multipleOf: 0.001 });
const Options = Pairs(Type.String({ maxLength: 200 }), { keyLength: 100, most: 10 });
const OptionList = Type.Array(Closed({ name: Name, values: Type.Array(Name, { minItems: 1, maxItems: 200 }) }), { maxItems: 10 });
const variantFields = {
  name: Type.Optional(Name), barcode: Type.Optional(Nullable(Barcode)), cost: Type.Optional(Nullable(Amount)), unit: Type.Optional(Type.String({ minLength: 1, maxLength: 20, default: "piece" })),
  options: Type.Optional(Options), trackStock: Type.Optional(Type.Boolean({ default: true })), allowNegative: Type.Optional(Type.Boolean({ default: false, description: "may be sold below zero" })),
  reorderPoint: Type.Optional(Nullable(StockPoint)),
};
const VariantIn = Closed({ sku: Sku, price: Amount, ...variantFields });
const variantPatch = { ...variantFields, name: Type.Optional(Nullable(Name)), sku: Type.Optional(Sku), price: Type.Optional(Amount) };
const VariantOut = Closed({
  id: Id, productId: Id, productName: Type.String(), sku: Type.String(), name: Type.String(), barcode: Nullable(Type.String()), price: Amount, cost: Nullable(Amount), unit: Type.String(), options: Options,
  trackStock: Type.Boolean(), allowNegative: Type.Boolean(), reorderPoint: Nullable(StockPoint), ...archived, ...stamps,
});
const VARIANTS_MAX = 500;
const ProductOut = Closed({
  id: Id, name: Name, description: Nullable(Text), categoryId: Nullable(Id), taxRateId: Nullable(Id), options: OptionList, variants: Type.Array(VariantOut), ...ownDataOut, ...archived, ...stamps,
});
const productErrors = ["not_found", "sku_taken", "barcode_taken", "barcode_check_digit", "currency_mismatch", "already_exists"];

export const REASONS = ["opening", "count", "damage", "theft", "correction"] as const;
const AdjustmentLine = { variantId: Id, quantity: Quantity };
const AdjustmentOut = Closed({
  id: Id, storeId: Id, reason: OneOf(REASONS), lines: Type.Array(Closed({ ...AdjustmentLine, unitCost: Nullable(Amount) })), ...ownDataOut, createdAt: Instant,
});
const LevelOut = Closed({ storeId: Id, variantId: Id, onHand: Quantity, reserved: Quantity, available: Quantity, incoming: Quantity });
const MovementOut = Closed({
  id: Id, at: Instant, storeId: Id, variantId: Id, quantity: Quantity, kind: Type.String(), documentType: Type.String(), documentId: Id, unitCost: Money,
});

export const catalogContract = contract("catalog", "Products and inventory", {
  actions: {
    createCategory: action({
      summary: "Creates a category", rest: "POST /v1/categories", status: 201, location: "/v1/categories/:id", permission: "catalog.categories.write",
      params: Closed({ name: Name, parentId: Type.Optional(Nullable(Id)), ...ownData }), result: CategoryOut, errors: ["not_found", "already_exists"], example: { name: "Mugs" },
    }),
    getCategory: action({ summary: "Reads a category", rest: "GET /v1/categories/:id", permission: "catalog.categories.read", params: ById, result: CategoryOut, errors: ["not_found"], idempotent: true }),
    listCategories: action({ summary: "Lists categories", rest: "GET /v1/categories", permission: "catalog.categories.read", params: Closed({ ...listParams, parentId: Type.Optional(Id) }), result: List(CategoryOut), idempotent: true }),
    updateCategory: action({
      summary: "Changes a category", rest: "PATCH /v1/categories/:id", permission: "catalog.categories.write",
      params: Closed({ id: Id, name: Type.Optional(Name), parentId: Type.Optional(Nullable(Id)), ...ownDataPatch }),
      result: CategoryOut, errors: ["not_found", "stale", "already_exists", "category_cycle"],
    }),
    archiveCategory: action({ summary: "Archives a category: products keep it, lists no longer show it", rest: "DELETE /v1/categories/:id", status: 204, permission: "catalog.categories.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),

    createTaxRate: action({
      summary: "Creates a tax rate, plain or of several components", rest: "POST /v1/tax-rates", status: 201, location: "/v1/tax-rates/:id", permission: "catalog.taxRates.write",
      params: Closed({ name: Name, percent: Type.Optional(Percent), components: Type.Optional(TaxComponents), ...ownData }), result: TaxRateOut, errors: ["already_exists"], example: { name: "VAT 20 %", percent: 20 },
    }),
    getTaxRate: action({ summary: "Reads a tax rate", rest: "GET /v1/tax-rates/:id", permission: "catalog.taxRates.read", params: ById, result: TaxRateOut, errors: ["not_found"], idempotent: true }),
    listTaxRates: action({ summary: "Lists tax rates", rest: "GET /v1/tax-rates", permission: "catalog.taxRates.read", params: Closed({ ...listParams }), result: List(TaxRateOut), idempotent: true }),
    updateTaxRate: action({
      summary: "Changes a tax rate; documents keep the rate that they were made with", rest: "PATCH /v1/tax-rates/:id", permission: "catalog.taxRates.write",
      params: Closed({ id: Id, name: Type.Optional(Name), percent: Type.Optional(Percent), components: Type.Optional(TaxComponents), ...ownDataPatch }),
      result: TaxRateOut, errors: ["not_found", "stale", "already_exists"],
    }),
    archiveTaxRate: action({ summary: "Archives a tax rate: products keep it, lists no longer show it", rest: "DELETE /v1/tax-rates/:id", status: 204, permission: "catalog.taxRates.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),

    createProduct: action({
      summary: "Creates a product with its variants", rest: "POST /v1/products", status: 201, location: "/v1/products/:id", permission: "catalog.products.write",
      params: Closed({
        name: Name, description: Type.Optional(Nullable(Text)), categoryId: Type.Optional(Nullable(Id)), taxRateId: Type.Optional(Nullable(Id)), options: Type.Optional(OptionList),
        variants: Type.Array(VariantIn, { minItems: 1, maxItems: VARIANTS_MAX }), ...ownData,
      }),
      result: ProductOut, errors: productErrors, example: { name: "Mug", variants: [{ sku: "MUG-RED", price: { amount: 1099, currency: "EUR" }, barcode: "4006381333931" }] },
    }),
    getProduct: action({ summary: "Reads a product", rest: "GET /v1/products/:id", permission: "catalog.products.read", params: ById, result: ProductOut, errors: ["not_found"], idempotent: true }),
    listProducts: action({
      summary: "Lists or searches products: over name, SKU and barcode, best matches first", rest: "GET /v1/products", permission: "catalog.products.read",
      params: Closed({ ...listParams, search: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })), categoryId: Type.Optional(Id), updatedSince: Type.Optional(Instant) }),
      result: List(ProductOut), errors: ["invalid_cursor"], idempotent: true,
    }),
    updateProduct: action({
      summary: "Changes a product; `variants` names those to change by id", rest: "PATCH /v1/products/:id", permission: "catalog.products.write",
      params: Closed({
        id: Id, name: Type.Optional(Name), description: Type.Optional(Nullable(Text)), categoryId: Type.Optional(Nullable(Id)), taxRateId: Type.Optional(Nullable(Id)), options: Type.Optional(OptionList),
        ...ownDataPatch,
        variants: Type.Optional(Type.Array(Closed({ id: Id, ...variantPatch }), { maxItems: VARIANTS_MAX })),
      }),
      result: ProductOut, errors: [...productErrors, "stale"],
    }),
    archiveProduct: action({ summary: "Archives a product with its variants; their SKUs and barcodes are free again", rest: "DELETE /v1/products/:id", status: 204, permission: "catalog.products.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),
    listVariants: action({
      summary: "The till's look-up by SKU or barcode; UPC-A, EAN-13 and GTIN-14 of one article are one", rest: "GET /v1/variants", permission: "catalog.products.read",
      params: Closed({ ...listParams, sku: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })), barcode: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })), productId: Type.Optional(Id) }), result: List(VariantOut), idempotent: true,
    }),
    getVariant: action({ summary: "Reads a variant", rest: "GET /v1/variants/:id", permission: "catalog.products.read", params: ById, result: VariantOut, errors: ["not_found"], idempotent: true }),
    updateVariant: action({
      summary: "Changes a variant", rest: "PATCH /v1/variants/:id", permission: "catalog.products.write", params: Closed({ id: Id, ...variantPatch }), result: VariantOut, errors: [...productErrors, "stale"],
    }),

    createAdjustment: action({
      summary: "Changes stock by signed quantities, all lines or none", rest: "POST /v1/inventory/adjustments", status: 201, location: "/v1/inventory/adjustments/:id", permission: "catalog.inventory.write",
      params: Closed({
        id: Type.Optional(Id), storeId: Id, reason: OneOf(REASONS), lines: Type.Array(Closed({ ...AdjustmentLine, unitCost: Type.Optional(Amount) }), { minItems: 1, maxItems: 1000 }), ...ownData,
      }),
      result: AdjustmentOut, errors: ["not_found", "out_of_stock", "currency_mismatch", "id_conflict", "already_exists"],
    }),
    getAdjustment: action({ summary: "Reads a stock adjustment", rest: "GET /v1/inventory/adjustments/:id", permission: "catalog.inventory.read", params: ById, result: AdjustmentOut, errors: ["not_found"], idempotent: true }),
    listAdjustments: action({ summary: "Lists stock adjustments", rest: "GET /v1/inventory/adjustments", permission: "catalog.inventory.read", params: Closed({ ...listParams, storeId: Type.Optional(Id) }), result: List(AdjustmentOut), idempotent: true }),
    listLevels: action({
      summary: "Stock levels, now or at any past instant", rest: "GET /v1/inventory/levels", permission: "catalog.inventory.read",
      params: Closed({ ...listParams, storeId: Type.Optional(Id), variantId: Type.Optional(Id), at: Type.Optional(Instant) }), result: List(LevelOut), idempotent: true,
    }),
    listMovements: action({
      summary: "The append-only stock ledger, newest first", rest: "GET /v1/inventory/movements", permission: "catalog.inventory.read",
      params: Closed({ ...listParams, storeId: Type.Optional(Id), variantId: Type.Optional(Id) }), result: List(MovementOut), idempotent: true,
    }),

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
      summary: "Variants by SKU for replayed history; unknown ones are made with stock not tracked", permission: "internal", timeoutMs: BATCH_MS, idempotent: true,
      params: Closed({ variants: Type.Array(Closed({ sku: Type.String(), name: Type.String(), priceMinor: Minor, currency: Currency }), { maxItems: 5000 }) }),
      result: Closed({ variants: Type.Array(Closed({ sku: Type.String(), variantId: Id, productId: Id, categoryId: Nullable(Id), categoryName: Nullable(Type.String()), name: Type.String() })) }),
    }),
    importProducts: action({
      summary: "One batch of a product import; the same SKU again changes nothing", permission: "internal", timeoutMs: BATCH_MS,
      params: Closed({ rows: Type.Array(Closed({
        line: Type.Integer(), sku: Type.String(), name: Type.String(), barcode: Type.Optional(Type.String()), price: Type.Optional(Type.String()), cost: Type.Optional(Type.String()),
        category: Type.Optional(Type.String()), taxRate: Type.Optional(Type.String()), reorderPoint: Type.Optional(Type.String()), currency: Currency,
      }), { maxItems: 5000 }) }),
      result: ImportResult,
    }),
    importInventory: action({
      summary: "One batch of opening stock; the same SKU in the same import again changes nothing", permission: "internal", timeoutMs: BATCH_MS,
      params: Closed({ storeId: Id, importKey: Type.String(), rows: Type.Array(Closed({ line: Type.Integer(), sku: Type.String(), quantity: Type.String(), unitCost: Type.Optional(Type.String()) }), { maxItems: 5000 }) }),
      result: ImportResult,
    }),
    verify: action({
      summary: "Recomputes stock levels and values from the movements", permission: "internal", timeoutMs: AUDIT_MS, idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
  },
  events: {
    "catalog.variantChanged": event({
      summary: "A variant was created or changed",
      data: Closed({ variantId: Id, productId: Id, productName: Type.String(), sku: Type.String(), name: Type.String(), categoryId: Nullable(Id), categoryName: Nullable(Type.String()), currency: Currency }),
    }),
    "catalog.categoryChanged": event({ summary: "A category was created or changed", data: Closed({ categoryId: Id, name: Type.String(), parentId: Nullable(Id) }) }),
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
