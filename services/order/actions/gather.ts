import { isRefusal, refuse as platformRefuse } from "../../../lib/errors.ts";
import { UUID_PATTERN } from "../../../lib/ids.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import type { Basket, Draft, StoreContext, Variant } from "../domain/draft.ts";
import { draftOrder } from "../domain/draft-order.ts";
import { refuse } from "../errors.ts";

/** Asks the others what a sale must know, all at once, and drafts the order.
 *  The store is asked each time: a changed rounding or tax setting holds for the very next sale.
 *  Checks in this order: store, register, variants, then those of draftOrder. @throws not_found, store_archived, register_archived, register_elsewhere, as draftOrder */
export async function draftFor(ctx: Ctx, basket: Basket, now: string): Promise<Draft> {
  const { tenantId, storeIds } = identityOf(ctx);
  const { storeId, registerId } = basket;
  if (storeIds.length > 0 && !storeIds.includes(storeId)) throw platformRefuse.not_found("There is no such store", { pointer: "/storeId" });
  const host = { broker: ctx.broker, service: "order", tenantId, requestId: ctx.meta.requestId };
  const [store, register, priced] = await Promise.allSettled([
    callAs(host, "entity.storeContext", { storeId }),
    registerId ? callAs(host, "entity.registerContext", { registerId }) : undefined,
    callAs(host, "catalog.priceLines", { storeId, variantIds: [...new Set(basket.lines.map((line) => line.variantId))] }),
  ]);
  const context: StoreContext = answered(store, () => ({ pointer: "/storeId" }));
  if (context.archived) throw refuse.store_archived(undefined, { pointer: "/storeId" });
  const place = answered(register, () => ({ pointer: "/registerId" }));
  if (place?.archived) throw refuse.register_archived(undefined, { pointer: "/registerId" });
  const { variants }: { variants: Variant[] } = answered(priced, (error) => missingVariants(basket, error));
  if (place && place.storeId !== storeId) throw refuse.register_elsewhere(undefined, { pointer: "/registerId" });
  return draftOrder({ basket, store: context, variants, now });
}

/** The person who acts; null for a service. */
export function actorOf(ctx: Ctx): string | null {
  const { actorId, service } = identityOf(ctx);
  return !service && new RegExp(UUID_PATTERN).test(actorId) ? actorId : null;
}

function answered<T>(outcome: PromiseSettledResult<T>, where: (error: { data: Record<string, unknown> }) => Record<string, unknown>): T {
  if (outcome.status === "fulfilled") return outcome.value;
  const error: unknown = outcome.reason;
  throw isRefusal(error) && error.type === "not_found" ? platformRefuse.not_found(error.message, where(error)) : error;
}

function missingVariants(basket: Basket, { data }: { data: Record<string, unknown> }): Record<string, unknown> {
  const missing = new Set((data.variantIds ?? []) as string[]);
  const pointers = basket.lines.flatMap(({ variantId }, index) => (missing.has(variantId) ? [`/lines/${index}/variantId`] : []));
  return { pointer: pointers[0] ?? "/lines", errors: pointers.map((pointer) => ({ pointer, code: "not_found", message: "there is no such variant" })) };
}
