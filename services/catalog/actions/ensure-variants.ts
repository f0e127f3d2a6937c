import type { ParamsOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import { typeOf } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { inTenant, type Handler } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { insertProducts, type NewProduct } from "../models/products.ts";
import { describedBySku, describedOfProducts, type DescribedRow } from "../models/variants.ts";
import { emitChanged } from "./variant-changed.ts";

type Params = ParamsOf<(typeof catalogContract)["actions"]["ensureVariants"]>;
type Wanted = Params["variants"][number];

/** Variants by SKU; those that are not known are made, each with a product of its own and its stock not tracked. Any number in a handful of statements.
 *  Emits catalog.variantChanged for the new ones. */
export const ensureVariants: Handler = async (ctx: Ctx) => {
  const { variants } = ctx.params as Params;
  const run = () => inTenant(ctx, (tx) => ensure(tx, variants));
  try {
    return await run();
  } catch (error) {
    // Somebody made one of them at the same moment: now it is there.
    if (typeOf(error) !== "already_exists") throw error;
    return run();
  }
};

async function ensure(tx: Tx, wanted: readonly Wanted[]) {
  const bySku = new Map(wanted.map((variant) => [variant.sku, variant]));
  const known = await describedBySku(tx, [...bySku.keys()]);
  for (const { sku } of known) bySku.delete(sku);
  const made = bySku.size > 0 ? await make(tx, [...bySku.values()]) : [];
  return { variants: [...known, ...made].map(({ sku, variantId, productId, categoryId, categoryName, name }) => ({ sku, variantId, productId, categoryId, categoryName, name })) };
}

async function make(tx: Tx, wanted: readonly Wanted[]): Promise<DescribedRow[]> {
  // In one order, so that two batches with SKUs in common wait for each other and do not deadlock.
  const products = wanted.toSorted((a, b) => (a.sku < b.sku ? -1 : 1)).map(asProduct);
  await insertProducts(tx, products);
  const rows = await describedOfProducts(tx, products.map((product) => product.id));
  emitChanged(tx, rows);
  return rows;
}

const asProduct = ({ sku, name, priceMinor, currency }: Wanted): NewProduct =>
  ({ id: newId(), name: name || sku, variants: [{ id: newId(), position: 0, sku, priceMinor: Math.max(0, priceMinor), currency, trackStock: false }] });
