import { requestHash } from "../../../mixins/idempotency.ts";
import { command } from "../../../mixins/handlers.ts";
import type { orderContract } from "../contract.ts";
import { asCustomer, rowFault, type ReadCustomer } from "../domain/customer-row.ts";
import { importCustomers as insertNew } from "../models/customers.ts";

/** One batch of a customer file. Permission: internal. Running it twice changes nothing: the same reference is skipped, and a row without one when a row
 *  that said the same was brought before. Archived customers count as known. */
export const importCustomers = command<typeof orderContract, "importCustomers">(async (tx, { rows }, ctx) => {
  const rejected = rows.flatMap((row) => rowFault(row) ?? []);
  const faulty = new Set(rejected.map(({ line }) => line));
  const sound = rows.filter(({ line }) => !faulty.has(line)).map(asCustomer);
  const digest = ({ line: _, ...said }: ReadCustomer) => requestHash(ctx.broker, "order.importCustomers", said);
  const imported = sound.length ? await insertNew(tx, sound.map((customer) => ({ ...customer, digest: digest(customer) }))) : 0;
  return { imported, skipped: sound.length - imported, rejected };
});
