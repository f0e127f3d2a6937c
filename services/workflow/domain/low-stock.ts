import type { DataOf } from "../../../lib/contract.ts";
import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import type { Events } from "../../contracts.ts";

export type StockLow = DataOf<Events["catalog.stockLow"]>;
export interface Message { readonly kind: string; readonly title: string; readonly body: string }

/** The alert in words, for the inbox and the mail. */
export function lowStockMessage(event: StockLow, storeName: string | null): Message {
  const available = thousandthsToQuantity(event.availableThousandths), point = thousandthsToQuantity(event.reorderPointThousandths);
  return {
    kind: "lowStock",
    title: `Low stock: ${event.name} (${event.sku})`,
    body: `${available} of ${event.name} (${event.sku}) are available${storeName ? ` at ${storeName}` : ""}; the reorder point is ${point}.`,
  };
}
