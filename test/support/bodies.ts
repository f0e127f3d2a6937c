import type { Everything } from "./everything.ts";
import { cashSale, eur } from "./shop.ts";

/** A good body for each operation that needs one, in terms of the shop's own things: with one id exchanged, that id alone is what is wrong. */
export function bodiesOf(shop: Everything): Readonly<Record<string, unknown>> {
  const { ids, storeId, variants } = shop, variantId = variants.MUG;
  const sale = { ...cashSale(shop, { MUG: 1 }), registerId: ids.registers, customerId: ids.customers };
  const product = { name: "Jug", categoryId: ids.categories, taxRateId: ids["tax-rates"] };
  return {
    "POST /v1/users": { name: "Ursula", email: "ursula@somewhere.example", password: "correct horse battery", roleIds: [ids.roles], storeIds: [storeId] },
    "PATCH /v1/users/{id}": { name: "Ulf", roleIds: [ids.roles], storeIds: [storeId] },
    "POST /v1/registers": { storeId, name: "Till 2" },
    "POST /v1/categories": { name: "Jugs", parentId: ids.categories },
    "PATCH /v1/categories/{id}": { name: "Cups", parentId: ids.categories },
    "POST /v1/products": { ...product, variants: [{ sku: "JUG", price: eur(1) }] },
    "PATCH /v1/products/{id}": { ...product, variants: [{ id: variantId, name: "large" }] },
    "POST /v1/inventory/adjustments": { storeId, reason: "count", lines: [{ variantId, quantity: 1 }] },
    "POST /v1/orders": sale,
    "POST /v1/orders/quote": sale,
    "POST /v1/orders/{id}/returns": { lines: [{ lineId: ids.lines, quantity: 1 }], reason: "chipped" },
    "POST /v1/payments/{id}/refunds": { reason: "sorry" },
    "POST /v1/purchase-orders": { supplierId: ids.suppliers, storeId, lines: [{ variantId, quantity: 1, unitCost: eur(1) }] },
    "POST /v1/purchase-orders/{purchaseOrderId}/receipts": { lines: [{ lineId: ids["purchase-lines"], quantity: 1 }] },
    "PATCH /v1/notifications/{id}": { read: true },
  };
}
