import { refuse as platformRefuse, typeOf } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import type { Handler } from "../../../mixins/handlers.ts";
import { barcodeKey, firstDouble, variantFault, type VariantDraft } from "../domain/variant-rules.ts";
import { refuse } from "../errors.ts";
import { references, variantsWith } from "../models/products.ts";

export interface Draft extends VariantDraft { readonly id?: string | undefined; readonly currency?: string | undefined }

/** @param pointerOf where the draft stands in the request: `/variants/0`
 *  @throws currency_mismatch (422), barcode_check_digit (422, `expectedDigit`), sku_taken (409), barcode_taken (409); in this order, each with its pointer */
export async function checkVariants(tx: Tx, drafts: readonly Draft[], pointerOf: (index: number) => string): Promise<void> {
  for (const [index, draft] of drafts.entries()) refuseFault(draft, pointerOf(index));
  const double = firstDouble(drafts);
  if (double) throw taken(double.field, `${pointerOf(double.index)}/${double.field}`);
  await refuseTaken(tx, drafts, pointerOf);
}

function refuseFault(draft: Draft, pointer: string): void {
  const fault = variantFault(draft, draft.currency ?? draft.price?.currency);
  if (!fault) return;
  const { code, field, detail, ...data } = fault;
  throw refuse[code](detail, { pointer: `${pointer}/${field}`, ...data });
}

async function refuseTaken(tx: Tx, drafts: readonly Draft[], pointerOf: (index: number) => string): Promise<void> {
  const skus = drafts.flatMap((draft) => draft.sku ?? []), keys = drafts.flatMap((draft) => barcodeKey(draft.barcode) ?? []);
  if (skus.length + keys.length === 0) return;
  for (const holder of await variantsWith(tx, skus, keys)) {
    for (const [index, draft] of drafts.entries()) {
      if (draft.id === holder.id) continue;
      if (draft.sku === holder.sku) throw taken("sku", `${pointerOf(index)}/sku`);
      if (holder.barcodeKey !== null && barcodeKey(draft.barcode) === holder.barcodeKey) throw taken("barcode", `${pointerOf(index)}/barcode`);
    }
  }
}

const taken = (field: "sku" | "barcode", pointer?: string) => refuse[field === "sku" ? "sku_taken" : "barcode_taken"](undefined, pointer ? { pointer } : {});

/** @throws not_found (404) with the pointer: another tenant's category is one that is not there */
export async function checkReferences(tx: Tx, { categoryId, taxRateId }: { categoryId?: string | null | undefined; taxRateId?: string | null | undefined }): Promise<void> {
  if (!categoryId && !taxRateId) return;
  const there = await references(tx, categoryId, taxRateId);
  if (!there.category) throw platformRefuse.not_found("There is no such category", { pointer: "/categoryId" });
  if (!there.taxRate) throw platformRefuse.not_found("There is no such tax rate", { pointer: "/taxRateId" });
}

const BY_CONSTRAINT: Readonly<Record<string, () => Error>> = {
  variant_sku_key: () => taken("sku"),
  variant_barcode_unique: () => taken("barcode"),
  product_reference_key: () => platformRefuse.already_exists("There is a product with this reference already", { pointer: "/reference" }),
  stock_document_reference_key: () => platformRefuse.already_exists("There is an adjustment with this reference already", { pointer: "/reference" }),
};

/** Two requests with the same SKU at once: the unique key decides, and the loser hears the same words as one that came later. */
export function withTakenNames(next: Handler): Handler {
  return async (ctx: Ctx) => {
    try {
      return await next(ctx);
    } catch (error) {
      const constraint = typeOf(error) === "already_exists" ? (error as { data: { constraint?: string } }).data.constraint : undefined;
      throw BY_CONSTRAINT[constraint ?? ""]?.() ?? error;
    }
  };
}
