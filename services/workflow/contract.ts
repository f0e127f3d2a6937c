import { Type } from "typebox";
import { action, contract } from "../../lib/contract.ts";
import { HistoricEvent } from "../../lib/history-contract.ts";
import { ownDataPatch } from "../../lib/patch-schemas.ts";
import { ById, Closed, Email, Id, Instant, List, Name, Nothing, Nullable, OneOf, Pairs, listParams, ownData, ownDataOut, stamps } from "../../lib/schemas.ts";

export const IMPORT_TYPES = ["products", "inventory", "customers", "suppliers", "sales"] as const;
export const IMPORT_STATUSES = ["queued", "running", "completed", "failed"] as const;
export const DATE_FORMATS = ["iso", "dayFirst", "monthFirst"] as const;
const MAPPING_COLUMNS_MAX = 30;
const Delimiter = Type.String({ minLength: 1, maxLength: 1, description: "one character; a comma unless set" });
const Column = Type.String({ minLength: 1, maxLength: 200 });
const columns = { keyLength: 50, most: MAPPING_COLUMNS_MAX, description: "field: column" };
const DateFormat = OneOf(DATE_FORMATS);

const ImportJob = Closed({
  id: Id, type: OneOf(IMPORT_TYPES), status: OneOf(IMPORT_STATUSES), storeId: Nullable(Id), mapping: Nullable(Type.String()),
  counts: Closed({ rows: Type.Integer(), imported: Type.Integer(), rejected: Type.Integer(), skipped: Type.Integer() }),
  rejected: Type.Array(Closed({ line: Type.Integer(), code: Type.String(), message: Type.String() }), { description: "the first 1,000; empty in a list" }),
  message: Nullable(Type.String({ description: "why it failed" })), startedAt: Nullable(Instant), finishedAt: Nullable(Instant), ...stamps,
});
const ImportMapping = Closed({
  id: Nullable(Id), name: Type.String(), type: OneOf(IMPORT_TYPES), builtIn: Type.Boolean(), columns: Type.Record(Type.String(), Type.String()), dateFormat: DateFormat, delimiter: Type.String(),
  ...ownDataOut, createdAt: Nullable(Instant), updatedAt: Nullable(Instant), version: Type.Integer(),
});
const MappingName = Closed({ id: Type.String({ minLength: 1, maxLength: 200, description: "id, or the name of a built-in mapping" }) });

const Step = Type.Union([
  Closed({ kind: Type.Literal("notify") }),
  Closed({ kind: Type.Literal("email"), to: Type.Array(Email, { maxItems: 20, uniqueItems: true, description: "empty: the owners" }) }),
]);
const Workflow = Closed({ id: Id, template: Type.String(), name: Type.String(), enabled: Type.Boolean(), trigger: Closed({ event: Type.String() }), steps: Type.Array(Step), ...stamps });
const Attempt = Closed({ at: Instant, outcome: OneOf(["done", "failed"]), message: Nullable(Type.String()) });
const Run = Closed({
  id: Id, workflowId: Id, eventId: Id, status: OneOf(["running", "completed", "failed"]), input: Type.Record(Type.String(), Type.Unknown()),
  steps: Type.Array(Closed({ kind: Type.String(), status: OneOf(["waiting", "completed", "failed"]), attempts: Type.Array(Attempt) })),
  nextAttemptAt: Nullable(Instant), finishedAt: Nullable(Instant), createdAt: Instant, updatedAt: Instant,
});
const Notification = Closed({ id: Id, kind: Type.String(), title: Type.String(), body: Type.String(), data: Type.Record(Type.String(), Type.Unknown()), readAt: Nullable(Instant), ...stamps });
const Mail = Closed({ id: Id, runId: Id, to: Type.Array(Type.String()), subject: Type.String(), text: Type.String(), status: OneOf(["queued", "sent", "stored"]), sentAt: Nullable(Instant), createdAt: Instant });

/** Decoded UTF-8 text, 256 kB or less of it. */
const CHUNK_CHARACTERS_MAX = 262_144;

