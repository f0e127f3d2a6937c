import { refuse } from "../../../lib/errors.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { query } from "../../../mixins/handlers.ts";
import type { workflowContract } from "../contract.ts";
import { BUILT_IN, type NamedMapping } from "../domain/mappings.ts";
import { listJobs, readJob } from "../models/imports.model.ts";
import { mappings, type MappingRow } from "../models/mappings.model.ts";
import { newestFirst } from "./newest-first.ts";

type C = typeof workflowContract;

/** Permission: workflow.imports.read. @throws not_found */
export const readImport = query<C, "readImport">(async (tx, { id }) => {
  const job = await readJob(tx, id);
  if (!job) throw refuse.not_found();
  return job;
});

/** Permission: workflow.imports.read. @throws invalid_cursor, invalid_request (sort) */
export const listImports = query<C, "listImports">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort, type, status }, ctx) => {
  newestFirst(sort);
  const before = readCursor(ctx, "imports", cursor)?.[0] as string | undefined;
  const rows = await listJobs(tx, { type: type ?? null, status: status ?? null, before: before ?? null, limit: limit + 1 });
  return page(ctx, "imports", { rows, limit, key: (job) => [job.id], map: (job) => job });
});

/** The built-in mappings stand on the first page, before the tenant's own. Permission: workflow.imports.read. @throws invalid_cursor */
export const listImportMappings = query<C, "listImportMappings">(async (_tx, params, ctx) => {
  const own = await mappings.list(ctx, params, { filters: { type: params.type }, map: toMapping });
  const builtIn = params.cursor ? [] : BUILT_IN.filter((mapping) => !params.type || mapping.type === params.type).map(asResource);
  return { data: [...builtIn, ...own.data], nextCursor: own.nextCursor };
});

/** Permission: workflow.imports.read. @throws not_found */
export const readImportMapping = query<C, "readImportMapping">(async (_tx, { id }, ctx) => {
  const builtIn = BUILT_IN.find((mapping) => mapping.name === id);
  if (builtIn) return asResource(builtIn);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw refuse.not_found();
  return toMapping(await mappings.get(ctx, id));
});

const asResource = (mapping: NamedMapping) => ({ id: null, ...mapping, columns: { ...mapping.columns }, builtIn: true, reference: null, metadata: {}, createdAt: null, updatedAt: null, version: 1 });

export const toMapping = ({ archivedAt: _, ...row }: MappingRow) => ({ ...row, builtIn: false });
