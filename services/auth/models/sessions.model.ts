import { sql, type Tx } from "../../../mixins/database.ts";

export type EndReason = "logout" | "reuse" | "password" | "removed";
interface TokenAt { id: string; hash: Buffer }

/** A session that nobody refreshes for so long ends by itself. */
export const SESSION_TTL_DAYS = 30;
const EXPIRES = `now() + interval '${SESSION_TTL_DAYS} days'`;

const OPEN = sql("auth.session.open", `INSERT INTO session (id, user_id, expires_at) VALUES ($1, $2, ${EXPIRES})`);
const ADD_TOKEN = sql("auth.session.add-token", "INSERT INTO refresh_token (id, session_id, secret_hash) VALUES ($1, $2, $3)");
// The row lock lets exactly one of many parallel uses through: the others find used_at set.
const USE_TOKEN = sql("auth.session.use-token", "UPDATE refresh_token SET used_at = now() WHERE id = $1 AND secret_hash = $2 AND used_at IS NULL RETURNING session_id AS \"sessionId\"");
const TOKEN_SESSION = sql("auth.session.token-session", "SELECT session_id AS \"sessionId\" FROM refresh_token WHERE id = $1 AND secret_hash = $2");
const PROLONG = sql("auth.session.prolong", `UPDATE session SET refreshed_at = now(), expires_at = ${EXPIRES} WHERE id = $1 AND ended_at IS NULL AND expires_at > now() RETURNING user_id AS "userId"`);
const END = sql("auth.session.end", "UPDATE session SET ended_at = now(), end_reason = $2 WHERE id = $1 AND ended_at IS NULL");
const END_OF_USER = sql("auth.session.end-of-user", "UPDATE session SET ended_at = now(), end_reason = $2 WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $3::uuid");
const USER_OF = sql("auth.session.user-of", "SELECT user_id AS \"userId\" FROM session WHERE id = $1");
// Asked once a second for each session that is at work, hence one statement.
const STANDING = sql("auth.session.standing", `SELECT u.store_ids AS "storeIds",
  ARRAY(SELECT DISTINCT p FROM user_role ur JOIN role r ON r.tenant_id = ur.tenant_id AND r.id = ur.role_id, unnest(r.permissions) p WHERE ur.tenant_id = u.tenant_id AND ur.user_id = u.id ORDER BY p) AS permissions
  FROM session s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND u.archived_at IS NULL`);
// Ended families are kept for a week, so that a late second use is still known for what it is.
const SWEEP = sql("auth.session.sweep", "DELETE FROM session WHERE expires_at < now() - interval '7 days' OR ended_at < now() - interval '7 days'");

export async function openSession(tx: Tx, session: { id: string; userId: string; token: TokenAt }): Promise<void> {
  await tx.change(OPEN, [session.id, session.userId]);
  await addToken(tx, session.id, session.token);
}

export async function addToken(tx: Tx, sessionId: string, token: TokenAt): Promise<void> {
  await tx.change(ADD_TOKEN, [token.id, sessionId, token.hash]);
}

/** Uses a refresh token up. @returns its session, or undefined when it is unknown or used already */
export const useToken = async (tx: Tx, token: TokenAt): Promise<string | undefined> => (await tx.query<{ sessionId: string }>(USE_TOKEN, [token.id, token.hash]))[0]?.sessionId;
export const sessionOfToken = async (tx: Tx, token: TokenAt): Promise<string | undefined> => (await tx.query<{ sessionId: string }>(TOKEN_SESSION, [token.id, token.hash]))[0]?.sessionId;

/** @returns the user of the session, or undefined when it has ended */
export const prolongSession = async (tx: Tx, id: string): Promise<string | undefined> => (await tx.query<{ userId: string }>(PROLONG, [id]))[0]?.userId;

export const endSession = (tx: Tx, id: string, reason: EndReason): Promise<number> => tx.change(END, [id, reason]);
export const endSessionsOf = (tx: Tx, userId: string, reason: EndReason, except?: string): Promise<number> => tx.change(END_OF_USER, [userId, reason, except ?? null]);
export const userOfSession = async (tx: Tx, id: string): Promise<string | undefined> => (await tx.query<{ userId: string }>(USER_OF, [id]))[0]?.userId;
/** What the user of a session may do now; undefined when the session has ended or never was. */
export const standing = async (tx: Tx, id: string): Promise<{ permissions: string[]; storeIds: string[] } | undefined> => (await tx.query<{ permissions: string[]; storeIds: string[] }>(STANDING, [id]))[0];

/** As the worker: forgets what nobody can refresh any more, with its tokens. */
export const sweepSessions = (tx: Tx): Promise<number> => tx.change(SWEEP);
