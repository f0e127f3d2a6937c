import type { ParamsOf } from "../../../lib/contract.ts";
import { isRefusal, refuse, typeOf } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { stampOf } from "../../../mixins/audit.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inSharedTenant, inTenant } from "../../../mixins/handlers.ts";
import { requestHash } from "../../../mixins/idempotency.ts";
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

/** The first transaction: the sale as agreed, its key, id and reference. From its commit on the sale is finished by whoever lives. */
async function begin(ctx: Ctx, sale: CheckoutInMemory, id: string | undefined): Promise<Begun> {
  const earlier = (tx: Tx) => firstOutcome(tx, ctx, { id, hash: sale.requestHash });
  // Its key is nearly always new, and where it is not, nothing else of such a sale is taken: it is looked up only then.
  const isBare = id === undefined && sale.draft.reference === null && sale.draft.customerId === null;
  const begun = await keepingId(() => inSharedTenant(ctx, "order.begin", async (tx): Promise<Begun | undefined> => {
    if (isBare) return tx.done(keep(tx, ctx, sale));
    const first = await earlier(tx);
    if (first) return { first };
    return (await keep(tx, ctx, sale)) ?? inProgress();
  }));
  if (begun) return begun;
  const first = await inTenant(ctx, earlier);
  return first ? { first } : inProgress();
}

/** @returns undefined when the key is somebody's already */
async function keep(tx: Tx, ctx: Ctx, { cards, ...sale }: CheckoutInMemory): Promise<Begun | undefined> {
  const { customerId, reference } = sale.draft;
  const kept: Checkout = customerId === null ? sale : { ...sale, customerName: await customerName(tx, customerId) };
  const [begun] = await Promise.all([
    openSaga(tx, checkoutOf(sale.draft), sale.ids.orderId, kept, ctx.meta.idempotency),
    reference === null ? undefined : takeReference(tx, reference, sale.ids.orderId),
  ]);
  return begun ? { sale: { ...kept, ...(cards ? { cards } : {}) } } : undefined;
}

async function keepingId<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sameIdAtOnce(error) ? refuse.idempotency_in_progress() : error;
  }
}

function inProgress(): never {
  throw refuse.idempotency_in_progress();
}

const sameIdAtOnce = (error: unknown): boolean => typeOf(error) === "already_exists" && (error as { data?: { constraint?: string } }).data?.constraint === "saga_pkey";
