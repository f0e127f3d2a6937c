import type { DataOf } from "../../lib/contract.ts";
import type { Events } from "../../services/contracts.ts";
import type { Instruments } from "./registry.ts";

type Of<K extends keyof Events> = DataOf<Events[K]>;

/** Trade in numbers, out of the events that tell of it. By currency and channel, never by tenant: there may be thousands. */
export function countBusiness(instruments: Instruments, event: { readonly type: string; readonly data: unknown }): void {
  if (event.type === "order.completed") sale(instruments, event.data as Of<"order.completed">);
  else if (event.type === "payment.refunded") refund(instruments, event.data as Of<"payment.refunded">);
}

function sale(instruments: Instruments, { channel, currency, roundingMinor, lines }: Of<"order.completed">): void {
  instruments.sales.inc({ channel, currency });
  // A counter only grows: a sale of nothing but taken-back goods adds no amount.
  instruments.salesAmount.inc({ currency }, Math.max(0, lines.reduce((sum, line) => sum + line.totalMinor, roundingMinor)));
}

function refund(instruments: Instruments, { currency, amountMinor }: Of<"payment.refunded">): void {
  instruments.refunds.inc({ currency });
  instruments.refundsAmount.inc({ currency }, amountMinor);
}
