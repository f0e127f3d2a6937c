import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { refuse as platformRefuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { quantityToThousandths, thousandthsToQuantity } from "../../../lib/quantity.ts";
import { roundProduct } from "../../../lib/rounding.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command, query, type Handler } from "../../../mixins/handlers.ts";
import { requestHash } from "../../../mixins/idempotency.ts";
import type { catalogContract } from "../contract.ts";
import { refuse } from "../errors.ts";
import * as documents from "../models/stock-documents.ts";
import { described } from "../models/variants.ts";
import { withTakenNames } from "./check-variants.ts";
import { requireStore } from "./known-store.ts";
import { book } from "./return-stock.ts";

type Contract = typeof catalogContract;
type Create = ParamsOf<Contract["actions"]["createAdjustment"]>;
type Adjustment = ResultOf<Contract["actions"]["getAdjustment"]>;

const post = command<Contract, "createAdjustment">(async (tx, params, ctx) => {
  const lines = await checkedLines(tx, params.lines);
  const hash = requestHash(ctx.broker, "catalog.createAdjustment", params);
  const id = params.id ?? newId();
  const isFirst = await documents.keepDocument(tx, { ...params, reason: params.reason as string, type: "adjustment", id, lines, requestHash: hash });
  if (isFirst) await book(tx, { kind: params.reason === "opening" ? "opening" : "adjustment", documentType: "adjustment", documentId: id, storeId: params.storeId, lines });
  const kept = (await documents.findAdjustment(tx, id))!;
  if (kept.requestHash !== hash) throw platformRefuse.id_conflict(undefined, { pointer: "/id" });
  return shown(kept);
});

/** Changes stock by signed quantities: all lines or none, never below zero unless the variant allows it. Goods in cost `unitCost`, or the average.
 *  Permission catalog.inventory.write. Idempotent by the client's `id`. Emits catalog.stockMoved, catalog.stockLow.
 *  @throws not_found (store, variant), out_of_stock (409), currency_mismatch (422), id_conflict (409) */
export const createAdjustment: Handler = withTakenNames(async (ctx: Ctx) => {
  await requireStore(ctx, (ctx.params as Create).storeId);
  return post(ctx);
});

/** Permission catalog.inventory.read. @throws not_found */
export const getAdjustment = query<Contract, "getAdjustment">(async (tx, { id }) => {
  const row = await documents.findAdjustment(tx, id);
  if (!row) throw platformRefuse.not_found();
  return shown(row);
});

/** Permission catalog.inventory.read. Newest first. */
export const listAdjustments = query<Contract, "listAdjustments">(async (tx, { storeId, limit = LIMIT_DEFAULT, cursor, sort }, ctx) => {
  requireSort(sort, "-createdAt");
  const rows = await documents.listAdjustments(tx, storeId, readCursor(ctx, "adjustments", cursor)?.[0], limit + 1);
  return page(ctx, "adjustments", { rows, limit, key: (row) => [row.id], map: shown });
});

/** @throws invalid_request: the list has one order only */
export function requireSort(sort: string | undefined, only: string): void {
  if (sort !== undefined && sort !== only) throw platformRefuse.invalid_request("There is no such sort order", { errors: [{ pointer: "/sort", code: "not_allowed", message: `must be ${only}` }] });
}

async function checkedLines(tx: Tx, lines: Create["lines"]) {
  const known = new Map((await described(tx, lines.map((line) => line.variantId))).map((row) => [row.variantId, row]));
  return lines.map(({ variantId, quantity, unitCost }, index) => {
    const variant = known.get(variantId);
    if (!variant) throw platformRefuse.not_found("There is no such variant", { pointer: `/lines/${index}/variantId` });
    if (quantity === 0) throw platformRefuse.invalid_request("A line changes something", { errors: [{ pointer: `/lines/${index}/quantity`, code: "not_allowed", message: "must not be 0" }] });
    if (unitCost && unitCost.currency !== variant.currency) throw refuse.currency_mismatch(`The variant is priced in ${variant.currency}`, { pointer: `/lines/${index}/unitCost` });
    const quantityThousandths = quantityToThousandths(quantity);
    const valueMinor = unitCost && quantity > 0 ? roundProduct(unitCost.amount, { num: quantityThousandths, den: 1000 }, "halfUp") : null;
    return { variantId, quantityThousandths, valueMinor, unitCost: unitCost ?? null };
  });
}

function shown({ id, storeId, reason, lines, reference, metadata, createdAt }: documents.DocumentRow): Adjustment {
  return {
    id, storeId, reason: reason as Adjustment["reason"], reference, metadata, createdAt,
    lines: lines.map((line) => ({ variantId: line.variantId, quantity: thousandthsToQuantity(line.quantityThousandths), unitCost: line.unitCost ?? null })),
  };
}
