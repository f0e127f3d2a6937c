import { refuse } from "../../../lib/errors.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { query } from "../../../mixins/handlers.ts";
import type { orderContract } from "../contract.ts";
import { listOrders as readOrders, readOrder } from "../models/orders.ts";
import { figures as readFigures } from "../models/figures.ts";
import { returnsOf } from "../models/returns.ts";

type Contract = typeof orderContract;

/** One row, as it was answered. @throws not_found */
export const getOrder = query<Contract, "getOrder">(async (tx, { id }) => {
  const order = await readOrder(tx, id);
  if (!order) throw refuse.not_found();
  return order;
});

/** By the time when they were placed. @throws invalid_request (sort, from, to), invalid_cursor */
export const listOrders = query<Contract, "listOrders">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort = "-placedAt", ...filter }, ctx) => {
  if (!SORTS.has(sort)) throw refuse.invalid_request("There is no such sort order", { errors: [{ pointer: "/sort", code: "not_allowed", message: "must be placedAt or -placedAt" }] });
  const name = `orders ${sort}`;
  const range = { from: pointInTime("/from", filter.from), to: pointInTime("/to", filter.to) };
  const rows = await readOrders(tx, { ...(filter as object), ...range }, { descending: sort.startsWith("-"), after: readCursor(ctx, name, cursor), limit: limit + 1 });
  return page(ctx, name, { rows, limit, key: (order) => [order.placedAt, order.id], map: (order) => order });
});
// An order is placed and created at once, but for a till that was offline.
const SORTS = new Set(["-placedAt", "placedAt", "-createdAt", "createdAt"]);

/** @throws not_found for the order */
export const listReturns = query<Contract, "listReturns">(async (tx, { id }) => {
  const [order, data] = await Promise.all([readOrder(tx, id), returnsOf(tx, id)]);
  if (!order) throw refuse.not_found();
  return { data, nextCursor: null };
});

/** Internal: for the audit of the reports. */
export const figures = query<Contract, "figures">(async (tx) => ({ days: await readFigures(tx) }));

/** The pattern lets the 31st of February pass; the calendar does not. */
function pointInTime(pointer: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`), ms = Date.parse(text);
  const exists = Number.isFinite(ms) && Number.isFinite(day.getTime()) && day.toISOString().slice(0, 10) === text.slice(0, 10) && text >= "0001";
  if (!exists) throw refuse.invalid_request("There is no such day", { errors: [{ pointer, code: "not_allowed", message: "must be a day of the calendar" }] });
  return text.length === 10 ? text : new Date(ms).toISOString();
}
