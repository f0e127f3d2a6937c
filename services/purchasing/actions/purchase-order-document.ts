import { refuse } from "../../../lib/errors.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { callAs } from "../../../mixins/call.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { orderPdf } from "../documents/order-pdf.ts";
import { orderById } from "../models/orders.ts";
import { suppliers } from "../models/suppliers.ts";

/** The purchase order as the supplier gets it. Permission: purchasing.orders.read. @throws not_found */
export const purchaseOrderDocument = handler<typeof purchasingContract, "purchaseOrderDocument">(async ({ id }, ctx) => {
  const { order, supplier } = await inTenant(ctx, async (tx) => {
    const found = await orderById(tx, id);
    if (!found) throw refuse.not_found();
    return { order: found, supplier: await suppliers.get(ctx, found.supplierId) };
  });
  const store = await callAs({ broker: ctx.broker, service: "purchasing", tenantId: identityOf(ctx).tenantId, requestId: ctx.meta.requestId }, "entity.storeContext", { storeId: order.storeId });
  const pdf = await orderPdf(order, { buyer: store.tenantName, store: store.storeName, supplierEmail: supplier.email });
  return { contentType: "application/pdf", filename: `${order.number}.pdf`, body: pdf.toString("base64"), encoding: "base64" };
});
