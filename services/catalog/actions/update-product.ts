import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { invariant, refuse as platformRefuse } from "../../../lib/errors.ts";
import { quantityToThousandths } from "../../../lib/quantity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command } from "../../../mixins/handlers.ts";
import { mergePatch, refuseTooMuch } from "../../../mixins/merge-patch.ts";
import type { catalogContract } from "../contract.ts";
import { barcodeKey } from "../domain/variant-rules.ts";
import { refuse } from "../errors.ts";
import { refreshDocuments } from "../models/documents.ts";
import * as changes from "../models/product-changes.ts";
import { replaceWords } from "../models/products.ts";
import { describedOfProducts } from "../models/variants.ts";
import { checkReferences, checkVariants, withTakenNames } from "./check-variants.ts";
import type { Product } from "./create-product.ts";
import { emitChanged } from "./variant-changed.ts";

type Contract = typeof catalogContract;
type Patch = ParamsOf<Contract["actions"]["updateProduct"]>;
type VariantPatch = ParamsOf<Contract["actions"]["updateVariant"]>;
type Variant = ResultOf<Contract["actions"]["getVariant"]>;

/** Changes a product and, by their ids, variants of it. Permission catalog.products.write; guarded by If-Match. Emits catalog.variantChanged.
 *  @throws not_found, stale (412), currency_mismatch, barcode_check_digit, sku_taken, barcode_taken */
export const updateProduct = withTakenNames(command<Contract, "updateProduct">(async (tx, { id, ...patch }, ctx) => {
  const now = await lock(tx, id);
  refuseStale(ctx, now.version);
  return change(tx, now, patch, (index) => `/variants/${index}`);
}));

/** Changes one variant. Permission catalog.products.write; guarded by If-Match. Emits catalog.variantChanged. @throws as updateProduct */
export const updateVariant = withTakenNames(command<Contract, "updateVariant">(async (tx, patch, ctx) => {
  const owner = await changes.ownerOf(tx, patch.id);
  if (!owner) throw platformRefuse.not_found();
  const now = await lock(tx, owner.productId);
  refuseStale(ctx, now.variants.find((variant) => variant.id === patch.id)!.version);
  const product = await change(tx, now, { variants: [patch] }, () => "");
  return product.variants.find((variant: Variant) => variant.id === patch.id)!;
}));

/** Archives a product with its variants: their SKUs and barcodes are free again, history still finds them. Permission catalog.products.write.
 *  @throws not_found, stale (412) */
export const archiveProduct = command<Contract, "archiveProduct">(async (tx, { id }, ctx) => {
  const now = await lock(tx, id);
  refuseStale(ctx, now.version);
  if (now.archivedAt) return null;
  await changes.archiveProduct(tx, id);
  await refreshDocuments(tx, [id]);
  return null;
});

async function lock(tx: Tx, id: string): Promise<changes.LockedProduct> {
  const now = await changes.lockProduct(tx, id);
  if (!now) throw platformRefuse.not_found();
  return now;
}

function refuseStale(ctx: Ctx, version: number): void {
  if (ctx.meta.ifMatch !== undefined && ctx.meta.ifMatch !== version) throw platformRefuse.stale();
}

async function change(tx: Tx, now: changes.LockedProduct, { variants = [], ...fields }: Omit<Patch, "id">, pointerOf: (index: number) => string): Promise<Product> {
  await checkReferences(tx, fields);
  const drafts = variants.map((patch, index) => asDraft(now, patch, pointerOf(index)));
  await checkVariants(tx, drafts, pointerOf);
  const metadata = fields.metadata === undefined ? {} : { metadata: fields.metadata === null ? {} : mergePatch(now.metadata, fields.metadata) as Record<string, string> };
  refuseTooMuch(metadata.metadata ?? {});
  await Promise.all([changes.patchProduct(tx, now.id, { ...fields, ...metadata }), changes.patchVariants(tx, now.id, variants.map(asColumns))]);
  const product = (await refreshDocuments<Product>(tx, [now.id])).get(now.id);
  invariant(product, "a product that is held is there");
  if (!now.archivedAt) await replaceWords(tx, [product]);
  emitChanged(tx, await describedOfProducts(tx, [now.id]));
  return product;
}

/** The amounts of a variant stay in its currency: what was sold in it refers to it. */
function asDraft(now: changes.LockedProduct, patch: VariantPatch, pointer: string) {
  const variant = now.variants.find((candidate) => candidate.id === patch.id);
  if (!variant) throw platformRefuse.not_found("The product has no such variant", { pointer: `${pointer}/id` });
  if (patch.price && patch.price.currency !== variant.currency) {
    throw refuse.currency_mismatch(`The variant is priced in ${variant.currency}`, { pointer: `${pointer}/price` });
  }
  return { ...patch, currency: variant.currency };
}

function asColumns({ price, cost, reorderPoint, barcode, ...patch }: VariantPatch): object {
  return {
    ...patch,
    ...barcode !== undefined && { barcode, barcodeKey: barcodeKey(barcode) },
    ...price && { priceMinor: price.amount },
    ...cost !== undefined && { costMinor: cost?.amount ?? null },
    ...reorderPoint !== undefined && { reorderPoint: reorderPoint === null ? null : quantityToThousandths(reorderPoint) },
  };
}
