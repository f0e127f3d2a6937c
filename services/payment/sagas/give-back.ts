import { failpoint } from "../../../mixins/failpoint.ts";
import type { Tx } from "../../../mixins/database.ts";
import type { SagaHost } from "../../../mixins/saga.ts";
import { invariant } from "../../../lib/errors.ts";
import { platformOf } from "../../../node/platform.ts";
import { refundedEvents } from "../domain/made.ts";
import { refundPosting } from "../domain/posting.ts";
import { refuse } from "../errors.ts";
import { postRefund, readRefund, refuseRefund, type RefundRow } from "../models/refunds.ts";
import { readSale } from "../models/sales.ts";
import { cardProvider } from "../providers/card-provider.ts";

export const needsProvider = (refund: RefundRow): boolean => refund.parts.some((part) => part.method === "card" && part.amountMinor > 0);

/** Asks the provider for the card parts of a refund that was set aside, then posts it. Idempotent by the refund's id.
 *  @throws refund_refused (422): nothing went back and what was set aside is free again */
export async function giveBack(host: SagaHost, refundId: string): Promise<RefundRow> {
  const refund = await inTenant(host, (tx) => readRefund(tx, refundId));
  invariant(refund, "a refund is set aside before it is given back");
  if (refund.status === "made") return refund;
  if (refund.status === "refused") throw refuse.refund_refused(undefined, { reason: refund.refusal });
  const refs = await askProvider(host, refund);
  failpoint("payment.refund:charged");
  return inTenant(host, (tx) => post(tx, refund, refs));
}

async function askProvider(host: SagaHost, refund: RefundRow): Promise<{ paymentId: string; ref: string }[]> {
  const provider = cardProvider(host.broker);
  const refs: { paymentId: string; ref: string }[] = [];
  for (const { paymentId, method, amountMinor } of refund.parts) {
    if (method !== "card" || amountMinor === 0) continue;
    const outcome = await provider.refund({ tenantId: host.tenantId, paymentId, refundId: refund.id, amountMinor });
    if (outcome.done) refs.push({ paymentId, ref: outcome.ref });
    else await refuseAll(host, refund, refs.length, outcome.reason);
  }
  return refs;
}

/** Money that went back over another card cannot be fetched again: then the refund stays open and somebody must look. */
async function refuseAll(host: SagaHost, refund: RefundRow, done: number, reason: string): Promise<never> {
  if (done > 0) throw new Error(`refund ${refund.id}: the provider gave one part back and refuses another (${reason})`);
  await inTenant(host, (tx) => refuseRefund(tx, refund.id, reason));
  throw refuse.refund_refused(undefined, { reason });
}

/** The books of a refund, and what the world is told of it. */
export async function post(tx: Tx, refund: RefundRow, refs: readonly { paymentId: string; ref: string }[]): Promise<RefundRow> {
  const sale = (await readSale(tx, refund.orderId))!;
  if (await postRefund(tx, refund.id, refundPosting(refund, refund.parts), refs)) {
    for (const event of refundedEvents(sale.settlement, refund, sale.payments)) tx.emit(event);
  }
  return (await readRefund(tx, refund.id))!;
}

const inTenant = <T>(host: SagaHost, work: (tx: Tx) => Promise<T>): Promise<T> => platformOf(host.broker).database(host.service).inTenant(host.tenantId, work);
