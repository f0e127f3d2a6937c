import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { BUILT_IN, defaultMapping, type ImportType, type Mapping } from "../domain/mappings.ts";
import { refuse as refuseWorkflow } from "../errors.ts";
import { createJob, type ImportContext } from "../models/imports.model.ts";
import { mappingNamed } from "../models/mappings.model.ts";

const NEEDS_STORE: ReadonlySet<ImportType> = new Set(["sales", "inventory"]);

/** Opens an import, whose file then comes in pieces. Permission: workflow.imports.write.
 *  @throws store_required (422); not_found (404): the store, the mapping, or a mapping of another type */
export const createImport = async (ctx: Ctx): Promise<unknown> => {
  const { type, storeId } = ctx.params as { type: ImportType; storeId?: string };
  if (NEEDS_STORE.has(type) && !storeId) throw refuseWorkflow.store_required(undefined, { pointer: "/storeId" });
  return open(await contextOf(ctx, storeId))(ctx);
};

const open = (context: ImportContext) => command<typeof workflowContract, "createImport">(async (tx, { type, storeId, mapping, delimiter }) => {
  const named = mapping === undefined ? defaultMapping(type) : await findMapping(tx, type, mapping);
  return createJob(tx, {
    id: newId(), type, storeId: storeId ?? null, mappingName: mapping ?? null, context,
    mapping: { columns: named.columns, dateFormat: named.dateFormat, delimiter: delimiter ?? named.delimiter },
  });
});

async function contextOf(ctx: Ctx, storeId: string | undefined): Promise<ImportContext> {
  const { tenantId, storeIds } = identityOf(ctx);
  if (storeId && storeIds.length > 0 && !storeIds.includes(storeId)) throw refuse.not_found();
  const host = { broker: ctx.broker, service: "workflow", tenantId, requestId: ctx.meta.requestId };
  const { timezone, currency } = storeId ? await callAs(host, "entity.storeContext", { storeId }) : await callAs(host, "entity.getTenant", {});
  return { timezone, currency };
}

async function findMapping(tx: Tx, type: ImportType, name: string): Promise<Mapping> {
  const found = BUILT_IN.find((mapping) => mapping.name === name) ?? await mappingNamed(tx, name);
  if (!found || found.type !== type) throw refuse.not_found(`There is no mapping ${name} for ${type}`, { pointer: "/mapping" });
  return found;
}
