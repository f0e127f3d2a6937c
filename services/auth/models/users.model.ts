import { sql, type Tx } from "../../../mixins/database.ts";
import { merged } from "./merged.ts";

export interface UserRow {
  id: string; name: string; email: string; roleIds: string[]; storeIds: string[]; reference: string | null; metadata: Record<string, string>;
  archivedAt: string | null; createdAt: string; updatedAt: string; version: number;
}
export interface NewUser {
  id: string; name: string; email: string; emailKey: string; passwordHash: string; storeIds: readonly string[];
  reference?: string | undefined; metadata?: Record<string, string> | undefined; active: boolean;
}
/** What is left undefined stays as it is. */
export interface UserChange {
  name?: string | undefined; email?: string | undefined; emailKey?: string | undefined; passwordHash?: string | undefined; storeIds?: readonly string[] | undefined;
  reference?: string | null | undefined; metadata?: Record<string, string | null> | null | undefined;
}

const COLUMNS = `u.id, u.name, u.email, u.store_ids AS "storeIds", u.reference, u.metadata, u.archived_at AS "archivedAt", u.created_at AS "createdAt", u.updated_at AS "updatedAt", u.version,
  ARRAY(SELECT role_id FROM user_role r WHERE r.user_id = u.id ORDER BY role_id) AS "roleIds"`;
const FIND = sql("auth.user.find", `SELECT ${COLUMNS} FROM users u WHERE u.id = $1`);
const LOCK = sql("auth.user.lock", "SELECT id FROM users WHERE id = $1 AND archived_at IS NULL FOR UPDATE");
const INSERT = sql("auth.user.insert", `INSERT INTO users (id, name, email, email_key, password_hash, store_ids, reference, metadata, activated_at)
  VALUES ($1, $2, $3, $4, $5, $6::uuid[], $7, $8, CASE WHEN $9 THEN now() END)`);
const UPDATE = sql("auth.user.update", `UPDATE users SET name = coalesce($2, name), email = coalesce($3, email), email_key = coalesce($4, email_key), password_hash = coalesce($5, password_hash),
  store_ids = coalesce($6::uuid[], store_ids), reference = CASE WHEN $7 THEN $8 ELSE reference END, metadata = ${merged('$9')}, updated_at = now(), version = version + 1 WHERE id = $1`);
const ARCHIVE = sql("auth.user.archive", "UPDATE users SET archived_at = now(), updated_at = now(), version = version + 1 WHERE id = $1 AND archived_at IS NULL");
const ACTIVATE = sql("auth.user.activate", "UPDATE users SET activated_at = now() WHERE id = $1 AND activated_at IS NULL");
const CLEAR_ROLES = sql("auth.user.clear-roles", "DELETE FROM user_role WHERE user_id = $1 AND role_id <> ALL($2::uuid[])");
const GIVE_ROLES = sql("auth.user.give-roles", "INSERT INTO user_role (user_id, role_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING");
const page = (order: "DESC" | "ASC", compare: "<" | ">") => `SELECT ${COLUMNS} FROM users u WHERE u.archived_at IS NULL AND ($1::uuid IS NULL OR u.id ${compare} $1) AND ($2::text IS NULL OR u.email_key = $2) ORDER BY u.id ${order} LIMIT $3`;
const NEWEST = sql("auth.user.newest", page("DESC", "<"));
const OLDEST = sql("auth.user.oldest", page("ASC", ">"));
const RIGHTS = sql("auth.user.rights", `SELECT u.store_ids AS "storeIds", u.archived_at IS NULL AS active,
  ARRAY(SELECT DISTINCT p FROM user_role ur JOIN role r ON r.tenant_id = ur.tenant_id AND r.id = ur.role_id, unnest(r.permissions) p WHERE ur.user_id = u.id ORDER BY p) AS permissions
  FROM users u WHERE u.id = $1`);

export interface Rights { permissions: string[]; storeIds: string[]; active: boolean }

export const findUser = async (tx: Tx, id: string): Promise<UserRow | undefined> => (await tx.query<UserRow>(FIND, [id]))[0];

/** The user as it stands, locked until the commit; undefined when there is none or it is archived. */
export async function lockUser(tx: Tx, id: string): Promise<UserRow | undefined> {
  const locked = await tx.query(LOCK, [id]);
  return locked.length ? findUser(tx, id) : undefined;
}

export async function insertUser(tx: Tx, user: NewUser): Promise<void> {
  await tx.change(INSERT, [user.id, user.name, user.email, user.emailKey, user.passwordHash, user.storeIds, user.reference ?? null, JSON.stringify(user.metadata ?? {}), user.active]);
}

export async function updateUser(tx: Tx, id: string, change: UserChange): Promise<void> {
  const metadata = change.metadata === undefined ? null : JSON.stringify(change.metadata);
  await tx.change(UPDATE, [id, change.name ?? null, change.email ?? null, change.emailKey ?? null, change.passwordHash ?? null, change.storeIds ?? null, change.reference !== undefined, change.reference ?? null, metadata]);
}

export const archiveUser = (tx: Tx, id: string): Promise<number> => tx.change(ARCHIVE, [id]);
export const activateUser = (tx: Tx, id: string): Promise<number> => tx.change(ACTIVATE, [id]);

export async function setRoles(tx: Tx, userId: string, roleIds: readonly string[]): Promise<void> {
  await tx.change(CLEAR_ROLES, [userId, roleIds]);
  await tx.change(GIVE_ROLES, [userId, roleIds]);
}

export function pageOfUsers(tx: Tx, given: { after: string | null; email: string | null; newestFirst: boolean; limit: number }): Promise<UserRow[]> {
  return tx.query<UserRow>(given.newestFirst ? NEWEST : OLDEST, [given.after, given.email, given.limit]);
}

/** What the roles of a user allow at this moment; undefined when there is no such user. */
export const rightsOf = async (tx: Tx, userId: string): Promise<Rights | undefined> => (await tx.query<Rights>(RIGHTS, [userId]))[0];
