import { resources } from "../../mixins/resource.ts";
import { sagas } from "../../mixins/saga.ts";
import { defineService } from "../define-service.ts";
import { createPurchaseOrder } from "./actions/create-purchase-order.ts";
import { createSupplier } from "./actions/create-supplier.ts";
import { deleteSupplier } from "./actions/delete-supplier.ts";
import { importSuppliers } from "./actions/import-suppliers.ts";
import { cancelPurchaseOrder, closePurchaseOrder, sendPurchaseOrder } from "./actions/move-purchase-order.ts";
import { purchaseOrderDocument } from "./actions/purchase-order-document.ts";
import { getPurchaseOrder, getReceipt, getSupplier, listPurchaseOrders, listReceipts, listSuppliers, verify } from "./actions/queries.ts";
import { receivePurchaseOrder } from "./actions/receive-purchase-order.ts";
import { updateSupplier } from "./actions/update-supplier.ts";
import { purchasingContract } from "./contract.ts";
import { suppliers } from "./models/suppliers.ts";
import { goodsReceipt } from "./sagas/goods-receipt.ts";

export default defineService(purchasingContract, {
  mixins: [resources([suppliers.definition]), sagas([goodsReceipt])],
  actions: {
    createSupplier, getSupplier, listSuppliers, updateSupplier, deleteSupplier,
    createPurchaseOrder, getPurchaseOrder, listPurchaseOrders, sendPurchaseOrder, cancelPurchaseOrder, closePurchaseOrder, purchaseOrderDocument,
    receivePurchaseOrder, getReceipt, listReceipts,
    importSuppliers, verify,
  },
});
