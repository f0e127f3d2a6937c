import { sql, type Tx } from "../../../mixins/database.ts";
import { START, type Link, type SealedEntry } from "../domain/audit-chain.ts";

export interface AuditRow extends SealedEntry { readonly actorName: string | null }
export interface AuditFilter { readonly action?: string | undefined; readonly actorId?: string | undefined; readonly resourceId?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined }

const LINK = "seq, encode(hash, 'hex') AS hash";
// Makes the row where there is none, and holds it: one appends to a tenant's chain at a time.
const HOLD_HEAD = sql("audit.hold-head", `INSERT INTO audit_head (seq, hash) VALUES (0, '') ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_head.seq RETURNING ${LINK}`);
const HEAD = sql("audit.head", `SELECT ${LINK} FROM audit_head`);
const MOVE_HEAD = sql("audit.move-head", "UPDATE audit_head SET seq = $1, hash = decode($2, 'hex')");
const APPEND = sql("audit.append", `INSERT INTO audit_log (seq, id, at, action, actor_id, actor_kind, resource_id, fields, request_id, address, previous, hash)
  SELECT e.seq, e.id, e.at, e.action, e."actorId", e."actorKind", e."resourceId", ARRAY(SELECT json_array_elements_text(e.fields)), e."requestId", e.address, decode(e.previous, 'hex'), decode(e.hash, 'hex')
  FROM json_to_recordset($1) AS e(seq bigint, id uuid, at timestamptz, action text, "actorId" text, "actorKind" text, "resourceId" text, fields json, "requestId" text, address text, previous text, hash text)`);
const COLUMNS = `l.seq, l.id, l.at, l.action, l.actor_id AS "actorId", l.actor_kind AS "actorKind", l.resource_id AS "resourceId", l.fields, l.request_id AS "requestId", l.address,
  encode(l.previous, 'hex') AS previous, encode(l.hash, 'hex') AS hash`;
const BEHIND = sql("audit.behind", `SELECT ${COLUMNS} FROM audit_log l WHERE l.seq > $1 AND l.seq <= $2 ORDER BY l.seq LIMIT $3`);
const ACTOR_NAME = `CASE l.actor_kind WHEN 'user' THEN (SELECT u.name FROM users u WHERE u.id = l.actor_id::uuid) WHEN 'apiKey' THEN (SELECT k.name FROM api_key k WHERE k.id = l.actor_id::uuid) END`;
const page = (beyond: "<" | ">", order: "DESC" | "ASC") => `SELECT ${COLUMNS}, ${ACTOR_NAME} AS "actorName" FROM audit_log l
  WHERE ($1::text IS NULL OR l.action = $1) AND ($2::text IS NULL OR l.actor_id = $2) AND ($3::text IS NULL OR l.resource_id = $3) AND ($4::timestamptz IS NULL OR l.at >= $4)
    AND ($5::timestamptz IS NULL OR l.at <= $5) AND ($6::bigint IS NULL OR l.seq ${beyond} $6) ORDER BY l.seq ${order} LIMIT $7`;
const NEWEST = sql("audit.newest", page("<", "DESC"));
const OLDEST = sql("audit.oldest", page(">", "ASC"));

/** The end of the tenant's chain, held until the end of the transaction. */
export const holdHead = async (tx: Tx): Promise<Link> => (await tx.query<Link>(HOLD_HEAD))[0]!;
export const readHead = async (tx: Tx): Promise<Link> => (await tx.query<Link>(HEAD))[0] ?? START;

export async function append(tx: Tx, entries: readonly SealedEntry[]): Promise<void> {
  const last = entries.at(-1)!;
  await Promise.all([tx.change(APPEND, [JSON.stringify(entries)]), tx.change(MOVE_HEAD, [last.seq, last.hash])]);
}

/** In their order; not beyond `upTo`, because others append meanwhile. */
export const entriesBehind = (tx: Tx, after: number, upTo: number, limit: number): Promise<SealedEntry[]> => tx.query<SealedEntry>(BEHIND, [after, upTo, limit]);

export function pageOfEntries(tx: Tx, { action, actorId, resourceId, from, to }: AuditFilter, range: { after: number | null; newestFirst: boolean; limit: number }): Promise<AuditRow[]> {
  return tx.query<AuditRow>(range.newestFirst ? NEWEST : OLDEST, [action ?? null, actorId ?? null, resourceId ?? null, from ?? null, to ?? null, range.after, range.limit]);
}

