import type { Tx } from "../../../mixins/database.ts";
import type { DescribedRow } from "../models/variants.ts";

/** One event per variant that was made or changed. */
export function emitChanged(tx: Tx, variants: readonly DescribedRow[]): void {
  for (const { variantId, productId, productName, sku, name, categoryId, categoryName, currency } of variants) {
    tx.emit({ type: "catalog.variantChanged", subject: variantId, data: { variantId, productId, productName, sku, name, categoryId, categoryName, currency } });
  }
}
