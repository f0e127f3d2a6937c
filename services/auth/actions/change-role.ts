import { refuse } from "../../../lib/errors.ts";
import { command } from "../../../mixins/handlers.ts";
import { refuseTooMuch } from "../../../mixins/merge-patch.ts";
import type { authContract } from "../contract.ts";
import { refuse as refuseAuth } from "../errors.ts";
import { findRole, lockRole, updateRole } from "../models/roles.model.ts";
import { actorRights, mustBeKnown, mustCover, mustMatch } from "./rights.ts";

/** Changes a role. Permission: auth.roles.write. The owner's role never changes; the other built-in ones keep their names.
 *  @throws not_found, stale, built_in_role, unknown_permission, forbidden (a permission of the role, before or after, that the actor does not hold), already_exists, invalid_request (metadata of more than 50 pairs) */
export const changeRole = command<typeof authContract, "changeRole">(async (tx, { id, ...change }, ctx) => {
  const role = await lockRole(tx, id);
  if (!role) throw refuse.not_found();
  mustMatch(ctx, role.version);
  const renamed = change.name !== undefined && change.name !== role.name;
  if (role.builtIn && (renamed || role.name === "owner")) throw refuseAuth.built_in_role();
  if (change.permissions) mustBeKnown(ctx, change.permissions);
  mustCover(await actorRights(tx, ctx), [...role.permissions, ...change.permissions ?? []]);
  await updateRole(tx, id, change);
  const after = (await findRole(tx, id))!;
  refuseTooMuch(after.metadata);
  return after;
});
