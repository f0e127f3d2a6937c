import type { Database } from "../../../mixins/database.ts";
import { behaviourOf } from "../domain/cards.ts";
import { authorizeCharge, captureCharge, readCharges, refundCharge, voidCharge, type Charge } from "../models/provider-charges.ts";
import type { DeclineReason, Outcome, Provider } from "./provider.ts";

const REASONS: Readonly<Record<string, DeclineReason>> = { declined: "declined", insufficient_funds: "insufficient_funds" };
const refOf = (paymentId: string): string => `sim_${paymentId.replaceAll("-", "")}`;

/** A provider that behaves like one far away: it keeps its own truth in transactions of its own, and knows the test cards. */
export function simulatedProvider(database: Database): Provider {
  return {
    name: "simulated",
    authorize: async ({ tenantId, paymentId, amountMinor, currency, cardNumber }) =>
      answer(paymentId, await database.inTenant(tenantId, (tx) => authorizeCharge(tx, { paymentId, amountMinor, currency, behaviour: behaviourOf(cardNumber) }))),
    capture: async ({ tenantId, paymentId }) => {
      const captured = await database.inTenant(tenantId, (tx) => captureCharge(tx, paymentId));
      return captured ? { done: true, ref: refOf(paymentId) } : { done: false, reason: "capture_failed" };
    },
    void: ({ tenantId, paymentId }) => database.inTenant(tenantId, (tx) => voidCharge(tx, paymentId)),
    refund: async ({ tenantId, paymentId, refundId, amountMinor }) => {
      const refunded = await database.inTenant(tenantId, (tx) => refundCharge(tx, { paymentId, refundId, amountMinor }));
      return refunded ? { done: true, ref: refOf(refundId) } : { done: false, reason: "declined" };
    },
    retrieve: (tenantId, paymentIds) => database.inTenant(tenantId, (tx) => readCharges(tx, paymentIds)),
  };
}

function answer(paymentId: string, charge: Charge): Outcome {
  if (charge.status === "authorized" || charge.status === "captured") return { done: true, ref: refOf(paymentId) };
  return { done: false, reason: charge.status === "voided" ? "voided" : REASONS[charge.behaviour] ?? "declined" };
}
