import { refuse as platformRefuse } from "../../../lib/errors.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { MOVES, type Move, type Status } from "../domain/order-status.ts";
import { refuse } from "../errors.ts";
import { moveOrder, orderById, type OrderRow } from "../models/orders.ts";
import { toOrder } from "../models/representations.ts";

type Contract = typeof purchasingContract;

/** Sends, cancels or closes a purchase order. Permission: purchasing.orders.write; send emits purchasing.orderSent, the others purchasing.orderEnded.
 *  @throws not_found, illegal_status (409, with `status` and `allowed`) */
export const sendPurchaseOrder = command<Contract, "sendPurchaseOrder">(async (tx, { id }) => {
  const order = await move(tx, id, "send", "sent");
  tx.emit({ type: "purchasing.orderSent", subject: id, data: {
    purchaseOrderId: id, number: order.number, supplierId: order.supplierId, supplierName: order.supplierName, storeId: order.storeId, currency: order.currency, totalMinor: order.totalMinor, at: order.sentAt,
    lines: order.lines.map((line) => ({ lineId: line.id, variantId: line.variantId, quantityThousandths: line.quantity, unitCostMinor: line.unitCostMinor, totalMinor: line.totalMinor })),
  } });
  return toOrder(order);
});

export const cancelPurchaseOrder = command<Contract, "cancelPurchaseOrder">((tx, { id }) => end(tx, id, "cancel", "cancelled"));

export const closePurchaseOrder = command<Contract, "closePurchaseOrder">((tx, { id }) => end(tx, id, "close", "closed"));

async function end(tx: Tx, id: string, name: Move, status: "cancelled" | "closed") {
  const order = await move(tx, id, name, status);
  tx.emit({ type: "purchasing.orderEnded", subject: id, data: {
    purchaseOrderId: id, number: order.number, supplierId: order.supplierId, storeId: order.storeId, status, at: order.closedAt ?? order.cancelledAt,
  } });
  return toOrder(order);
}

async function move(tx: Tx, id: string, name: Move, to: Status): Promise<OrderRow> {
  const [moved, order] = await Promise.all([moveOrder(tx, id, MOVES[name], to), orderById(tx, id)]);
  if (!order) throw platformRefuse.not_found();
  if (!moved) throw illegalStatus(order.status, name);
  return order;
}

export const illegalStatus = (status: Status, name: Move) =>
  refuse.illegal_status(`The order is ${status}; to ${name} it, it must be ${MOVES[name].join(" or ")}`, { status, allowed: MOVES[name] });
