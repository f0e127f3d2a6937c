import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { stores } from "../models/stores.ts";

/** Archives a store: lists leave it out, what refers to it still finds it. Permission: entity.stores.write. @throws not_found, stale */
export const deleteStore = command<typeof entityContract, "deleteStore">(async (_tx, { id }, ctx) => {
  await stores.archive(ctx, id);
  return null;
});
