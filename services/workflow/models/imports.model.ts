import type { ResultOf } from "../../../lib/contract.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import { originOf, type Origin } from "../../../node/log/scope.ts";
import type { workflowContract } from "../contract.ts";
import type { ImportType, Mapping } from "../domain/mappings.ts";
import type { Rejection } from "../domain/rows.ts";

export type ImportJob = ResultOf<(typeof workflowContract)["actions"]["readImport"]>;
/** What the runner must know of the place that the file speaks of. */
export interface ImportContext { readonly timezone: string; readonly currency: string }
export interface TakenImport extends Origin {
  id: string; type: ImportType; storeId: string | null; mapping: Mapping; context: ImportContext; sha256: string;
  doneLine: number; rejected: number; fence: number; attempts: number;
}
/** How many rejected rows are kept with their reason; the count goes on. */
export const REJECTIONS_KEPT = 1_000;
/** Short, so that a dead runner's job goes on soon: a living one renews it. */
const LEASE_S = 15;
const LEASE = `now() + interval '${LEASE_S} seconds'`;

// While its file is coming a job is nobody's to see: it is "queued" to the one who sends it.
const JOB = `id, type, CASE status WHEN 'receiving' THEN 'queued' ELSE status END AS status, store_id AS "storeId", mapping_name AS mapping, json_build_object('rows', rows, 'imported', imported, 'rejected', rejected, 'skipped', skipped) AS counts,
  message, started_at AS "startedAt", finished_at AS "finishedAt", created_at AS "createdAt", updated_at AS "updatedAt", version`;
const CREATE = sql("workflow.create-import", `INSERT INTO import_job (id, type, status, store_id, mapping_name, mapping, context, traceparent, request_id, actor)
  VALUES ($1, $2, 'receiving', $3, $4, $5, $6, $7, $8, $9) RETURNING ${JOB}`);
