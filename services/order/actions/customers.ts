import { newId } from "../../../lib/ids.ts";
import { command, query } from "../../../mixins/handlers.ts";
import type { orderContract } from "../contract.ts";
import { customers } from "../models/customers.ts";

type Contract = typeof orderContract;

/** Permission: order.customers.write. @throws already_exists (reference) */
export const createCustomer = command<Contract, "createCustomer">((_, fields, ctx) => customers.create(ctx, { id: newId(), ...(fields as object) }));

/** @throws not_found */
export const getCustomer = query<Contract, "getCustomer">((_, { id }, ctx) => customers.get(ctx, id));

/** Those that are not archived. @throws invalid_cursor, invalid_request */
export const listCustomers = query<Contract, "listCustomers">((_, { email, phone, reference, ...page }, ctx) => customers.list(ctx, page, { map: (row) => row, filters: { email, phone, reference } }));

/** Permission: order.customers.write. @throws not_found, stale, already_exists */
export const updateCustomer = command<Contract, "updateCustomer">((_, { id, ...partial }, ctx) => customers.patch(ctx, id, partial));

/** Orders keep an archived customer; it buys no more. Permission: order.customers.write. @throws not_found, stale */
export const archiveCustomer = command<Contract, "archiveCustomer">(async (_, { id }, ctx) => {
  await customers.archive(ctx, id);
  return null;
});
