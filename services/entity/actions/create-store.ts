import { newId } from "../../../lib/ids.ts";
import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { toStore } from "../models/representations.ts";
import { stores } from "../models/stores.ts";
import { tenants } from "../models/tenants.ts";
import { checkPlace } from "./check-place.ts";
import { storeChanged } from "./changed.ts";

/** Opens a store. Permission: entity.stores.write; emits entity.storeChanged.
 *  @throws already_exists (409) with the pointer /code or /reference, invalid_timezone, invalid_currency (422) */
export const createStore = command<typeof entityContract, "createStore">(async (tx, params, ctx) => {
  checkPlace(params);
  const tenant = await tenants.get(ctx, tx.tenantId);
  const { timezone = tenant.timezone, currency = tenant.currency, pricesIncludeTax = true, ...rest } = params;
  const store = await stores.create(ctx, { id: newId(), timezone, currency, pricesIncludeTax, ...rest });
  tx.emit(storeChanged(store));
  return toStore(store);
});
