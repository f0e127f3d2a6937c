import { newId } from "../../../lib/ids.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import { merged } from "./merged.ts";
import { BUILT_IN_PERMISSIONS, BUILT_IN_ROLES, type BuiltInRole } from "../domain/built-in-roles.ts";

export interface RoleRow {
  id: string; name: string; permissions: string[]; builtIn: boolean; reference: string | null; metadata: Record<string, string>;
  createdAt: string; updatedAt: string; version: number;
}
export interface NewRole { id: string; name: string; permissions: readonly string[]; reference?: string | undefined; metadata?: Record<string, string> | undefined }
export interface RoleChange { name?: string | undefined; permissions?: readonly string[] | undefined; reference?: string | null | undefined; metadata?: Record<string, string | null> | null | undefined }

const COLUMNS = `id, name, permissions, built_in IS NOT NULL AS "builtIn", reference, metadata, created_at AS "createdAt", updated_at AS "updatedAt", version`;
const FIND = sql("auth.role.find", `SELECT ${COLUMNS} FROM role WHERE id = $1`);
const LOCK = sql("auth.role.lock", `SELECT ${COLUMNS} FROM role WHERE id = $1 FOR UPDATE`);
const NAMED = sql("auth.role.named", `SELECT ${COLUMNS} FROM role WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE`);
const INSERT = sql("auth.role.insert", "INSERT INTO role (id, name, permissions, reference, metadata) VALUES ($1, $2, $3, $4, $5)");
const BUILT_IN = sql("auth.role.built-in", `INSERT INTO role (id, name, built_in, permissions)
  SELECT (r->>'id')::uuid, r->>'name', r->>'name', ARRAY(SELECT json_array_elements_text(r->'permissions')) FROM json_array_elements($1::json) r`);
const UPDATE = sql("auth.role.update", `UPDATE role SET name = coalesce($2, name), permissions = coalesce($3, permissions), reference = CASE WHEN $4 THEN $5 ELSE reference END,
  metadata = ${merged('$6')}, updated_at = now(), version = version + 1 WHERE id = $1`);
const DELETE = sql("auth.role.delete", "DELETE FROM role WHERE id = $1");
const page = (order: "DESC" | "ASC", compare: "<" | ">") => `SELECT ${COLUMNS} FROM role WHERE ($1::uuid IS NULL OR id ${compare} $1) ORDER BY id ${order} LIMIT $2`;
const NEWEST = sql("auth.role.newest", page("DESC", "<"));
const OLDEST = sql("auth.role.oldest", page("ASC", ">"));
// Everything that may take the last owner away goes through this row, one after the other.
const LOCK_OWNERSHIP = sql("auth.role.lock-ownership", "SELECT id FROM role WHERE built_in = 'owner' FOR NO KEY UPDATE");
const OWNERS = sql("auth.role.owners", `SELECT count(*)::int AS n FROM role r JOIN user_role ur ON ur.tenant_id = r.tenant_id AND ur.role_id = r.id
  JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id WHERE r.built_in = 'owner' AND u.archived_at IS NULL`);

export const findRole = async (tx: Tx, id: string): Promise<RoleRow | undefined> => (await tx.query<RoleRow>(FIND, [id]))[0];
export const lockRole = async (tx: Tx, id: string): Promise<RoleRow | undefined> => (await tx.query<RoleRow>(LOCK, [id]))[0];
/** Of these ids the roles that exist, held against change until the commit. */
export const rolesNamed = (tx: Tx, ids: readonly string[]): Promise<RoleRow[]> => tx.query<RoleRow>(NAMED, [ids]);

export async function insertRole(tx: Tx, role: NewRole): Promise<void> {
  await tx.change(INSERT, [role.id, role.name, role.permissions, role.reference ?? null, JSON.stringify(role.metadata ?? {})]);
}

/** The six roles that every tenant starts with. @returns their ids by name */
export async function insertBuiltInRoles(tx: Tx): Promise<Record<BuiltInRole, string>> {
  const roles = BUILT_IN_ROLES.map((name) => ({ id: newId(), name, permissions: BUILT_IN_PERMISSIONS[name] }));
  await tx.change(BUILT_IN, [JSON.stringify(roles)]);
  return Object.fromEntries(roles.map((role) => [role.name, role.id])) as Record<BuiltInRole, string>;
}

export async function updateRole(tx: Tx, id: string, change: RoleChange): Promise<void> {
  const metadata = change.metadata === undefined ? null : JSON.stringify(change.metadata);
  await tx.change(UPDATE, [id, change.name ?? null, change.permissions ?? null, change.reference !== undefined, change.reference ?? null, metadata]);
}

export const deleteRole = (tx: Tx, id: string): Promise<number> => tx.change(DELETE, [id]);
export const pageOfRoles = (tx: Tx, given: { after: string | null; newestFirst: boolean; limit: number }): Promise<RoleRow[]> =>
  tx.query<RoleRow>(given.newestFirst ? NEWEST : OLDEST, [given.after, given.limit]);

export const lockOwnership = async (tx: Tx): Promise<void> => void await tx.query(LOCK_OWNERSHIP);
export const countOwners = async (tx: Tx): Promise<number> => (await tx.query<{ n: number }>(OWNERS))[0]!.n;
