import { refuse } from "../../../lib/errors.ts";
import { command } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { DEFAULT_SETTINGS } from "../domain/settings.ts";
import { isCountry, isSlug } from "../domain/places.ts";
import { refuse as refuseEntity } from "../errors.ts";
import { toTenant } from "../models/representations.ts";
import { insertTenant, tenants } from "../models/tenants.ts";
import { checkPlace, invalidField } from "./check-place.ts";

/** Opens a tenant and nothing else. Permission: internal, acting for the very tenant. The same id again answers the tenant as it is.
 *  @throws slug_taken (409), invalid_timezone, invalid_currency (422), invalid_request for country, slug and name */
export const createTenant = command<typeof entityContract, "createTenant">(async (tx, params, ctx) => {
  if (tx.tenantId !== params.id) throw refuse.not_found();
  if (!isSlug(params.slug)) throw invalidField("/slug", "lower-case letters, digits and single hyphens, at most 63");
  if (!isCountry(params.country)) throw invalidField("/country", "two capital letters of ISO 3166-1");
  if (params.name.trim() === "" || params.name.length > 200) throw invalidField("/name", "1 to 200 characters");
  checkPlace(params);
  const outcome = await insertTenant(tx, { ...params, settings: DEFAULT_SETTINGS });
  if (outcome === "taken") throw refuseEntity.slug_taken(undefined, { pointer: "/slug" });
  return toTenant(await tenants.get(ctx, params.id));
});
