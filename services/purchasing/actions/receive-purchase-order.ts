import { invariant, refuse as platformRefuse } from "../../../lib/errors.ts";
import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import { quantityToThousandths, thousandthsToQuantity } from "../../../lib/quantity.ts";
import { addSafe } from "../../../lib/rounding.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { stampOf, type AuditStamp } from "../../../mixins/audit.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inTenant, sameKeyAtOnce } from "../../../mixins/handlers.ts";
import { firstAnswer, requestHash } from "../../../mixins/idempotency.ts";
import { openSaga, runSaga, type Saga } from "../../../mixins/saga.ts";
import type { purchasingContract } from "../contract.ts";
import { MOVES, receivedStatus } from "../domain/order-status.ts";
import { discrepancies, overReceipts, valueReceipt, type ArrivedLine } from "../domain/receipt.ts";
import { refuse } from "../errors.ts";
import { addReceived, documentNumber, lockOrder, nextNumber, setStatus, type OrderRow } from "../models/orders.ts";
import { insertReceipt, receiptById } from "../models/receipts.ts";
import { toReceipt } from "../models/representations.ts";
import { goodsReceipt, type GoodsReceipt } from "../sagas/goods-receipt.ts";
import { refuseForeignAmounts, withTakenReference, withinRange } from "./checks.ts";
import { illegalStatus } from "./move-purchase-order.ts";

type Params = ParamsOf<typeof purchasingContract.actions.receivePurchaseOrder>;
type Receipt = ResultOf<typeof purchasingContract.actions.receivePurchaseOrder>;

/** Books goods in. Permission: purchasing.receipts.write; idempotent by key and by the client's `id`; emits purchasing.received once the stock ledger has them.
 *  @throws not_found (order or line), id_conflict, illegal_status, over_receipt (409), currency_mismatch, amount_out_of_range (422), in this order; unavailable (503): it is accepted and goes on by itself */
export const receivePurchaseOrder = handler<typeof purchasingContract, "receivePurchaseOrder">(async (params, ctx) => {
  const accepted = await withTakenReference(() => accept(params, ctx));
  if ("answer" in accepted) return accepted.answer;
  const host = { broker: ctx.broker, service: "purchasing", tenantId: identityOf(ctx).tenantId };
  return runSaga(host, goodsReceipt, accepted.receiptId, accepted);
});

/** The first transaction: from here on the receipt is finished by whoever lives. */
async function accept(params: Params, ctx: Ctx): Promise<GoodsReceipt | { answer: Receipt }> {
  const claim = ctx.meta.idempotency;
  const hash = requestHash(ctx.broker, "purchasing.receivePurchaseOrder", params);
  try {
    return await inTenant(ctx, async (tx) => {
      const first = claim && await firstAnswer(tx, claim);
      if (first) {
        ctx.meta.replayed = true;
        return { answer: first.result as Receipt };
      }
      const order = await lockOrder(tx, params.purchaseOrderId);
      if (!order) throw platformRefuse.not_found();
      const before = params.id && await sameReceipt(tx, params.id, hash);
      if (before) return { answer: before };
      const receipt = await book(tx, order, params, { key: claim?.key ?? null, hash, audit: stampOf(ctx) });
      if (!await openSaga(tx, goodsReceipt as unknown as Saga, receipt.receiptId, receipt, claim)) throw platformRefuse.idempotency_in_progress();
      return receipt;
    });
  } catch (error) {
    throw sameKeyAtOnce(error) ? platformRefuse.idempotency_in_progress() : error;
  }
}

/** The receipt that this id has already. @throws id_conflict (another request), idempotency_in_progress (not finished) */
async function sameReceipt(tx: Tx, id: string, hash: string): Promise<Receipt | undefined> {
  const row = await receiptById(tx, id);
  if (!row) return undefined;
  if (row.requestHash !== hash || row.status === "refused") throw platformRefuse.id_conflict(undefined, { pointer: "/id" });
  if (row.status === "pending") throw platformRefuse.idempotency_in_progress();
  return toReceipt(row);
}

async function book(tx: Tx, order: OrderRow, params: Params, { key, hash, audit }: { key: string | null; hash: string; audit: AuditStamp }): Promise<GoodsReceipt> {
  const ordered = new Map(order.lines.map((line) => [line.id, line]));
  const arrived = arrivedLines(params, ordered);
  if (!MOVES.receive.includes(order.status)) throw illegalStatus(order.status, "receive");
  refuseOverReceipt(ordered, arrived);
  const { landedCosts = [], reference = null, metadata = {} } = params;
  refuseForeignAmounts(order.currency, [
    ...params.lines.map((line, index) => ({ pointer: `/lines/${index}/unitCost/currency`, amount: line.unitCost })),
    ...landedCosts.map((cost, index) => ({ pointer: `/landedCosts/${index}/amount/currency`, amount: cost.amount })),
  ]);
  const costs = landedCosts.map(({ name, amount, split }) => ({ name, amountMinor: amount.amount, split }));
  const lines = withinRange(() => valueReceipt(ordered, arrived, costs));
  const totalMinor = withinRange(() => lines.reduce((sum, line) => addSafe(sum, addSafe(line.goodsMinor, line.landedMinor)), 0));
  const receiptId = params.id ?? newId(), at = new Date().toISOString();
  const number = documentNumber("GR", await nextNumber(tx, order.storeId, "goodsReceipt"));
  await insertReceipt(tx, {
    id: receiptId, number, purchaseOrderId: order.id, storeId: order.storeId, currency: order.currency, requestHash: hash, landedCosts: costs,
    discrepancies: discrepancies(ordered, arrived), totalMinor, receivedAt: at, reference, metadata, lines,
  });
  invariant(await addReceived(tx, arrived) === arrived.length, "the lines of a locked order changed");
  await setStatus(tx, order.id, receivedStatus(after(order, arrived)));
  return { receiptId, purchaseOrderId: order.id, storeId: order.storeId, at, lines, key, audit };
}

/** @throws not_found with the pointer of the first line that is not of this order; invalid_request when a line is named twice */
function arrivedLines(params: Params, ordered: ReadonlyMap<string, unknown>): ArrivedLine[] {
  const seen = new Set<string>();
  return params.lines.map(({ lineId, quantity, unitCost }, index) => {
    const pointer = `/lines/${index}/lineId`;
    if (!ordered.has(lineId)) throw platformRefuse.not_found("The order has no such line", { pointer });
    if (seen.has(lineId)) throw platformRefuse.invalid_request("A line is named twice", { errors: [{ pointer, code: "not_unique", message: "name each line once" }] });
    seen.add(lineId);
    return { lineId, quantity: quantityToThousandths(quantity), unitCostMinor: unitCost?.amount };
  });
}

function refuseOverReceipt(ordered: Parameters<typeof overReceipts>[0], arrived: readonly ArrivedLine[]): void {
  const over = overReceipts(ordered, arrived);
  if (over.length) throw refuse.over_receipt(undefined, { lines: over.map(({ lineId, outstanding, quantity }) => ({ lineId, outstanding: thousandthsToQuantity(outstanding), quantity: thousandthsToQuantity(quantity) })) });
}

function after(order: OrderRow, arrived: readonly ArrivedLine[]): { quantity: number; received: number }[] {
  const came = new Map(arrived.map((line) => [line.lineId, line.quantity]));
  return order.lines.map(({ id, quantity, received }) => ({ quantity, received: received + (came.get(id) ?? 0) }));
}
