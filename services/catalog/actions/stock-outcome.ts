import type { Tx } from "../../../mixins/database.ts";
import { refuse as platformRefuse } from "../../../lib/errors.ts";
import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import { refuse } from "../errors.ts";
import type { Low, Moved, Short, StockAnswer } from "../models/stock.ts";

/** What the database answered when nothing was changed, as a refusal. @throws not_found (404), out_of_stock (409) */
export function refuseShortfall({ missing, short }: StockAnswer): void {
  if (missing) throw platformRefuse.not_found("There is no such variant", { variantIds: missing });
  if (short) throw refuse.out_of_stock(short.length === 1 ? "One variant is short" : `${short.length} variants are short`, { variants: short.map(asShort) });
}

const asShort = ({ variantId, requested, available }: Short) => ({ variantId, requested: thousandthsToQuantity(requested), available: thousandthsToQuantity(available) });

export interface StockDocument { readonly storeId: string; readonly documentType: string; readonly documentId: string; readonly kind: string }

/** The events of a document: what moved (once per currency, and a document has one), and what fell to its reorder point. */
export function emitStock(tx: Tx, document: StockDocument, { moved, low }: { moved?: readonly Moved[] | null | undefined; low?: readonly Low[] | null | undefined }): void {
  const { storeId, documentType, documentId, kind } = document;
  for (const [currency, ofCurrency] of Map.groupBy(moved ?? [], (movement) => movement.currency)) {
    tx.emit({ type: "catalog.stockMoved", subject: documentId, data: { storeId, currency, documentType, documentId, movements: ofCurrency.map((movement) => asMovement(movement, kind)) } });
  }
  for (const { variantId, sku, name, available, reorderPoint } of low ?? []) {
    tx.emit({ type: "catalog.stockLow", subject: variantId, data: { storeId, variantId, sku, name, availableThousandths: available, reorderPointThousandths: reorderPoint } });
  }
}

const asMovement = ({ movementId, variantId, quantity, value, at }: Moved, kind: string) =>
  ({ movementId, variantId, quantityThousandths: quantity, valueMinor: value, kind, at: new Date(at).toISOString() });
