import { onEvent } from "../../../mixins/inbox.ts";
import type { Tx } from "../../../mixins/database.ts";
import { afterRefunds } from "../domain/after-refund.ts";
import { lockOrder, rewriteOrder } from "../models/orders.ts";
import { bookRefunds, keepRefunds } from "../models/refunds.ts";

/** A payment was refunded. The money of a return or a cancellation stands on its order already; any other is booked here. */
export const paymentRefunded = onEvent("payment.refunded", async (tx, events) => {
  for (const orderId of await keepRefunds(tx, events.map((event) => event.data))) await standOnOrder(tx, orderId);
});

/** @returns false while the sale is not finished, and there is no order yet */
export async function standOnOrder(tx: Tx, orderId: string): Promise<boolean> {
  const found = await lockOrder(tx, orderId);
  if (!found) return false;
  await rewriteOrder(tx, afterRefunds(found.order.document, await bookRefunds(tx, orderId)));
  return true;
}
