import { onEvent } from "../../../mixins/inbox.ts";
import { endIncoming, moveIncoming } from "../models/incoming.ts";

/** A purchase order went out: its goods are on their way. */
export const purchaseOrderSent = onEvent("purchasing.orderSent", (tx, events) =>
  moveIncoming(tx, events.flatMap(({ data: { purchaseOrderId, storeId, at, lines } }) => lines.map(({ lineId, variantId, quantityThousandths }) => ({
    kind: "ordered", source: purchaseOrderId, purchaseOrderId, lineId, storeId, variantId, quantity: quantityThousandths, at,
  })))));

/** Some of them came: they are on hand, and no longer on their way. */
export const goodsReceived = onEvent("purchasing.received", (tx, events) =>
  moveIncoming(tx, events.flatMap(({ data: { receiptId, purchaseOrderId, storeId, at, lines } }) => lines.map(({ lineId, variantId, quantityThousandths }) => ({
    kind: "received", source: receiptId, purchaseOrderId, lineId, storeId, variantId, quantity: -quantityThousandths, at,
  })))));

/** An order was cancelled or closed: what has not come is not awaited. */
export const purchaseOrderEnded = onEvent("purchasing.orderEnded", (tx, events) => endIncoming(tx, events.map(({ data }) => data)));
