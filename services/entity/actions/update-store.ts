import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { toStore } from "../models/representations.ts";
import { stores } from "../models/stores.ts";
import { checkPlace } from "./check-place.ts";
import { storeChanged } from "./changed.ts";

/** Changes a store. Permission: entity.stores.write; emits entity.storeChanged.
 *  @throws not_found, stale, already_exists, invalid_timezone */
export const updateStore = command<typeof entityContract, "updateStore">(async (tx, { id, ...partial }, ctx) => {
  checkPlace(partial);
  const store = await stores.patch(ctx, id, partial);
  tx.emit(storeChanged(store));
  return toStore(store);
});
