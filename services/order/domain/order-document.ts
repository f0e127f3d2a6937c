/** An order as clients see it. */
import type { ResultOf } from "../../../lib/contract.ts";
import { ppmToPercent } from "../../../lib/percent.ts";
import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import type { orderContract } from "../contract.ts";
import type { Draft, DraftLine } from "./draft.ts";

export type Order = ResultOf<(typeof orderContract)["actions"]["placeOrder"]>;
export type Quote = ResultOf<(typeof orderContract)["actions"]["quoteOrder"]>;
export interface OrderIds { readonly orderId: string; readonly lineIds: readonly string[]; readonly paymentIds: readonly string[] }

/** The number comes from the store's counter, in the statement that writes the order. */
export type UnnumberedOrder = Omit<Order, "number">;

/** A sale of the till and of the web are both `paid` when they are here: nothing is kept of one that is not. */
export function orderDocument({ draft, ids, by, now }: { draft: Draft; ids: OrderIds; by: string | null; now: string }): UnnumberedOrder {
  const money = (amount: number) => ({ amount, currency: draft.currency });
  return {
    id: ids.orderId, status: "paid", channel: draft.channel, storeId: draft.store.storeId, registerId: draft.registerId, customerId: draft.customerId, currency: draft.currency,
    lines: draft.lines.map((line, index) => ({ id: ids.lineIds[index]!, ...lineOut(line, draft.currency), returnedQuantity: 0 })),
    ...totalsOut(draft), paid: money(draft.totalMinor), refunded: money(0), change: money(draft.changeMinor),
    payments: tendersOut(draft).map((tender, index) => ({ id: ids.paymentIds[index]!, ...tender, status: "captured" })),
    history: [{ at: now, status: "paid", by, note: null }],
    placedAt: draft.placedAt, reference: draft.reference, metadata: draft.metadata, createdAt: now, updatedAt: now, version: 1,
  };
}

export function quoteDocument(draft: Draft): Quote {
  const money = (amount: number) => ({ amount, currency: draft.currency });
  return {
    channel: draft.channel, storeId: draft.store.storeId, registerId: draft.registerId, customerId: draft.customerId, currency: draft.currency,
    lines: draft.lines.map((line) => lineOut(line, draft.currency)), ...totalsOut(draft), cashTotal: money(draft.cashTotalMinor), change: money(draft.changeMinor),
    payments: tendersOut(draft).map(({ card: _, ...tender }) => tender), placedAt: draft.placedAt,
    explain: draft.explain.map(({ amountMinor, unappliedMinor, ...rest }) => ({
      ...rest, ...(amountMinor === undefined ? {} : { amount: money(amountMinor) }), ...(unappliedMinor === undefined ? {} : { unapplied: money(unappliedMinor) }),
    })),
  };
}

function lineOut(line: DraftLine, currency: string) {
  const money = (amount: number) => ({ amount, currency });
  return {
    variantId: line.variantId, sku: line.sku, name: line.name, quantity: thousandthsToQuantity(line.quantityThousandths), unitPrice: money(line.unitPriceMinor),
    discount: money(line.discountMinor), tax: money(line.taxMinor), taxes: line.taxes.map(({ name, ratePpm, amountMinor }) => ({ name, percent: ppmToPercent(ratePpm), amount: money(amountMinor) })),
    net: money(line.netMinor), total: money(line.totalMinor),
  };
}

function totalsOut({ currency, subtotalMinor, discountTotalMinor, taxTotalMinor, roundingMinor, totalMinor }: Draft) {
  const money = (amount: number) => ({ amount, currency });
  return { subtotal: money(subtotalMinor), discountTotal: money(discountTotalMinor), taxTotal: money(taxTotalMinor), rounding: money(roundingMinor), total: money(totalMinor) };
}

function tendersOut({ tenders, currency }: Draft) {
  const money = (amount: number) => ({ amount, currency });
  return tenders.map(({ method, amountMinor, tenderedMinor, changeMinor, card }) => ({
    method, amount: money(amountMinor), ...(tenderedMinor === undefined ? {} : { tendered: money(tenderedMinor) }), ...(changeMinor === undefined ? {} : { change: money(changeMinor) }), ...(card ? { card } : {}),
  }));
}
