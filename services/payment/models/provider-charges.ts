/** The simulated provider's own memory. Nothing of ours reads it but through the provider. */
import { sql, type Tx } from "../../../mixins/database.ts";
import type { Behaviour } from "../domain/cards.ts";
import type { Truth } from "../providers/provider.ts";

export interface Charge { readonly status: string; readonly behaviour: string }

// A repeat writes the same time over itself, so that one statement answers the first asker and the second alike.
const AUTHORIZE = sql("provider.authorize", `INSERT INTO provider_charge (payment_id, status, behaviour, currency, amount_minor)
  VALUES ($1, CASE WHEN $4 IN ('declined', 'insufficient_funds') THEN 'declined' ELSE 'authorized' END, $4, $3, $2)
  ON CONFLICT (tenant_id, payment_id) DO UPDATE SET created_at = provider_charge.created_at RETURNING status, behaviour`);
const CAPTURE = sql("provider.capture", `UPDATE provider_charge SET status = 'captured', captured_minor = amount_minor
  WHERE payment_id = $1 AND status IN ('authorized', 'captured') AND behaviour <> 'capture_fails'`);
const VOID = sql("provider.void", `INSERT INTO provider_charge (payment_id, status, behaviour, amount_minor) VALUES ($1, 'voided', 'none', 0)
  ON CONFLICT (tenant_id, payment_id) DO UPDATE SET status = 'voided', refunded_minor = provider_charge.captured_minor WHERE provider_charge.status <> 'declined'`);
const REFUND = sql("provider.refund", `WITH charge AS (
    SELECT payment_id FROM provider_charge WHERE payment_id = $1 AND status = 'captured' AND captured_minor - refunded_minor >= $3 FOR UPDATE
  ), made AS (
    INSERT INTO provider_refund (payment_id, refund_id, amount_minor) SELECT payment_id, $2, $3 FROM charge ON CONFLICT DO NOTHING RETURNING payment_id, amount_minor
  ) UPDATE provider_charge c SET refunded_minor = c.refunded_minor + made.amount_minor FROM made WHERE c.payment_id = made.payment_id`);
const REFUNDED = sql("provider.refunded", "SELECT 1 FROM provider_refund WHERE payment_id = $1 AND refund_id = $2 AND amount_minor = $3");
const READ = sql("provider.read", `SELECT payment_id AS "paymentId", status, captured_minor AS "capturedMinor", refunded_minor AS "refundedMinor"
  FROM provider_charge WHERE payment_id = ANY($1::uuid[])`);

export async function authorizeCharge(tx: Tx, charge: { paymentId: string; amountMinor: number; currency: string; behaviour: Behaviour }): Promise<Charge> {
  return (await tx.query<Charge>(AUTHORIZE, [charge.paymentId, charge.amountMinor, charge.currency, charge.behaviour]))[0]!;
}

export const captureCharge = async (tx: Tx, paymentId: string): Promise<boolean> => (await tx.change(CAPTURE, [paymentId])) === 1;

export async function voidCharge(tx: Tx, paymentId: string): Promise<void> {
  await tx.change(VOID, [paymentId]);
}

/** @returns false when the charge has not that much left */
export async function refundCharge(tx: Tx, { paymentId, refundId, amountMinor }: { paymentId: string; refundId: string; amountMinor: number }): Promise<boolean> {
  const values = [paymentId, refundId, amountMinor];
  const [, refunded] = await Promise.all([tx.change(REFUND, values), tx.query(REFUNDED, values)]);
  return refunded.length === 1;
}

export const readCharges = (tx: Tx, paymentIds: readonly string[]): Promise<Truth[]> => tx.query<Truth>(READ, [paymentIds]);
