import { command } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { toSupplier } from "../models/representations.ts";
import { suppliers } from "../models/suppliers.ts";
import { refuseUnknownCurrency } from "./checks.ts";

/** Changes a supplier. Permission: purchasing.suppliers.write. @throws not_found, stale, already_exists, currency_mismatch (unknown currency) */
export const updateSupplier = command<typeof purchasingContract, "updateSupplier">(async (_tx, { id, ...partial }, ctx) => {
  refuseUnknownCurrency(partial.currency);
  return toSupplier(await suppliers.patch(ctx, id, partial));
});
