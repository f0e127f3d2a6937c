import type { RoleRow } from "../models/roles.model.ts";

/** A role as clients see it: that a role is the owners' is said by its name. */
export function toRole({ isOwner: _, ...role }: RoleRow): Omit<RoleRow, "isOwner"> {
  return role;
}
