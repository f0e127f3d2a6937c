import { refuse as platformRefuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { stampOf } from "../../../mixins/audit.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inTenant, sameKeyAtOnce } from "../../../mixins/handlers.ts";
import { firstAnswer } from "../../../mixins/idempotency.ts";
import { openSaga, runSaga } from "../../../mixins/saga.ts";
import type { orderContract } from "../contract.ts";
import { businessTime } from "../domain/business-time.ts";
import { planReturn, restOf, type WantedBack } from "../domain/plan-return.ts";
import { refuse } from "../errors.ts";
import { lockOrder } from "../models/orders.ts";
import { givenBack, holdReturn } from "../models/returns.ts";
import { returnSaga, type Return } from "../sagas/return.ts";
import { actorOf } from "./gather.ts";

type Contract = typeof orderContract;
interface Wish { readonly id: string; readonly kind: Return["kind"]; readonly lines?: readonly WantedBack[]; readonly reason: string; readonly method: string }

/** Takes goods back and gives their money back. Permission: order.returns.write. Emits order.returned.
 *  Idempotent by Idempotency-Key. @throws not_found, stale, order_cancelled, return_exceeds_sold; refund_refused, refund_exceeds_captured */
export const returnLines = handler<Contract, "returnLines">(async ({ id, lines, reason, refund }, ctx) => {
  const outcome = await takeBack(ctx, { id, kind: "return", lines, reason, method: (refund?.method as string | undefined) ?? "original" });
  return ("first" in outcome ? outcome.first : outcome.back) as never;
});

/** Takes back all that has not come back yet. Permission: order.orders.cancel. Emits order.returned (kind `cancellation`).
 *  @throws as returnLines */
export const cancelOrder = handler<Contract, "cancelOrder">(async ({ id, reason = "cancelled", refund }, ctx) => {
  const outcome = await takeBack(ctx, { id, kind: "cancellation", reason, method: (refund?.method as string | undefined) ?? "original" });
  return ("first" in outcome ? outcome.first : outcome.order) as never;
});

async function takeBack(ctx: Ctx, wish: Wish) {
  const begun = await begin(ctx, wish);
  if ("first" in begun) return begun;
  return runSaga({ broker: ctx.broker, service: "order", tenantId: identityOf(ctx).tenantId }, returnSaga, begun.id, begun);
}

/** The first transaction: under the lock of the order its quantities are taken, so that two returns never take the same piece. */
async function begin(ctx: Ctx, wish: Wish): Promise<Return | { first: unknown }> {
  const claim = ctx.meta.idempotency;
  try {
    return await inTenant(ctx, async (tx) => {
      const first = claim && (await firstAnswer(tx, claim));
      if (first) {
        ctx.meta.replayed = true;
        return { first: first.result };
      }
      const back = await agree(tx, ctx, wish);
      const [, begun] = await Promise.all([holdReturn(tx, back), openSaga(tx, returnSaga, back.id, back, claim)]);
      if (!begun) throw platformRefuse.idempotency_in_progress();
      return back;
    });
  } catch (error) {
    throw sameKeyAtOnce(error) ? platformRefuse.idempotency_in_progress() : error;
  }
}

async function agree(tx: Tx, ctx: Ctx, wish: Wish): Promise<Return> {
  const found = await lockOrder(tx, wish.id);
  if (!found) throw platformRefuse.not_found();
  const { order: { document, context, imported }, lines } = found;
  if (ctx.meta.ifMatch !== undefined && ctx.meta.ifMatch !== document.version) throw platformRefuse.stale();
  if (imported) throw platformRefuse.conflict("The order is another system's history: its money is not here");
  if (document.status === "cancelled") throw refuse.order_cancelled();
  const given = await givenBack(tx, wish.id);
  const wanted = wish.lines ?? restOf(lines, given);
  if (wanted.length === 0) throw refuse.return_exceeds_sold("Everything has come back already", { lines: [] });
  const back = planReturn({ lines, given, wanted });
  const at = new Date().toISOString();
  const { businessDay, hour } = businessTime(at, context.timezone);
  return {
    id: newId(), orderId: wish.id, kind: wish.kind, storeId: document.storeId, currency: document.currency, totalMinor: back.reduce((sum, line) => sum + line.totalMinor, 0), businessDay, at, hour,
    lines: back, reason: wish.reason, method: wish.method as Return["method"], key: ctx.meta.idempotency?.key ?? null, by: actorOf(ctx),
    registerId: document.registerId, channel: document.channel, customerId: document.customerId, context, audit: stampOf(ctx),
  };
}
