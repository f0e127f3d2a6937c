import { invariant, refuse as refusePlatform } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { stampOf, tellAudit } from "../../../mixins/audit.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inTenant, sameKeyAtOnce } from "../../../mixins/handlers.ts";
import { firstAnswer, rememberAnswer } from "../../../mixins/idempotency.ts";
import { openSaga, runSaga, type Saga } from "../../../mixins/saga.ts";
import type { paymentContract } from "../contract.ts";
import { businessDayOf } from "../domain/periods.ts";
import { planPaymentRefund, taxWithin } from "../domain/refund-plan.ts";
import { toRefund } from "../domain/representation.ts";
import { refuse } from "../errors.ts";
import { readPayment } from "../models/payments.ts";
import { openRefund, readRefund, type RefundRow } from "../models/refunds.ts";
import { readSale } from "../models/sales.ts";
import { needsProvider, post } from "../sagas/give-back.ts";
import { refundSaga, type RefundSaga } from "../sagas/refund.ts";

type Request = ParamsOf<(typeof paymentContract)["actions"]["refundPayment"]>;
type Refund = ResultOf<(typeof paymentContract)["actions"]["refundPayment"]>;
type Outcome = { replayed: unknown } | { made: Refund } | { saga: RefundSaga };

/** Gives back a payment, or a part of it. Permission payment.refunds.write; idempotent by the client's key. Emits payment.refunded.
 *  The tax within is the sale's, pro rata. Checks in this order: the payment is the tenant's, its currency, what is left of it.
 *  @throws not_found, refund_currency_mismatch (422), refund_exceeds_captured (409, data.available), refund_refused (422), already_exists (the reference) */
export const refundPayment = handler<typeof paymentContract, "refundPayment">(async (request, ctx) => {
  const when = await now(request, ctx);
  const outcome = await open(request, ctx, when);
  if ("replayed" in outcome) {
    ctx.meta.replayed = true;
    return outcome.replayed as Refund;
  }
  if ("made" in outcome) return outcome.made;
  const host = { broker: ctx.broker, service: "payment", tenantId: identityOf(ctx).tenantId };
  return await runSaga(host, refundSaga, outcome.saga.refundId, outcome.saga) as Refund;
});

interface When { readonly at: string; readonly businessDay: string }

/** The business day is the store's: asked before the transaction, because nobody is called within one. @throws not_found */
async function now({ id }: Request, ctx: Ctx): Promise<When> {
  const payment = await inTenant(ctx, (tx) => readPayment(tx, id));
  if (!payment?.storeId) throw refusePlatform.not_found();
  const store = await callAs({ broker: ctx.broker, service: "payment", tenantId: identityOf(ctx).tenantId, requestId: ctx.meta.requestId }, "entity.storeContext", { storeId: payment.storeId });
  const at = new Date().toISOString();
  return { at, businessDay: businessDayOf(at, store.timezone) };
}

/** One transaction: the key, the money set aside, and the saga where a provider must be asked. */
async function open(request: Request, ctx: Ctx, when: When): Promise<Outcome> {
  const claim = ctx.meta.idempotency;
  try {
    return await inTenant(ctx, async (tx): Promise<Outcome> => {
      const first = claim && await firstAnswer(tx, claim);
      if (first) return { replayed: first.result };
      const refund = await setAside(tx, request, when);
      if (needsProvider(refund)) {
        const saga = { refundId: refund.id, key: claim?.key ?? null, audit: stampOf(ctx) };
        if (!await openSaga(tx, refundSaga as unknown as Saga, refund.id, saga, claim)) throw refusePlatform.idempotency_in_progress();
        return { saga };
      }
      const made = toRefund(await post(tx, refund, []));
      tellAudit(tx, stampOf(ctx), made.id);
      if (claim) await rememberAnswer(tx, claim, 200, made);
      return { made };
    });
  } catch (error) {
    throw sameKeyAtOnce(error) ? refusePlatform.idempotency_in_progress() : error;
  }
}

async function setAside(tx: Tx, request: Request, when: When): Promise<RefundRow> {
  const row = await readPayment(tx, request.id);
  if (!row) throw refusePlatform.not_found();
  if (request.amount && request.amount.currency !== row.currency) throw refuse.refund_currency_mismatch(undefined, { pointer: "/amount/currency" });
  const { settlement, payments } = (await readSale(tx, row.orderId, true))!;
  const payment = payments.find(({ id }) => id === request.id);
  invariant(payment, "a payment belongs to its sale");
  const isCaptured = settlement.status === "captured" && payment.status !== "declined" && payment.status !== "voided";
  const available = isCaptured ? payment.amountMinor - payment.refundedMinor : 0;
  const amountMinor = request.amount?.amount ?? available;
  const plan = available > 0 ? planPaymentRefund(payment, amountMinor) : undefined;
  if (!plan) throw refuse.refund_exceeds_captured(undefined, { available: { amount: available, currency: row.currency } });
  const taxMinor = taxWithin({ dueMinor: plan.dueMinor, leftNetMinor: settlement.netMinor - settlement.refundedNetMinor, leftTaxMinor: settlement.taxMinor - settlement.refundedTaxMinor });
  const id = newId();
  await openRefund(tx, {
    id, orderId: row.orderId, currency: row.currency, dueMinor: plan.dueMinor, netMinor: plan.dueMinor - taxMinor, taxMinor, amountMinor, roundingMinor: plan.part.roundingMinor,
    ...when, reason: request.reason, reference: request.reference ?? null, metadata: request.metadata ?? {},
  }, [plan.part]);
  return (await readRefund(tx, id))!;
}
