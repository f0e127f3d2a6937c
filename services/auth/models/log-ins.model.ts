import { sql, type Tx } from "../../../mixins/database.ts";

export interface Candidate { tenantId: string; userId: string; passwordHash: string }

/** More tenants than any accountant serves with one address; each costs one password hash. */
const CANDIDATES_MAX = 10;

// As the worker: who has this address, in any tenant.
const CANDIDATES = sql("auth.log-in.candidates", `SELECT tenant_id AS "tenantId", id AS "userId", password_hash AS "passwordHash" FROM users
  WHERE email_key = $1 AND archived_at IS NULL AND activated_at IS NOT NULL AND ($2::uuid IS NULL OR tenant_id = $2) ORDER BY tenant_id LIMIT ${CANDIDATES_MAX}`);
const LOCKED = sql("auth.log-in.locked", "SELECT ceil(extract(epoch FROM locked_until - now()))::int AS seconds FROM login_failure WHERE email_hash = $1 AND locked_until > now()");
// An hour without a failure forgives the ones before.
const COUNT_FAILURE = sql("auth.log-in.count-failure", `INSERT INTO login_failure (email_hash, failures) VALUES ($1, 1)
  ON CONFLICT (email_hash) DO UPDATE SET failures = CASE WHEN login_failure.failed_at < now() - interval '1 hour' THEN 1 ELSE login_failure.failures + 1 END, failed_at = now() RETURNING failures`);
const LOCK = sql("auth.log-in.lock", "UPDATE login_failure SET locked_until = now() + make_interval(secs => $2) WHERE email_hash = $1");
const FORGIVE = sql("auth.log-in.forgive", "DELETE FROM login_failure WHERE email_hash = $1");
const SWEEP = sql("auth.log-in.sweep", "DELETE FROM login_failure WHERE failed_at < now() - interval '1 day'");

export const candidates = (tx: Tx, emailKey: string, tenantId: string | null): Promise<Candidate[]> => tx.query<Candidate>(CANDIDATES, [emailKey, tenantId]);

/** Seconds until the address may be tried again; 0 when it may be tried now. */
export const lockedFor = async (tx: Tx, emailHash: Buffer): Promise<number> => (await tx.query<{ seconds: number }>(LOCKED, [emailHash]))[0]?.seconds ?? 0;

/** @param lockSeconds what so many failures in a row cost */
export async function countFailure(tx: Tx, emailHash: Buffer, lockSeconds: (failures: number) => number): Promise<void> {
  const { failures } = (await tx.query<{ failures: number }>(COUNT_FAILURE, [emailHash]))[0]!;
  const seconds = lockSeconds(failures);
  if (seconds > 0) await tx.change(LOCK, [emailHash, seconds]);
}

export const forgive = (tx: Tx, emailHash: Buffer): Promise<number> => tx.change(FORGIVE, [emailHash]);
export const sweepFailures = (tx: Tx): Promise<number> => tx.change(SWEEP);
