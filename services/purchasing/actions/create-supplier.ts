import { newId } from "../../../lib/ids.ts";
import { command } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { toSupplier } from "../models/representations.ts";
import { suppliers } from "../models/suppliers.ts";
import { refuseUnknownCurrency } from "./checks.ts";

/** Adds a supplier. Permission: purchasing.suppliers.write. @throws already_exists (409, /reference), currency_mismatch (422, unknown currency) */
export const createSupplier = command<typeof purchasingContract, "createSupplier">(async (_tx, params, ctx) => {
  refuseUnknownCurrency(params.currency);
  return toSupplier(await suppliers.create(ctx, { id: newId(), ...params }));
});
