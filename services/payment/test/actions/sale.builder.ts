import { newId } from "../../../../lib/ids.ts";
import type { ParamsOf } from "../../../../lib/contract.ts";
import type { paymentContract } from "../../contract.ts";

export type Sale = ParamsOf<(typeof paymentContract)["actions"]["authorize"]>;
export type Tender = Sale["payments"][number];

export const CARDS = { approved: "4242424242424242", declined: "4000000000000002", insufficient: "4000000000009995", captureFails: "4000000000000341", disputed: "4000000000000259" };

export const cash = (amountMinor: number, more: Partial<Tender> = {}): Tender => ({ id: newId(), method: "cash", amountMinor, tenderedMinor: amountMinor, changeMinor: 0, ...more });
export const external = (amountMinor: number): Tender => ({ id: newId(), method: "external", amountMinor });
export const card = (amountMinor: number, number = CARDS.approved): Tender => ({ id: newId(), method: "card", amountMinor, card: { number } });

/** 12.04 EUR with 2.04 tax, unless the tenders say otherwise: what is not tax nor rounding is net. */
export function sale(payments: Tender[], more: Partial<Sale> = {}): Sale {
  const total = payments.reduce((sum, payment) => sum + payment.amountMinor, 0);
  const { taxMinor = Math.round(total / 6), roundingMinor = 0 } = more;
  return {
    orderId: newId(), storeId: newId(), registerId: null, currency: "EUR", businessDay: "2026-01-31", at: "2026-01-31T09:30:00.000Z", payments, ...more,
    taxMinor, roundingMinor, netMinor: total - taxMinor - roundingMinor,
  };
}
