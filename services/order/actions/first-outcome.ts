import { refuse } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { asError, firstAnswer } from "../../../mixins/idempotency.ts";
import type { Order } from "../domain/order-document.ts";
import { earlierSale, type Earlier } from "../models/claims.ts";

/** What the same request got before: by its key, then by the id that the client chose. `undefined`: it is new.
 *  @throws idempotency_in_progress, idempotency_key_reused, id_conflict, or the refusal that was the first outcome */
export async function firstOutcome(tx: Tx, ctx: Ctx, { id, hash }: { id: string | undefined; hash: string }): Promise<Order | undefined> {
  const claim = ctx.meta.idempotency;
  const first = claim && (await firstAnswer(tx, claim));
  if (first) {
    ctx.meta.replayed = true;
    return first.result as Order;
  }
  const order = id === undefined ? undefined : outcomeOf(await earlierSale(tx, id), hash);
  // The id was used before: this is the order as it is, not a new one.
  if (order) (ctx.meta as { $statusCode?: number }).$statusCode = 200;
  return order;
}

function outcomeOf({ document, orderHash, sagaStatus, sagaHash, refusal }: Earlier, hash: string): Order | undefined {
  if (document === null && sagaStatus === null) return undefined;
  if ((document ? orderHash : sagaHash) !== hash) throw refuse.id_conflict();
  if (document) return document;
  if (refusal && sagaStatus === "compensated") throw asError(refusal);
  throw refuse.idempotency_in_progress();
}
