import type { ParamsOf } from "../../../lib/contract.ts";
import { typeOf, invariant } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command, inSharedTenant, inTenant, type Handler } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { mergeLines } from "../domain/basket.ts";
import { refuse } from "../errors.ts";
import { commit, release, reserve, take, type KeptLine, type StockAnswer } from "../models/stock.ts";
import { emitStock, refuseShortfall } from "./stock-outcome.ts";

type Contract = typeof catalogContract;
type Order = ParamsOf<Contract["actions"]["takeStock"]>;

/** Reserves and commits in one transaction: goods that are handed over at once. Idempotent by orderId. Emits catalog.stockMoved, catalog.stockLow.
 *  Answers each variant once, in the order of their ids.
 *  @throws out_of_stock (409), reservation_ended (409), not_found (404) */
export const takeStock: Handler = async (ctx: Ctx) => {
  const order = ctx.params as Order;
  if (order.lines.length === 0) return { lines: [] };
  // Of a refused basket nothing was changed, so its refusal comes after the commit: thrown before, it would undo the baskets that share the transaction.
  const answer = await inSharedTenant(ctx, "catalog.takeStock", (tx) => tx.done(take(tx, merged(order))));
  refuseShortfall(answer);
  if (answer.status === "reserved") return { lines: issued(await inTenant(ctx, (tx) => commitKept(tx, order.orderId))) };
  if (answer.status === "released") throw refuse.reservation_ended();
  return { lines: issued(answer) };
};

/** Holds a whole basket, or none of it. Idempotent by orderId. Emits catalog.stockLow. @throws as takeStock */
export const reserveStock: Handler = onceMore(async (tx, order: Order) => {
  if (order.lines.length === 0) return {};
  const answer = await reserve(tx, merged(order));
  refuseShortfall(answer);
  if (answer.status === "released") throw refuse.reservation_ended();
  emitStock(tx, saleOf(order), answer);
  return {};
});

/** Turns a reservation into sale movements at moving-average cost. Idempotent by orderId. Emits catalog.stockMoved. @throws reservation_ended (409) */
export const commitStock: Handler = command<Contract, "commitStock">(async (tx, { orderId }) => ({ lines: issued(await commitKept(tx, orderId)) }));

/** Gives a reservation back, also one that never happened and then never will. Idempotent. What is committed comes back by a return.
 *  @throws reservation_ended (409) for an order whose goods have left */
export const releaseStock: Handler = command<Contract, "releaseStock">(async (tx, { orderId }) => {
  if ((await release(tx, orderId)) === "committed") throw refuse.reservation_ended("The goods of this order have left: they come back by a return");
  return {};
});

async function commitKept(tx: Tx, orderId: string): Promise<StockAnswer> {
  const answer = await commit(tx, orderId);
  if (answer === undefined) return { lines: [] };
  if (answer.status === "released") throw refuse.reservation_ended();
  emitStock(tx, saleOf({ orderId, storeId: answer.storeId! }), answer);
  return answer;
}

const merged = ({ orderId, storeId, lines }: Order) => ({ orderId, storeId, lines: mergeLines(lines) });
const saleOf = ({ orderId, storeId }: { orderId: string; storeId: string }) => ({ storeId, documentType: "order", documentId: orderId, kind: "sale" });

function issued({ lines }: StockAnswer) {
  invariant(lines, "stock that was issued has lines");
  return lines.map(({ variantId, quantity, cost }: KeptLine) => ({ variantId, quantityThousandths: quantity, costMinor: cost }));
}

/** Two requests of one order at once: the second finds the first's reservation when it asks again. */
function onceMore(work: (tx: Tx, order: Order) => Promise<unknown>): Handler {
  return async (ctx: Ctx) => {
    const run = () => inTenant(ctx, (tx) => work(tx, ctx.params as Order));
    try {
      return await run();
    } catch (error) {
      if (typeOf(error) !== "already_exists") throw error;
      return run();
    }
  };
}
