import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { command } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { BUILT_IN, mappingFault, type ImportType } from "../domain/mappings.ts";
import { refuse as refuseWorkflow } from "../errors.ts";
import { mappings } from "../models/mappings.model.ts";
import { toMapping } from "./import-queries.ts";

type C = typeof workflowContract;

/** Permission: workflow.imports.write. @throws already_exists (409), invalid_mapping (422) */
export const createImportMapping = command<C, "createImportMapping">(async (_tx, { dateFormat = "iso", delimiter = ",", ...params }, ctx) => {
  check(params);
  return toMapping(await mappings.create(ctx, { id: newId(), dateFormat, delimiter, ...params }));
});

/** Permission: workflow.imports.write. @throws not_found, already_exists (409), stale (412), invalid_mapping (422) */
export const changeImportMapping = command<C, "changeImportMapping">(async (_tx, { id, ...partial }, ctx) => toMapping(await mappings.patch(ctx, id, partial, check)));

/** Permission: workflow.imports.write. @throws not_found, stale (412) */
export const removeImportMapping = command<C, "removeImportMapping">(async (_tx, { id }, ctx) => {
  await mappings.remove(ctx, id);
  return null;
});

function check({ name, type, columns }: { name: string; type: ImportType; columns: Readonly<Record<string, string>> }): void {
  if (BUILT_IN.some((mapping) => mapping.name === name)) throw refuse.already_exists("A built-in mapping has this name", { pointer: "/name" });
  const fault = mappingFault(type, columns);
  if (fault) throw refuseWorkflow.invalid_mapping(fault, { pointer: "/columns" });
}
