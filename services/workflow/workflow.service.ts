import { resources } from "../../mixins/resource.ts";
import { defineService } from "../define-service.ts";
import { appendImportChunk } from "./actions/append-import-chunk.ts";
import { changeImportMapping, createImportMapping, removeImportMapping } from "./actions/change-import-mappings.ts";
import { changeNotification } from "./actions/change-notification.ts";
import { changeWorkflow } from "./actions/change-workflow.ts";
import { createImport } from "./actions/create-import.ts";
import { dropImport } from "./actions/drop-import.ts";
import { listImportMappings, listImports, readImport, readImportMapping } from "./actions/import-queries.ts";
import { listEvents } from "./actions/list-events.ts";
import { retryWorkflowRun } from "./actions/retry-workflow-run.ts";
import { startImport } from "./actions/start-import.ts";
import { listMails, listNotifications, listWorkflowRuns, listWorkflows, readWorkflow } from "./actions/workflow-queries.ts";
import { workflowContract } from "./contract.ts";
import { stockLow } from "./events/stock-low.ts";
import { importRunner } from "./jobs/import-runner.ts";
import { workflowRunner } from "./jobs/workflow-runner.ts";
import { mappings } from "./models/mappings.model.ts";

export default defineService(workflowContract, {
  mixins: [resources([mappings.definition]), importRunner(), workflowRunner()],
  events: [stockLow],
  actions: {
    createImport, appendImportChunk, startImport, dropImport, readImport, listImports,
    listImportMappings, readImportMapping, createImportMapping, changeImportMapping, removeImportMapping,
    listWorkflows, readWorkflow, changeWorkflow, listWorkflowRuns, retryWorkflowRun,
    listNotifications, changeNotification, listMails, listEvents,
  },
});
