import { refuse } from "../../../lib/errors.ts";
import { command } from "../../../mixins/handlers.ts";
import type { authContract } from "../contract.ts";
import { refuse as refuseAuth } from "../errors.ts";
import { deleteRole, lockRole } from "../models/roles.model.ts";
import { actorRights, mustCover, mustMatch } from "./rights.ts";

/** Removes a role that nobody has. Permission: auth.roles.write.
 *  @throws not_found, stale, built_in_role, forbidden, in_use (409, from the foreign key: somebody has it) */
export const removeRole = command<typeof authContract, "removeRole">(async (tx, { id }, ctx) => {
  const role = await lockRole(tx, id);
  if (!role) throw refuse.not_found();
  mustMatch(ctx, role.version);
  if (role.builtIn) throw refuseAuth.built_in_role();
  mustCover(await actorRights(tx, ctx), role.permissions);
  await deleteRole(tx, id);
  return null;
});
