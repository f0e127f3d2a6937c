import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { orderContract } from "../contract.ts";
import { quoteDocument } from "../domain/order-document.ts";
import { customerName } from "../models/claims.ts";
import { draftFor } from "./gather.ts";

/** The priced order as it would be, with each rule that applied or did not. Keeps nothing. Permission: order.orders.read.
 *  @throws as draftFor; not_found for the customer */
export const quoteOrder = handler<typeof orderContract, "quoteOrder">(async ({ id: _, ...basket }, ctx) => {
  const draft = await draftFor(ctx, basket, new Date().toISOString());
  const { customerId } = basket;
  if (customerId) await inTenant(ctx, (tx) => customerName(tx, customerId));
  return quoteDocument(draft);
});
