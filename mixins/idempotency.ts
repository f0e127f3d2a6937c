import { createHmac } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { DomainError, refuse } from "../lib/errors.ts";
import { currentScope } from "../node/log/scope.ts";
import { platformOf } from "../node/platform.ts";
import type { IdempotencyClaim } from "./call.ts";
import { sql, type Tx } from "./database.ts";

// The lock makes a second request with the key fail at once instead of waiting for the first one's commit, where that may take long.
const LOOK_UP = sql("idempotency.look-up", `SELECT l.locked, k.request_hash AS hash, k.status, k.response
  FROM (SELECT pg_try_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || $1, 0)) AS locked) l
  LEFT JOIN idempotency_key k ON k.key = $1`);
const REMEMBER = sql("idempotency.remember", "INSERT INTO idempotency_key (key, request_hash, status, response) VALUES ($1, $2, $3, $4)");
/** Takes the keys of a relation with the columns n, key and hash, and answers those that were free; a row without a key takes none. For a statement that takes a key with what it is for.
 *  In the order of the keys, so that two that take the same never wait for each other crosswise. */
export const takeKeys = (wanted: string): string => `INSERT INTO idempotency_key (key, request_hash, lease_until)
  SELECT DISTINCT ON (key) key, hash, now() + interval '30 seconds' FROM ${wanted} WHERE key IS NOT NULL ORDER BY key, n ON CONFLICT DO NOTHING RETURNING key`;
/** Answers the keys of a relation with the columns key, status and response; a row without a key answers none. For a statement that writes the answer with what it is about. */
export const answerKeys = (answers: string): string => `UPDATE idempotency_key k SET status = a.status, response = a.response, lease_until = NULL, answered_at = now()
  FROM ${answers} a WHERE k.key = a.key AND k.key = ANY (ARRAY (SELECT key FROM ${answers}))`;
const SETTLE = sql("idempotency.settle", `WITH given AS MATERIALIZED (SELECT * FROM json_to_recordset($1) AS g("key" text, "status" smallint, "response" text)) ${answerKeys("given")}`);
const FORGET = sql("idempotency.forget", "DELETE FROM idempotency_key WHERE key = $1 AND status IS NULL");

interface Row { locked: boolean; hash: string | null; status: number | null; response: string | null }

/** The first answer to this key, if there is one; `undefined` when the request is new.
 *  @throws idempotency_in_progress (409), idempotency_key_reused (422), or the refusal that was the first answer */
export async function firstAnswer(tx: Tx, claim: IdempotencyClaim): Promise<{ result: unknown } | undefined> {
  const row = (await tx.query<Row>(LOOK_UP, [claim.key]))[0]!;
  if (!row.locked) throw refuse.idempotency_in_progress();
  if (row.hash === null) return undefined;
  if (row.hash !== claim.hash) throw refuse.idempotency_key_reused();
  if (row.status === null) throw refuse.idempotency_in_progress();
  const response: unknown = JSON.parse(row.response!);
  if (row.status >= 400) throw asError(response as StoredRefusal);
  return { result: response };
}

/** Keeps the answer in the transaction of the effect: both commit or neither does. */
export async function rememberAnswer(tx: Tx, claim: IdempotencyClaim, status: number, result: unknown): Promise<void> {
  await tx.change(REMEMBER, [claim.key, claim.hash, status, JSON.stringify(result)]);
}

/** For a saga, whose key is taken in its first transaction (`openSaga`) and answered in its last. */
export async function settleAnswer(tx: Tx, key: string, status: number, result: unknown): Promise<void> {
  await tx.merged(SETTLE, { key, status, response: JSON.stringify(result) });
}

export async function settleRefusal(tx: Tx, key: string, refusal: StoredRefusal): Promise<void> {
  await settleAnswer(tx, key, refusal.code, refusal);
}

/** Frees the key: nothing happened, so nothing is remembered. */
export async function forgetAnswer(tx: Tx, key: string): Promise<void> {
  await tx.change(FORGET, [key]);
}

/** `requestId`: of the request that was refused first, because the answer to a repeated one is the same byte for byte. */
export interface StoredRefusal { type: string; code: number; detail: string; data: Record<string, unknown>; requestId?: string | undefined }

export const asStored = (error: DomainError): StoredRefusal => ({ type: error.type, code: error.code, detail: error.message, data: error.data, requestId: currentScope()?.requestId });
/** Marked as replayed, so that the edge can say so. */
export const asError = ({ type, code, detail, data, requestId }: StoredRefusal): DomainError => new DomainError(type, code, detail, { ...data, replayed: true, requestId });

/** Two requests are the same when action and parameters are. Keyed, because a body may hold what can be guessed (a card number, an address):
 *  to whoever has a dump of the table and not the key the hash says nothing. */
export function requestHash(broker: ServiceBroker, action: string, params: unknown): string {
  return createHmac("sha256", platformOf(broker).secrets.secretKey("idempotency")).update(action).update("\n").update(canonical(params)).digest("base64url");
}

/** JSON with the keys of each object in order; what is undefined is not there. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(item)}`;
  }
  return `{${text}}`;
}
