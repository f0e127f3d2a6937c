import { sql, type Tx } from "../../../mixins/database.ts";
import { merged } from "./merged.ts";

export interface ApiKeyRow {
  id: string; name: string; permissions: string[]; expiresAt: string | null; reference: string | null; metadata: Record<string, string>; createdAt: string; updatedAt: string; version: number;
}
export interface NewApiKey { id: string; name: string; permissions: readonly string[]; secretHash: Buffer; expiresAt?: string | undefined; reference?: string | undefined; metadata?: Record<string, string> | undefined }
export interface ApiKeyChange {
  name?: string | undefined; permissions?: readonly string[] | undefined; expiresAt?: string | null | undefined; reference?: string | null | undefined; metadata?: Record<string, string | null> | null | undefined;
}

const COLUMNS = `id, name, permissions, expires_at AS "expiresAt", reference, metadata, created_at AS "createdAt", updated_at AS "updatedAt", version`;
const FIND = sql("auth.api-key.find", `SELECT ${COLUMNS} FROM api_key WHERE id = $1 AND revoked_at IS NULL`);
const LOCK = sql("auth.api-key.lock", `SELECT ${COLUMNS} FROM api_key WHERE id = $1 AND revoked_at IS NULL FOR UPDATE`);
const INSERT = sql("auth.api-key.insert", "INSERT INTO api_key (id, name, permissions, secret_hash, expires_at, reference, metadata) VALUES ($1, $2, $3, $4, $5, $6, $7)");
const UPDATE = sql("auth.api-key.update", `UPDATE api_key SET name = coalesce($2, name), permissions = coalesce($3, permissions), expires_at = CASE WHEN $4 THEN $5::timestamptz ELSE expires_at END,
  reference = CASE WHEN $6 THEN $7 ELSE reference END, metadata = ${merged('$8')}, updated_at = now(), version = version + 1 WHERE id = $1`);
const REVOKE = sql("auth.api-key.revoke", "UPDATE api_key SET revoked_at = now(), updated_at = now(), version = version + 1 WHERE id = $1");
const BY_SECRET = sql("auth.api-key.by-secret", "SELECT permissions, expires_at AS \"expiresAt\" FROM api_key WHERE id = $1 AND secret_hash = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())");
const page = (order: "DESC" | "ASC", compare: "<" | ">") => `SELECT ${COLUMNS} FROM api_key WHERE revoked_at IS NULL AND ($1::uuid IS NULL OR id ${compare} $1) ORDER BY id ${order} LIMIT $2`;
const NEWEST = sql("auth.api-key.newest", page("DESC", "<"));
const OLDEST = sql("auth.api-key.oldest", page("ASC", ">"));

export const findApiKey = async (tx: Tx, id: string): Promise<ApiKeyRow | undefined> => (await tx.query<ApiKeyRow>(FIND, [id]))[0];
export const lockApiKey = async (tx: Tx, id: string): Promise<ApiKeyRow | undefined> => (await tx.query<ApiKeyRow>(LOCK, [id]))[0];

export async function insertApiKey(tx: Tx, key: NewApiKey): Promise<void> {
  await tx.change(INSERT, [key.id, key.name, key.permissions, key.secretHash, key.expiresAt ?? null, key.reference ?? null, JSON.stringify(key.metadata ?? {})]);
}

export async function updateApiKey(tx: Tx, id: string, change: ApiKeyChange): Promise<void> {
  const metadata = change.metadata === undefined ? null : JSON.stringify(change.metadata);
  await tx.change(UPDATE, [id, change.name ?? null, change.permissions ?? null, change.expiresAt !== undefined, change.expiresAt ?? null, change.reference !== undefined, change.reference ?? null, metadata]);
}

export const revokeApiKey = (tx: Tx, id: string): Promise<number> => tx.change(REVOKE, [id]);
export const pageOfApiKeys = (tx: Tx, given: { after: string | null; newestFirst: boolean; limit: number }): Promise<ApiKeyRow[]> =>
  tx.query<ApiKeyRow>(given.newestFirst ? NEWEST : OLDEST, [given.after, given.limit]);

/** The rights of a key that is neither revoked nor expired. */
export const keyBySecret = async (tx: Tx, key: { id: string; hash: Buffer }): Promise<{ permissions: string[]; expiresAt: string | null } | undefined> =>
  (await tx.query<{ permissions: string[]; expiresAt: string | null }>(BY_SECRET, [key.id, key.hash]))[0];
