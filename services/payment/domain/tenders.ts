/** The tenders of a sale as the payment service keeps them: without card numbers. */
import { describeCard } from "./cards.ts";
import type { Method } from "./chart.ts";

export interface Tender { readonly id: string; readonly method: Method; readonly amountMinor: number; readonly tenderedMinor?: number; readonly changeMinor?: number; readonly card?: { readonly number: string } }
export interface KeptTender {
  readonly id: string; readonly no: number; readonly method: Method; readonly provider: string; readonly amountMinor: number; readonly roundingMinor: number;
  readonly tenderedMinor?: number | undefined; readonly changeMinor?: number | undefined; readonly cardBrand?: string; readonly cardLast4?: string;
}

/** The cash rounding of the sale stays with the first cash tender: a refund of it must know what it was before. */
export function keptTenders(tenders: readonly Tender[], roundingMinor: number, cardProvider: string): KeptTender[] {
  const rounded = tenders.find((tender) => tender.method === "cash");
  return tenders.map((tender, no) => ({
    id: tender.id, no, method: tender.method, amountMinor: tender.amountMinor, tenderedMinor: tender.tenderedMinor, changeMinor: tender.changeMinor,
    provider: tender.method === "card" ? cardProvider : tender.method,
    roundingMinor: tender === rounded ? roundingMinor : 0,
    ...(tender.card ? asKept(tender.card.number) : {}),
  }));
}

function asKept(number: string): { cardBrand: string; cardLast4: string } {
  const { brand, last4 } = describeCard(number);
  return { cardBrand: brand, cardLast4: last4 };
}

export const moved = (payments: readonly { id: string; method: Method; amountMinor: number }[]) =>
  payments.map(({ id, method, amountMinor }) => ({ paymentId: id, method, amountMinor }));
