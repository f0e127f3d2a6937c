import type { ParamsOf } from "../../../lib/contract.ts";
import { isRefusal, refuse, typeOf } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { stampOf } from "../../../mixins/audit.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inSharedTenant, inTenant, sameKeyAtOnce } from "../../../mixins/handlers.ts";
import { requestHash, reserveAnswer } from "../../../mixins/idempotency.ts";
import { openSaga, runSaga } from "../../../mixins/saga.ts";
import type { orderContract } from "../contract.ts";
import type { Order } from "../domain/order-document.ts";
import { customerName, takeReference } from "../models/claims.ts";
import { checkoutOf, type Checkout, type CheckoutInMemory } from "../sagas/checkout.ts";
import { firstOutcome } from "./first-outcome.ts";
import { actorOf, draftFor } from "./gather.ts";

type Params = ParamsOf<(typeof orderContract)["actions"]["placeOrder"]>;

/** The one-call sale. Permission: order.orders.write. Emits order.completed.
 *  Idempotent by Idempotency-Key and by the client's own `id`. A refusal before the sale begins (400, 404, 422) is not remembered; one of the
 *  sale itself (out_of_stock, payment_declined) is the answer to its key.
 *  @throws as draftFor, firstOutcome; already_exists (reference), out_of_stock, payment_declined, invalid_card; unavailable while an outcome is open;
 *    payment_ended when a card sale was cut off before its card was asked: its own `id` cannot be sold any more */
export const placeOrder = handler<typeof orderContract, "placeOrder">(async (params, ctx) => {
  const hash = requestHash(ctx.broker, "order.placeOrder", params);
  const prepared = await prepare(params, ctx, hash);
  if ("first" in prepared) return prepared.first;
  const begun = await begin(ctx, prepared.sale, params.id);
  if ("first" in begun) return begun.first;
  const { sale } = begun;
  const { tenantId } = identityOf(ctx);
  try {
    return await runSaga({ broker: ctx.broker, service: "order", tenantId }, checkoutOf(sale.draft), sale.ids.orderId, sale);
  } catch (error) {
    throw typeOf(error) === "payment_ended" && params.id === undefined ? interrupted() : error;
  }
});

/** Another node undid the sale when its first was cut off: nobody refused it, and its key is free. An id that the client chose is spent: payment
 *  refuses whatever comes late under it. */
const interrupted = () => refuse.unavailable("The sale was interrupted before it was paid, and nothing was taken: send it again with the same key");

type Begun = { readonly sale: CheckoutInMemory } | { readonly first: Order };

/** What the world says now may differ from what it said when the request came first: then the first outcome counts. */
async function prepare(params: Params, ctx: Ctx, hash: string): Promise<Begun> {
  try {
    return { sale: await draftSale(params, ctx, hash) };
  } catch (error) {
    const repeatable = isRefusal(error) && (ctx.meta.idempotency || params.id !== undefined);
    const first = repeatable ? await inTenant(ctx, (tx) => firstOutcome(tx, ctx, { id: params.id, hash })) : undefined;
    if (first) return { first };
    throw error;
  }
}

async function draftSale({ id, ...basket }: Params, ctx: Ctx, hash: string): Promise<CheckoutInMemory> {
  const now = new Date().toISOString();
  const draft = await draftFor(ctx, basket, now);
  const ids = { orderId: id ?? newId(), lineIds: draft.lines.map(() => newId()), paymentIds: draft.tenders.map(() => newId()) };
  const cards = Object.fromEntries(draft.tenders.flatMap(({ sentAs }, index) => {
    const number = basket.payments[sentAs]?.card?.number;
    return number === undefined ? [] : [[ids.paymentIds[index]!, number]];
  }));
  return { draft, ids, requestHash: hash, key: ctx.meta.idempotency?.key ?? null, by: actorOf(ctx), customerName: null, now, audit: stampOf(ctx), cards };
}

/** The first transaction: the sale as agreed, its key, id and reference. From its commit on the sale is finished by whoever lives.
 *  Nobody asks whether the key is new: it nearly always is, and where it is not it cannot be taken again. */
async function begin(ctx: Ctx, sale: CheckoutInMemory, id: string | undefined): Promise<Begun> {
  try {
    return await inSharedTenant(ctx, "order.begin", async (tx) => {
      const first = id === undefined ? undefined : await firstOutcome(tx, ctx, { id, hash: sale.requestHash });
      return first ? { first } : { sale: await keep(tx, ctx, sale) };
    });
  } catch (error) {
    const repeated = sameKeyAtOnce(error), first = repeated ? await inTenant(ctx, (tx) => firstOutcome(tx, ctx, { id, hash: sale.requestHash })) : undefined;
    if (first) return { first };
    throw repeated || sameIdAtOnce(error) ? refuse.idempotency_in_progress() : error;
  }
}

async function keep(tx: Tx, ctx: Ctx, { cards, ...sale }: CheckoutInMemory): Promise<CheckoutInMemory> {
  const { customerId, reference } = sale.draft;
  const kept: Checkout = { ...sale, customerName: customerId === null ? null : await customerName(tx, customerId) };
  const claim = ctx.meta.idempotency;
  await tx.done(Promise.all([
    reference === null ? undefined : takeReference(tx, reference, sale.ids.orderId),
    claim && reserveAnswer(tx, claim),
    openSaga(tx, checkoutOf(sale.draft), sale.ids.orderId, kept),
  ]));
  return { ...kept, ...(cards ? { cards } : {}) };
}

const sameIdAtOnce = (error: unknown): boolean => typeOf(error) === "already_exists" && (error as { data?: { constraint?: string } }).data?.constraint === "saga_pkey";
