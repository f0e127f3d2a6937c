import { newId } from "../../../lib/ids.ts";
import { command } from "../../../mixins/handlers.ts";
import type { authContract } from "../contract.ts";
import { findRole, insertRole } from "../models/roles.model.ts";
import { actorRights, mustBeKnown, mustCover } from "./rights.ts";

/** Adds a role. Permission: auth.roles.write; idempotent by key.
 *  @throws unknown_permission, forbidden (a permission that the actor does not hold), already_exists (name or reference) */
export const createRole = command<typeof authContract, "createRole">(async (tx, params, ctx) => {
  mustBeKnown(ctx, params.permissions);
  mustCover(await actorRights(tx, ctx), params.permissions);
  const id = newId();
  await insertRole(tx, { id, ...params });
  return (await findRole(tx, id))!;
});
