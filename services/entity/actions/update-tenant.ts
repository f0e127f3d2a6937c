import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { toTenant } from "../models/representations.ts";
import { tenants } from "../models/tenants.ts";
import { checkPlace } from "./check-place.ts";

/** Changes the own tenant. Permission: entity.tenant.write. @throws stale, invalid_timezone, invalid_currency */
export const updateTenant = command<typeof entityContract, "updateTenant">(async (tx, partial, ctx) => {
  checkPlace(partial);
  return toTenant(await tenants.patch(ctx, tx.tenantId, partial));
});
