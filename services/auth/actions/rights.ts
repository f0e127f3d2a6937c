import { refuse } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { platformOf } from "../../../node/platform.ts";
import { beyond, firstUnknown, permissionCatalogue } from "../domain/permission-catalogue.ts";
import { refuse as refuseAuth } from "../errors.ts";
import { rolesNamed, type RoleRow } from "../models/roles.model.ts";
import { rightsOf } from "../models/users.model.ts";

export interface ActorRights { readonly permissions: readonly string[]; readonly storeIds: readonly string[] }

/** What the actor may do now. For a user it is read again: a token can be a quarter of an hour behind a role that was taken away.
 *  @throws unauthenticated when the user was removed */
export async function actorRights(tx: Tx, ctx: Ctx): Promise<ActorRights> {
  const identity = identityOf(ctx);
  if (identity.service) return identity;
  const rights = await rightsOf(tx, identity.actorId);
  if (rights && !rights.active) throw refuse.unauthenticated();
  return rights ?? identity;
}

/** Nobody grants, changes or takes away what they do not hold. @throws forbidden (403) */
export function mustCover(actor: ActorRights, wanted: readonly string[]): void {
  const missing = beyond(actor.permissions, wanted);
  if (missing !== undefined) throw refuse.forbidden(`You do not hold ${missing} yourself`, { permission: missing });
}

/** Who is kept to some stores cannot let others into more. @throws forbidden (403) */
export function mustCoverStores(actor: ActorRights, storeIds: readonly string[]): void {
  if (actor.storeIds.length === 0) return;
  const within = storeIds.length > 0 && storeIds.every((id) => actor.storeIds.includes(id));
  if (!within) throw refuse.forbidden("You can give access only to stores that you have access to");
}

/** @throws unknown_permission (422): a typing error would otherwise open nothing, silently */
export function mustBeKnown(ctx: Ctx, wanted: readonly string[]): void {
  const at = firstUnknown(wanted, knownPermissions(ctx));
  if (at >= 0) throw refuseAuth.unknown_permission(`There is no permission ${wanted[at]}`, { pointer: `/permissions/${at}` });
}

export const knownPermissions = (ctx: Ctx): string[] => permissionCatalogue(platformOf(ctx.broker).contracts).map((entry) => entry.permission);

/** The roles with these ids. @throws not_found (404) naming the first that this tenant does not have */
export async function mustExist(tx: Tx, roleIds: readonly string[]): Promise<RoleRow[]> {
  const roles = await rolesNamed(tx, roleIds);
  const missing = roleIds.findIndex((id) => !roles.some((role) => role.id === id));
  if (missing >= 0) throw refuse.not_found("There is no such role", { pointer: `/roleIds/${missing}` });
  return roles;
}

/** `If-Match` against the row that is locked. @throws stale (412) */
export function mustMatch(ctx: Ctx, version: number): void {
  if (ctx.meta.ifMatch !== undefined && ctx.meta.ifMatch !== version) throw refuse.stale();
}
