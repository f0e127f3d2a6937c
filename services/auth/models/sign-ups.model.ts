import { sql, type Tx } from "../../../mixins/database.ts";

export interface SignUpRow { userId: string; active: boolean; passwordHash: string }

const RECORD = sql("auth.sign-up.record", "INSERT INTO signup (user_id, request_hash) VALUES ($1, $2)");
const SAME = sql("auth.sign-up.same", `SELECT s.user_id AS "userId", u.activated_at IS NOT NULL AS active, u.password_hash AS "passwordHash"
  FROM signup s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id WHERE s.request_hash = $1 AND s.created_at > now() - interval '1 day' AND u.archived_at IS NULL`);
const FORGET = ["signup", "user_role", "users", "role"].map((table) => sql(`auth.sign-up.forget-${table}`, `DELETE FROM ${table}`));

export const recordSignUp = (tx: Tx, userId: string, requestHash: string): Promise<number> => tx.change(RECORD, [userId, requestHash]);

/** The sign-up that opened this tenant, when it asked for the same, within a day. */
export const sameSignUp = async (tx: Tx, requestHash: string): Promise<SignUpRow | undefined> => (await tx.query<SignUpRow>(SAME, [requestHash]))[0];

/** Takes back everything that a refused sign-up had laid down: row-level security keeps this to the one tenant. */
export async function forgetSignUp(tx: Tx): Promise<void> {
  for (const statement of FORGET) await tx.change(statement);
}
