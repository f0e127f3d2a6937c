import { newId } from "../../../lib/ids.ts";
import { percentToPpm } from "../../../lib/percent.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command, type Handler } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { readProduct, RowFault, type ProductRow, type ReadProduct } from "../domain/import-rows.ts";
import { barcodeKey } from "../domain/variant-rules.ts";
import { allTaxRates, ensureCategories, taxRates } from "../models/categories.ts";
import { insertProducts, variantsWith, type NewProduct } from "../models/products.ts";
import { describedOfProducts } from "../models/variants.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { rateOf } from "./tax-rates.ts";
import { emitChanged } from "./variant-changed.ts";
import { sorted, type Fate } from "./import-fate.ts";

type Contract = typeof catalogContract;

/** One batch of a product file. A SKU that is there already is skipped, so the same file again changes nothing; a row with a fault is rejected alone,
 *  by its line and a code. Categories are made by name; a tax rate is one of the tenant's by name, or a percentage. Emits catalog.variantChanged. */
export const importProducts: Handler = command<Contract, "importProducts">(async (tx, { rows }, ctx) => {
  const fates = sorted(rows, (row: ProductRow) => readProduct(row));
  const fresh = await withoutKnown(tx, fates);
  const rates = await taxRateIds(tx, ctx, fresh.accepted);
  const usable = sorted(fresh.accepted, (row) => ({ ...row, taxRateId: rateFor(rates, row) }));
  const categories = await ensureCategories(tx, [...new Set(usable.accepted.flatMap((row) => row.category ?? []))]);
  const products = usable.accepted.map((row) => asProduct(row, row.taxRateId, row.category ? categories.get(row.category.toLowerCase()) : undefined));
  if (products.length > 0) {
    await insertProducts(tx, products);
    emitChanged(tx, await describedOfProducts(tx, products.map((product) => product.id)));
  }
  return { imported: products.length, skipped: fresh.skipped, rejected: [...fates.rejected, ...fresh.rejected, ...usable.rejected].sort((a, b) => a.line - b.line) };
});

/** Leaves out what is there already, and what comes a second time in the batch. One article in two forms (UPC-A and GTIN-14) under two SKUs is kept
 *  as the other system had it: to refuse one would lose its stock and its history. */
async function withoutKnown(tx: Tx, { accepted }: { accepted: readonly ReadProduct[] }): Promise<{ accepted: ReadProduct[]; skipped: number; rejected: Fate[] }> {
  const holders = await variantsWith(tx, accepted.map((row) => row.sku), accepted.flatMap((row) => barcodeKey(row.barcode) ?? []));
  const skus = new Set(holders.map((holder) => holder.sku)), barcodes = new Set(holders.flatMap((holder) => holder.barcode ?? []));
  const outcome = { accepted: [] as ReadProduct[], skipped: 0, rejected: [] as Fate[] };
  for (const row of accepted) {
    if (skus.has(row.sku)) outcome.skipped++;
    else if (row.barcode && barcodes.has(row.barcode)) outcome.rejected.push({ line: row.line, code: "barcode_taken", message: `Another variant has the barcode ${row.barcode}` });
    else {
      outcome.accepted.push(row);
      skus.add(row.sku);
      if (row.barcode) barcodes.add(row.barcode);
    }
  }
  return outcome;
}

type Rates = ReadonlyMap<string, string>;

/** The tenant's rates by name, and by percentage; a percentage that no rate has yet becomes one. */
async function taxRateIds(tx: Tx, ctx: Ctx, rows: readonly ReadProduct[]): Promise<Rates> {
  const wanted = new Set(rows.flatMap((row) => row.taxRate ?? []));
  const ids = new Map<string, string>();
  if (wanted.size === 0) return ids;
  for (const { id, key, isPlain, components } of await allTaxRates(tx)) {
    if (!ids.has(key)) ids.set(key, id);
    if (isPlain && !ids.has(`=${components[0]!.ratePpm}`)) ids.set(`=${components[0]!.ratePpm}`, id);
  }
  for (const text of wanted) {
    const percent = asPercent(text);
    if (percent === undefined || ids.has(text.toLowerCase()) || ids.has(`=${percentToPpm(percent)}`)) continue;
    const id = newId(), name = `${percent} %`;
    await taxRates.create(ctx, { id, name, ...rateOf(name, { percent }) });
    ids.set(`=${percentToPpm(percent)}`, id);
  }
  return ids;
}

/** @example asPercent("8.875 %") // 8.875 */
function asPercent(text: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,4})?)\s*%?$/.exec(text);
  return match ? Number(match[1]) : undefined;
}

function rateFor(rates: Rates, { taxRate }: ReadProduct): string | undefined {
  if (taxRate === null) return undefined;
  const percent = asPercent(taxRate);
  const id = rates.get(taxRate.toLowerCase()) ?? (percent === undefined ? undefined : rates.get(`=${percentToPpm(percent)}`));
  if (id === undefined) throw new RowFault("unknown_tax_rate", `There is no tax rate named ${taxRate}`);
  return id;
}

function asProduct({ sku, name, barcode, priceMinor, costMinor, currency, reorderPoint }: ReadProduct, taxRateId: string | undefined, categoryId: string | undefined): NewProduct {
  return { id: newId(), name, taxRateId, categoryId, variants: [{ id: newId(), position: 0, sku, barcode, barcodeKey: barcodeKey(barcode), priceMinor, costMinor, currency, reorderPoint }] };
}
