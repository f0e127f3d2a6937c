import { query } from "../../../mixins/handlers.ts";
import type { orderContract } from "../contract.ts";
import { verifyOrders } from "../models/figures.ts";

/** Recomputes what orders and returns claim from their lines, taxes and tenders. Internal. */
export const verify = query<typeof orderContract, "verify">(async (tx) => ({ checks: await verifyOrders(tx) }));
