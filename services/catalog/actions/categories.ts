import type { ResultOf } from "../../../lib/contract.ts";
import { refuse as platformRefuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command, query } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { refuse } from "../errors.ts";
import { categories, pathUpwards, type CategoryRow } from "../models/categories.ts";

type Contract = typeof catalogContract;
type Category = ResultOf<Contract["actions"]["getCategory"]>;

const shown = ({ id, name, parentId, reference, metadata, archivedAt, createdAt, updatedAt, version }: CategoryRow): Category =>
  ({ id, name, parentId: parentId ?? null, reference: reference ?? null, metadata, archivedAt: archivedAt ?? null, createdAt, updatedAt, version });

/** Permission catalog.categories.write. Emits catalog.categoryChanged. @throws not_found (parent), already_exists (reference) */
export const createCategory = command<Contract, "createCategory">(async (tx, params, ctx) => {
  await checkParent(tx, params.parentId);
  return told(tx, await categories.create(ctx, { ...params, id: newId() } as Parameters<typeof categories.create>[1]));
});

/** Permission catalog.categories.read. @throws not_found */
export const getCategory = query<Contract, "getCategory">(async (_tx, { id }, ctx) => shown(await categories.get(ctx, id)));

/** Permission catalog.categories.read. */
export const listCategories = query<Contract, "listCategories">((_tx, { parentId, ...params }, ctx) => categories.list(ctx, params, { map: shown, filters: { parentId } }));

/** Permission catalog.categories.write; guarded by If-Match. Emits catalog.categoryChanged. @throws not_found, stale (412), category_cycle (409) */
export const updateCategory = command<Contract, "updateCategory">(async (tx, { id, ...patch }, ctx) => {
  await checkParent(tx, patch.parentId, id);
  return told(tx, await categories.patch(ctx, id, patch));
});

/** Products keep an archived category; nothing new can be put into it. Permission catalog.categories.write. @throws not_found, stale (412) */
export const archiveCategory = command<Contract, "archiveCategory">(async (_tx, { id }, ctx) => {
  await categories.archive(ctx, id);
  return null;
});

function told(tx: Tx, row: CategoryRow): Category {
  const category = shown(row);
  tx.emit({ type: "catalog.categoryChanged", subject: category.id, data: { categoryId: category.id, name: category.name, parentId: category.parentId } });
  return category;
}

async function checkParent(tx: Tx, parentId: string | null | undefined, id?: string): Promise<void> {
  if (!parentId) return;
  const path = await pathUpwards(tx, parentId);
  if (path.length === 0) throw platformRefuse.not_found("There is no such category", { pointer: "/parentId" });
  if (id !== undefined && path.includes(id)) throw refuse.category_cycle(undefined, { pointer: "/parentId" });
}
