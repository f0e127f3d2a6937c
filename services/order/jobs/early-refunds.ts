import { poller, type PollerOptions } from "../../../mixins/poller.ts";
import { platformOf } from "../../../node/platform.ts";
import { standOnOrder } from "../events/payment-refunded.ts";
import { waitingRefunds } from "../models/refunds.ts";

const LOOK_EVERY_MS = 2_000;

/** Mixin: money that was given back while its sale still waited for its last step is booked when the order is there. */
export const earlyRefunds = () => poller({ name: "order.early-refunds", everyMs: LOOK_EVERY_MS, concurrency: 1, work });

const work: PollerOptions["work"] = async ({ broker, service }) => {
  const { worker, database } = platformOf(broker);
  for (const { tenantId, orderId } of await worker(service).asWorker(waitingRefunds)) await database(service).inTenant(tenantId, (tx) => standOnOrder(tx, orderId));
  return false;
};
