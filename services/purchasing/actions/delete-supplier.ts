import { command } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { suppliers } from "../models/suppliers.ts";

/** Archives a supplier: no new orders, the old ones stay. Permission: purchasing.suppliers.write. @throws not_found, stale */
export const deleteSupplier = command<typeof purchasingContract, "deleteSupplier">(async (_tx, { id }, ctx) => {
  await suppliers.archive(ctx, id);
  return null;
});