const LOCK = sql("workflow.lock-import", "SELECT status FROM import_job WHERE id = $1 FOR SHARE");
const CHUNK = sql("workflow.append-chunk", "INSERT INTO import_chunk (import_id, index, text) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
const QUEUE = sql("workflow.queue-import", `UPDATE import_job SET status = 'queued', sha256 = $2, updated_at = now(), version = version + 1, lease_until = now()
  WHERE id = $1 AND status = 'receiving' RETURNING ${JOB}`);
const DROP = sql("workflow.drop-import", "DELETE FROM import_job WHERE id = $1 AND status = 'receiving'");
const READ = sql("workflow.read-import", `SELECT ${JOB}, coalesce((SELECT json_agg(json_build_object('line', r.line, 'code', r.code, 'message', r.message) ORDER BY r.line)
  FROM import_rejection r WHERE r.import_id = $1), '[]') AS rejected FROM import_job WHERE id = $1 AND status <> 'receiving'`);
const LIST = sql("workflow.list-imports", `SELECT ${JOB}, '[]'::json AS rejected FROM import_job
  WHERE status <> 'receiving' AND ($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`);
const DUE = sql("workflow.due-imports", "SELECT tenant_id AS tenant, id FROM import_job WHERE status IN ('queued', 'running') AND lease_until <= now() ORDER BY lease_until LIMIT 10");
const ABANDONED = sql("workflow.abandoned-imports", "DELETE FROM import_job WHERE status = 'receiving' AND created_at < now() - interval '1 day'");
const TAKE = sql("workflow.take-import", `UPDATE import_job SET status = 'running', fence = fence + 1, attempts = attempts + 1, started_at = coalesce(started_at, now()), updated_at = now(), lease_until = ${LEASE}
  WHERE id = $1 AND status IN ('queued', 'running') AND lease_until <= now()
  RETURNING id, type, store_id AS "storeId", mapping, context, sha256, done_line AS "doneLine", rejected, fence, attempts,
    traceparent, request_id AS "requestId", actor`);
const READ_CHUNK = sql("workflow.read-chunk", "SELECT text FROM import_chunk WHERE import_id = $1 AND index = $2");
const CHECKPOINT = sql("workflow.checkpoint-import", `UPDATE import_job SET done_line = $3, rows = rows + $4 + $5 + $6, imported = imported + $4, skipped = skipped + $5, rejected = rejected + $6,
  attempts = 0, updated_at = now(), version = version + 1, lease_until = ${LEASE} WHERE id = $1 AND fence = $2 AND status = 'running'`);
const REJECT = sql("workflow.reject-rows", `INSERT INTO import_rejection (import_id, line, code, message)
  SELECT $1, r.line, r.code, r.message FROM json_to_recordset($2::json) AS r(line bigint, code text, message text) ON CONFLICT DO NOTHING`);
const FINISH = sql("workflow.finish-import", `UPDATE import_job SET status = $3, message = $4, finished_at = now(), updated_at = now(), version = version + 1
  WHERE id = $1 AND fence = $2 AND status = 'running'`);
const RENEW = sql("workflow.renew-import", `UPDATE import_job SET lease_until = ${LEASE} WHERE id = $1 AND fence = $2 AND status = 'running'`);
const RELEASE = sql("workflow.release-import", "UPDATE import_job SET lease_until = now() + $3 * interval '1 second', updated_at = now() WHERE id = $1 AND fence = $2 AND status = 'running'");
const DROP_CHUNKS = sql("workflow.drop-chunks", "DELETE FROM import_chunk WHERE import_id = $1");

type JobRow = Omit<ImportJob, "rejected">;

export async function createJob(tx: Tx, job: { id: string; type: ImportType; storeId: string | null; mappingName: string | null; mapping: Mapping; context: ImportContext }): Promise<ImportJob> {
  const { traceparent, requestId, actor } = originOf();
  const rows = await tx.query<JobRow>(CREATE, [job.id, job.type, job.storeId, job.mappingName, JSON.stringify(job.mapping), JSON.stringify(job.context), traceparent, requestId, actor]);
  return { ...rows[0]!, rejected: [] };
}

/** The state of a job, which nobody changes before this transaction ends. */
export async function lockedStatus(tx: Tx, id: string): Promise<string | undefined> {
  return (await tx.query<{ status: string }>(LOCK, [id]))[0]?.status;
}

export async function appendChunk(tx: Tx, chunk: { importId: string; index: number; text: string }): Promise<void> {
  await tx.change(CHUNK, [chunk.importId, chunk.index, chunk.text]);
}

export async function queueJob(tx: Tx, id: string, sha256: string): Promise<ImportJob | undefined> {
  const row = (await tx.query<JobRow>(QUEUE, [id, sha256]))[0];
  return row && { ...row, rejected: [] };
}

/** A file that will not be complete. */
export const dropJob = (tx: Tx, id: string): Promise<number> => tx.change(DROP, [id]);
export const readJob = async (tx: Tx, id: string): Promise<ImportJob | undefined> => (await tx.query<ImportJob>(READ, [id]))[0];
export const listJobs = (tx: Tx, given: { type: string | null; status: string | null; before: string | null; limit: number }): Promise<ImportJob[]> =>
  tx.query<ImportJob>(LIST, [given.type, given.status, given.before, given.limit]);

export const dueImports = (tx: Tx): Promise<{ tenant: string; id: string }[]> => tx.query(DUE);
/** Files whose sender went away. */
export const dropAbandoned = (tx: Tx): Promise<number> => tx.change(ABANDONED);
export const takeImport = async (tx: Tx, id: string): Promise<TakenImport | undefined> => (await tx.query<TakenImport>(TAKE, [id]))[0];
export const readChunk = async (tx: Tx, id: string, index: number): Promise<string | undefined> => (await tx.query<{ text: string }>(READ_CHUNK, [id, index]))[0]?.text;

/** Everything up to `doneLine` is done. @returns false when another runner owns the job now */
export async function checkpoint(tx: Tx, job: TakenImport, done: { line: number; imported: number; skipped: number; rejections: readonly Rejection[] }): Promise<boolean> {
  const kept = done.rejections.slice(0, Math.max(0, REJECTIONS_KEPT - job.rejected));
  if (kept.length) await tx.change(REJECT, [job.id, JSON.stringify(kept)]);
  return (await tx.change(CHECKPOINT, [job.id, job.fence, done.line, done.imported, done.skipped, done.rejections.length])) === 1;
}

/** Ends a job and throws its file away. */
export async function finishJob(tx: Tx, job: TakenImport, status: "completed" | "failed", message: string | null): Promise<void> {
  if ((await tx.change(FINISH, [job.id, job.fence, status, message])) === 1) await tx.change(DROP_CHUNKS, [job.id]);
}

/** Holds the lease for another while. Another runner's is left alone. */
export async function renewLease(tx: Tx, job: TakenImport): Promise<void> {
  await tx.change(RENEW, [job.id, job.fence]);
}

/** Gives the lease back: another try comes after a pause. */
export async function releaseJob(tx: Tx, job: TakenImport, pauseS: number): Promise<void> {
  await tx.change(RELEASE, [job.id, job.fence, pauseS]);
}
