import { refuse } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { query } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { listOrders, orderById } from "../models/orders.ts";
import { listReceipts as receiptPage, receiptById } from "../models/receipts.ts";
import { toOrder, toReceipt, toSupplier } from "../models/representations.ts";
import { suppliers } from "../models/suppliers.ts";
import { verifyPurchasing } from "../models/verify.ts";

type Contract = typeof purchasingContract;

/** The reads. Permissions: purchasing.suppliers.read, purchasing.orders.read; verify is internal. @throws not_found, invalid_cursor */
export const getSupplier = query<Contract, "getSupplier">(async (_tx, { id }, ctx) => toSupplier(await suppliers.get(ctx, id)));

export const listSuppliers = query<Contract, "listSuppliers">((_tx, { name, reference, ...params }, ctx) => suppliers.list(ctx, params, { map: toSupplier, filters: { name, reference } }));

export const getPurchaseOrder = query<Contract, "getPurchaseOrder">(async (tx, { id }) => toOrder(found(await orderById(tx, id))));

export const listPurchaseOrders = query<Contract, "listPurchaseOrders">(async (tx, params, ctx) => {
  const { supplierId, storeId, status } = params;
  const at = positionOf(ctx, "purchase orders", params);
  const rows = await listOrders(tx, { supplierId, storeId, status, ...at, limit: at.limit + 1 });
  return page(ctx, at.list, { rows, limit: at.limit, key: (row) => [row.id], map: toOrder });
});

export const getReceipt = query<Contract, "getReceipt">(async (tx, { id }) => toReceipt(found(await receiptById(tx, id))));

export const listReceipts = query<Contract, "listReceipts">(async (tx, params, ctx) => {
  const at = positionOf(ctx, "goods receipts", params);
  const [order, rows] = await Promise.all([orderById(tx, params.purchaseOrderId), receiptPage(tx, { purchaseOrderId: params.purchaseOrderId, ...at, limit: at.limit + 1 })]);
  found(order);
  return page(ctx, at.list, { rows, limit: at.limit, key: (row) => [row.id], map: toReceipt });
});

export const verify = query<Contract, "verify">(async (tx) => ({ checks: await verifyPurchasing(tx) }));

/** Ids are UUIDv7: their order is that of creation. */
function positionOf(ctx: Ctx, name: string, { limit = LIMIT_DEFAULT, cursor, sort = "-createdAt" }: { limit?: number; cursor?: string; sort?: string }) {
  if (sort !== "createdAt" && sort !== "-createdAt") throw refuse.invalid_request("There is no such sort order", { errors: [{ pointer: "/sort", code: "not_allowed", message: "must be createdAt or -createdAt" }] });
  const list = `${name} ${sort}`;
  return { list, limit, after: readCursor(ctx, list, cursor)?.[0] as string | undefined, newestFirst: sort === "-createdAt" };
}

function found<T>(row: T | undefined): T {
  if (!row) throw refuse.not_found();
  return row;
}
