import type { ResultOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { CloudEvent } from "../../../node/event-bus.ts";
import type { Origin } from "../../../node/log/scope.ts";
import type { workflowContract } from "../contract.ts";
import type { StockLow } from "../domain/low-stock.ts";
import type { WorkflowStep } from "../domain/templates.ts";

export type Run = ResultOf<(typeof workflowContract)["actions"]["retryWorkflowRun"]>;
export interface TakenRun extends Origin { id: string; input: StockLow; fence: number }
export interface TakenStep { index: number; config: WorkflowStep; tries: number }

/** An event that sets off a run. */
type Cause = Pick<CloudEvent, "id" | "data" | "traceparent" | "requestid" | "actor">;

/** Longer than the slowest step: a mail server has 10 s to answer each of its lines. */
const LEASE_S = 60;

// One run per workflow and event, whatever delivers the event twice.
const OPEN = sql("workflow.open-runs", `WITH run AS (
    INSERT INTO workflow_run (id, workflow_id, event_id, status, input, traceparent, request_id, actor)
    SELECT e.run, w.id, e.event, 'running', e.data, e.traceparent, e.requestid, e.actor
    FROM json_to_recordset($2::json) AS e(run uuid, event uuid, data jsonb, traceparent text, requestid text, actor text) CROSS JOIN workflow w WHERE w.trigger_event = $1 AND w.enabled
    ON CONFLICT DO NOTHING RETURNING id, workflow_id
  )
  INSERT INTO workflow_step (run_id, index, kind, config)
  SELECT run.id, step.no - 1, step.config->>'kind', step.config FROM run JOIN workflow w ON w.id = run.workflow_id CROSS JOIN LATERAL jsonb_array_elements(w.steps) WITH ORDINALITY AS step(config, no)`);
const DUE = sql("workflow.due-runs", "SELECT tenant_id AS tenant, id FROM workflow_run WHERE status = 'running' AND due_at <= now() ORDER BY due_at LIMIT 20");
const TAKE = sql("workflow.take-run", `UPDATE workflow_run SET fence = fence + 1, due_at = now() + interval '${LEASE_S} seconds', updated_at = now()
  WHERE id = $1 AND status = 'running' AND due_at <= now() RETURNING id, input, fence, traceparent, request_id AS "requestId", actor`);
const STEPS = sql("workflow.waiting-steps", "SELECT index, config, tries FROM workflow_step WHERE run_id = $1 AND status = 'waiting' ORDER BY index");
const ATTEMPT = sql("workflow.step-attempt", `UPDATE workflow_step SET status = $4, tries = tries + 1, attempts = attempts || jsonb_build_array(jsonb_build_object(
    'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'outcome', $5::text, 'message', $6::text))
  WHERE run_id = $1 AND index = $2 AND status = 'waiting' AND EXISTS (SELECT 1 FROM workflow_run WHERE id = $1 AND fence = $3 AND status = 'running')`);
const LATER = sql("workflow.run-later", "UPDATE workflow_run SET due_at = now() + $3 * interval '1 second', updated_at = now() WHERE id = $1 AND fence = $2");
const END = sql("workflow.end-run", "UPDATE workflow_run SET status = $3, finished_at = now(), updated_at = now() WHERE id = $1 AND fence = $2 AND status = 'running'");
const RUN = `r.id, r.workflow_id AS "workflowId", r.event_id AS "eventId", r.status, r.input, r.finished_at AS "finishedAt", r.created_at AS "createdAt", r.updated_at AS "updatedAt",
  CASE WHEN r.status = 'running' THEN r.due_at END AS "nextAttemptAt",
  (SELECT json_agg(json_build_object('kind', s.kind, 'status', s.status, 'attempts', s.attempts) ORDER BY s.index) FROM workflow_step s WHERE s.run_id = r.id) AS steps`;
const LIST = sql("workflow.list-runs", `SELECT ${RUN} FROM workflow_run r WHERE r.workflow_id = $1 AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3`);
const READ = sql("workflow.read-run", `SELECT ${RUN} FROM workflow_run r WHERE r.workflow_id = $1 AND r.id = $2`);
const AGAIN = sql("workflow.retry-run", `WITH run AS (UPDATE workflow_run SET status = 'running', due_at = now(), finished_at = NULL, updated_at = now() WHERE workflow_id = $1 AND id = $2 AND status = 'failed' RETURNING id)
  UPDATE workflow_step s SET status = 'waiting', tries = 0 FROM run WHERE s.run_id = run.id AND s.status = 'failed'`);

export async function openRuns(tx: Tx, trigger: string, events: readonly Cause[]): Promise<void> {
  await tx.change(OPEN, [trigger, JSON.stringify(events.map(({ id, data, traceparent, requestid, actor }) => ({ run: newId(), event: id, data, traceparent, requestid, actor })))]);
}

export const dueRuns = (tx: Tx): Promise<{ tenant: string; id: string }[]> => tx.query(DUE);
export const takeRun = async (tx: Tx, id: string): Promise<TakenRun | undefined> => (await tx.query<TakenRun>(TAKE, [id]))[0];
export const waitingSteps = (tx: Tx, runId: string): Promise<TakenStep[]> => tx.query<TakenStep>(STEPS, [runId]);

/** Notes one attempt of a step. @returns false when another process owns the run now */
export async function noteAttempt(tx: Tx, run: TakenRun, index: number, attempt: { status: "waiting" | "completed" | "failed"; message: string | null }): Promise<boolean> {
  const outcome = attempt.status === "completed" ? "done" : "failed";
  return (await tx.change(ATTEMPT, [run.id, index, run.fence, attempt.status, outcome, attempt.message])) === 1;
}

export const runLater = (tx: Tx, run: TakenRun, pauseS: number): Promise<number> => tx.change(LATER, [run.id, run.fence, pauseS]);
export const endRun = (tx: Tx, run: TakenRun, status: "completed" | "failed"): Promise<number> => tx.change(END, [run.id, run.fence, status]);
export const listRuns = (tx: Tx, workflowId: string, before: string | null, limit: number): Promise<Run[]> => tx.query<Run>(LIST, [workflowId, before, limit]);
export const readRun = async (tx: Tx, workflowId: string, id: string): Promise<Run | undefined> => (await tx.query<Run>(READ, [workflowId, id]))[0];
/** @returns false when the run has not failed */
export const runAgain = async (tx: Tx, workflowId: string, id: string): Promise<boolean> => (await tx.change(AGAIN, [workflowId, id])) > 0;
