import type { ResultOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { workflowContract } from "../contract.ts";
import { TEMPLATES, type WorkflowStep } from "../domain/templates.ts";

export type Workflow = ResultOf<(typeof workflowContract)["actions"]["readWorkflow"]>;

const WORKFLOW = `id, template, name, enabled, json_build_object('event', trigger_event) AS trigger, steps, created_at AS "createdAt", updated_at AS "updatedAt", version`;
const ENSURE = sql("workflow.ensure-templates", `INSERT INTO workflow (id, template, name, trigger_event, steps)
  SELECT t.id, t.template, t.name, t."triggerEvent", t.steps FROM json_to_recordset($1::json) AS t(id uuid, template text, name text, "triggerEvent" text, steps jsonb) ON CONFLICT DO NOTHING`);
const LIST = sql("workflow.list-workflows", `SELECT ${WORKFLOW} FROM workflow WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`);
const READ = sql("workflow.read-workflow", `SELECT ${WORKFLOW} FROM workflow WHERE id = $1`);
const CHANGE = sql("workflow.change-workflow", `UPDATE workflow SET name = coalesce($3, name), enabled = coalesce($4, enabled), steps = coalesce($5, steps), updated_at = now(), version = version + 1
  WHERE id = $1 AND ($2::int IS NULL OR version = $2) RETURNING ${WORKFLOW}`);

/** The ready-made workflows of the tenant, made if they are not there. */
export async function ensureTemplates(tx: Tx): Promise<void> {
  await tx.change(ENSURE, [JSON.stringify(TEMPLATES.map((template) => ({ id: newId(), ...template })))]);
}

export const listed = (tx: Tx, before: string | null, limit: number): Promise<Workflow[]> => tx.query<Workflow>(LIST, [before, limit]);
export const workflowById = async (tx: Tx, id: string): Promise<Workflow | undefined> => (await tx.query<Workflow>(READ, [id]))[0];

/** @returns undefined when there is none, or it has another version than the one asked for */
export async function changed(tx: Tx, id: string, version: number | undefined, to: { name?: string | undefined; enabled?: boolean | undefined; steps?: readonly WorkflowStep[] | undefined }): Promise<Workflow | undefined> {
  return (await tx.query<Workflow>(CHANGE, [id, version ?? null, to.name ?? null, to.enabled ?? null, to.steps ? JSON.stringify(to.steps) : null]))[0];
}
