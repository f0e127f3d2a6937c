import { refuse } from "../../../lib/errors.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { command, query } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import * as messages from "../models/messages.model.ts";
import { listRuns } from "../models/runs.model.ts";
import { ensureTemplates, listed, workflowById } from "../models/workflows.model.ts";
import { newestFirst } from "./newest-first.ts";

type C = typeof workflowContract;

/** Makes the ready-made ones on the first look. Permission: workflow.workflows.read. @throws invalid_cursor */
export const listWorkflows = command<C, "listWorkflows">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort }, ctx) => {
  newestFirst(sort);
  const before = readCursor(ctx, "workflows", cursor)?.[0] as string | undefined;
  await ensureTemplates(tx);
  return page(ctx, "workflows", { rows: await listed(tx, before ?? null, limit + 1), limit, key: (row) => [row.id], map: (row) => row });
});

/** Permission: workflow.workflows.read. @throws not_found */
export const readWorkflow = query<C, "readWorkflow">(async (tx, { id }) => {
  const workflow = await workflowById(tx, id);
  if (!workflow) throw refuse.not_found();
  return workflow;
});

/** Permission: workflow.workflows.read. @throws not_found, invalid_cursor */
export const listWorkflowRuns = query<C, "listWorkflowRuns">(async (tx, { id, limit = LIMIT_DEFAULT, cursor, sort }, ctx) => {
  newestFirst(sort);
  if (!(await workflowById(tx, id))) throw refuse.not_found();
  const before = readCursor(ctx, `runs ${id}`, cursor)?.[0] as string | undefined;
  return page(ctx, `runs ${id}`, { rows: await listRuns(tx, id, before ?? null, limit + 1), limit, key: (row) => [row.id], map: (row) => row });
});

/** Permission: workflow.notifications.read. @throws invalid_cursor */
export const listNotifications = query<C, "listNotifications">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort, unread }, ctx) => {
  newestFirst(sort);
  const before = readCursor(ctx, "notifications", cursor)?.[0] as string | undefined;
  const rows = await messages.listNotifications(tx, unread ?? null, before ?? null, limit + 1);
  return page(ctx, "notifications", { rows, limit, key: (row) => [row.id], map: (row) => row });
});

/** Permission: workflow.mails.read. @throws invalid_cursor */
export const listMails = query<C, "listMails">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort }, ctx) => {
  newestFirst(sort);
  const before = readCursor(ctx, "mails", cursor)?.[0] as string | undefined;
  return page(ctx, "mails", { rows: await messages.listMails(tx, before ?? null, limit + 1), limit, key: (row) => [row.id], map: (row) => row });
});
