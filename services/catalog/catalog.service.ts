import { resources } from "../../mixins/resource.ts";
import { defineService } from "../define-service.ts";
import { createAdjustment, getAdjustment, listAdjustments } from "./actions/adjust-stock.ts";
import * as categoryActions from "./actions/categories.ts";
import { createProduct } from "./actions/create-product.ts";
import { ensureVariants } from "./actions/ensure-variants.ts";
import { importInventory } from "./actions/import-inventory.ts";
import { importProducts } from "./actions/import-products.ts";
import { listLevels, listMovements, verify } from "./actions/inventory-queries.ts";
import { describeVariants, priceLines } from "./actions/price-lines.ts";
import { getProduct, getVariant, listProducts, listVariants } from "./actions/queries.ts";
import { receiveStock, returnStock } from "./actions/return-stock.ts";
import { commitStock, releaseStock, reserveStock, takeStock } from "./actions/take-stock.ts";
import { archiveTaxRate, createTaxRate, getTaxRate, listTaxRates, updateTaxRate } from "./actions/tax-rates.ts";
import { archiveProduct, updateProduct, updateVariant } from "./actions/update-product.ts";
import { catalogContract } from "./contract.ts";
import { goodsReceived, purchaseOrderEnded, purchaseOrderSent } from "./events/purchase-orders.ts";
import { categories, taxRates } from "./models/categories.ts";

export default defineService(catalogContract, {
  mixins: [resources([categories.definition, taxRates.definition])],
  events: [purchaseOrderSent, goodsReceived, purchaseOrderEnded],
  actions: {
    ...categoryActions,
    createTaxRate, getTaxRate, listTaxRates, updateTaxRate, archiveTaxRate,
    createProduct, getProduct, listProducts, updateProduct, archiveProduct,
    listVariants, getVariant, updateVariant,
    createAdjustment, getAdjustment, listAdjustments, listLevels, listMovements,
    priceLines, describeVariants, ensureVariants,
    reserveStock, releaseStock, commitStock, takeStock, returnStock, receiveStock,
    importProducts, importInventory, verify,
  },
});