export const workflowContract = contract("workflow", "Workflows and imports", {
  actions: {
    createImport: action({
      summary: "Imports a CSV file: products, opening stock, customers, suppliers or sales history. The same file again changes nothing", rest: "POST /v1/imports", status: 202, location: "/v1/imports/:id",
      permission: "workflow.imports.write", consumes: "text/csv", query: ["type", "storeId", "mapping", "delimiter"],
      params: Closed({ type: OneOf(IMPORT_TYPES), storeId: Type.Optional(Id), mapping: Type.Optional(Name), delimiter: Type.Optional(Delimiter) }),
      result: ImportJob, errors: ["not_found", "store_required"],
    }),
    appendImportChunk: action({
      summary: "The next piece of the file; the same piece again changes nothing", permission: "workflow.imports.write",
      params: Closed({ importId: Id, index: Type.Integer({ minimum: 0, maximum: 1_000_000 }), text: Type.String({ maxLength: CHUNK_CHARACTERS_MAX }) }), result: Closed({}), errors: ["not_found", "conflict"],
    }),
    startImport: action({
      summary: "The file is complete: queues the job", permission: "workflow.imports.write",
      params: Closed({ importId: Id, sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }) }), result: ImportJob, errors: ["not_found", "conflict"],
    }),
    dropImport: action({
      summary: "The file will not be complete: forgets it. One that is complete already stays", permission: "workflow.imports.write", params: Closed({ importId: Id }), result: Closed({}),
    }),
    readImport: action({ summary: "Progress, counts, and each rejected row with its line and why", rest: "GET /v1/imports/:id", permission: "workflow.imports.read", idempotent: true, params: ById, result: ImportJob, errors: ["not_found"] }),
    listImports: action({
      summary: "Imports, newest first", rest: "GET /v1/imports", permission: "workflow.imports.read", idempotent: true,
      params: Closed({ ...listParams, type: Type.Optional(OneOf(IMPORT_TYPES)), status: Type.Optional(OneOf(IMPORT_STATUSES)) }), result: List(ImportJob), errors: ["invalid_cursor"],
    }),

    listImportMappings: action({ summary: "How columns map to fields: the built-in mappings first", rest: "GET /v1/import-mappings", permission: "workflow.imports.read", idempotent: true, params: Closed({ ...listParams, type: Type.Optional(OneOf(IMPORT_TYPES)) }), result: List(ImportMapping), errors: ["invalid_cursor"] }),
    readImportMapping: action({ summary: "One mapping", rest: "GET /v1/import-mappings/:id", permission: "workflow.imports.read", idempotent: true, params: MappingName, result: ImportMapping, errors: ["not_found"] }),
    createImportMapping: action({
      summary: "Makes a mapping; POST /v1/imports names it", rest: "POST /v1/import-mappings", status: 201, location: "/v1/import-mappings/:id", permission: "workflow.imports.write",
      params: Closed({ name: Name, type: OneOf(IMPORT_TYPES), columns: Pairs(Column, columns), dateFormat: Type.Optional(DateFormat), delimiter: Type.Optional(Delimiter), ...ownData }),
      result: ImportMapping, errors: ["already_exists", "invalid_mapping"], example: { name: "our till", type: "sales", columns: { number: "Receipt", sku: "Article", quantity: "Pieces", at: "Time", unitPrice: "Price" } },
    }),
    changeImportMapping: action({
      summary: "Changes a mapping; a column of null takes its field away", rest: "PATCH /v1/import-mappings/:id", permission: "workflow.imports.write",
      params: Closed({ id: Id, name: Type.Optional(Name), columns: Type.Optional(Pairs(Nullable(Column), columns)), dateFormat: Type.Optional(DateFormat), delimiter: Type.Optional(Delimiter), ...ownDataPatch }),
      result: ImportMapping, errors: ["not_found", "already_exists", "invalid_mapping", "stale"],
    }),
    removeImportMapping: action({ summary: "Removes a mapping; imports that used it keep their copy", rest: "DELETE /v1/import-mappings/:id", status: 204, permission: "workflow.imports.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),

    listWorkflows: action({ summary: "Workflows: the ready-made low-stock alert", rest: "GET /v1/workflows", permission: "workflow.workflows.read", params: Closed(listParams), result: List(Workflow), errors: ["invalid_cursor"] }),
    readWorkflow: action({ summary: "One workflow", rest: "GET /v1/workflows/:id", permission: "workflow.workflows.read", idempotent: true, params: ById, result: Workflow, errors: ["not_found"] }),
    changeWorkflow: action({
      summary: "Switches a workflow, renames it, or replaces its steps and their recipients", rest: "PATCH /v1/workflows/:id", permission: "workflow.workflows.write",
      params: Closed({ id: Id, name: Type.Optional(Name), enabled: Type.Optional(Type.Boolean()), steps: Type.Optional(Type.Array(Step, { minItems: 1, maxItems: 10 })) }), result: Workflow, errors: ["not_found", "stale"],
    }),
    listWorkflowRuns: action({ summary: "Runs of a workflow with each step's attempts, newest first", rest: "GET /v1/workflows/:id/runs", permission: "workflow.workflows.read", idempotent: true, params: Closed({ id: Id, ...listParams }), result: List(Run), errors: ["not_found", "invalid_cursor"] }),
    retryWorkflowRun: action({ summary: "Tries the unfinished steps of a failed run again", rest: "POST /v1/workflows/:id/runs/:runId/retry", permission: "workflow.workflows.write", params: Closed({ id: Id, runId: Id }), result: Run, errors: ["not_found", "conflict"] }),

    listNotifications: action({ summary: "The inbox of the back office, newest first", rest: "GET /v1/notifications", permission: "workflow.notifications.read", idempotent: true, params: Closed({ ...listParams, unread: Type.Optional(Type.Boolean()) }), result: List(Notification), errors: ["invalid_cursor"] }),
    changeNotification: action({ summary: "Marks a notification as read, or as unread", rest: "PATCH /v1/notifications/:id", permission: "workflow.notifications.write", params: Closed({ id: Id, read: Type.Boolean() }), result: Notification, errors: ["not_found", "stale"] }),
    listEvents: action({
      summary: "Every event of the tenant again, in the order of publication: `after` is `nextCursor` of the page before, or the `resumeAfter` that a client kept. Events are kept for 7 days; one may come twice, with the same id",
      rest: "GET /v1/events", permission: "workflow.events.read", idempotent: true,
      params: Closed({ after: Type.Optional(Type.String({ maxLength: 2000 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) }),
      result: Closed({ data: Type.Array(HistoricEvent), nextCursor: Nullable(Type.String()), resumeAfter: Type.String({ description: "where to go on later, also when there is nothing more now" }) }),
      errors: ["invalid_cursor"],
    }),
    listMails: action({ summary: "Mails that workflows wrote, newest first; without an SMTP server this is the mailbox", rest: "GET /v1/mails", permission: "workflow.mails.read", idempotent: true, params: Closed(listParams), result: List(Mail), errors: ["invalid_cursor"] }),
  },
  events: {},
});
