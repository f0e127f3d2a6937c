import { newId } from "../../../lib/ids.ts";
import type { DataOf } from "../../../lib/contract.ts";
import type { CloudEvent } from "../../../node/event-bus.ts";
import type { Events } from "../../contracts.ts";

export type Document = DataOf<Events["order.completed"]>;
type Line = Document["lines"][number];

/** An event as a relay hands it over; with the same id again it is the same event. */
export function event<K extends keyof Events & string>(tenantId: string, type: K, data: DataOf<Events[K]>, given: { id?: string; time?: string } = {}): CloudEvent {
  return { specversion: "1.0", id: given.id ?? newId(), source: `/beaveros/${type.split(".")[0]}`, type, subject: newId(), time: given.time ?? "2026-01-31T10:00:00.000Z", tenantid: tenantId, data };
}

/** One tax-inclusive line at 20 %: `units` at `priceMinor`, less `discountMinor`. Amounts are positive, on returns too. */
export function line(given: { variantId: string; sku?: string; name?: string; units?: number; priceMinor: number; discountMinor?: number; costMinor?: number; productId?: string; categoryId?: string; ratePpm?: number }): Line {
  const { units = 1, discountMinor = 0, ratePpm = 200_000 } = given;
  const grossMinor = units * given.priceMinor, totalMinor = grossMinor - discountMinor;
  const taxMinor = Math.round((totalMinor * ratePpm) / (1_000_000 + ratePpm)), netMinor = totalMinor - taxMinor;
  return {
    lineId: newId(), variantId: given.variantId, productId: given.productId ?? given.variantId, categoryId: given.categoryId ?? null, categoryName: given.categoryId ? "Kitchen" : null,
    sku: given.sku ?? "MUG-RED", name: given.name ?? "Mug, red", quantityThousandths: units * 1000, grossMinor, discountMinor, taxMinor, netMinor, totalMinor, costMinor: given.costMinor ?? 0,
    taxes: taxMinor ? [{ name: "VAT", ratePpm, amountMinor: taxMinor, baseMinor: netMinor }] : [],
  };
}

export function document(given: Partial<Document> & { storeId: string; lines: Line[] }): Document {
  const id = newId();
  return {
    documentId: id, orderId: id, kind: "sale", number: "R-1", registerId: null, employeeId: null, channel: "pos", customerId: null, customerName: null, country: null, currency: "EUR",
    businessDay: "2026-01-31", hour: 10, at: "2026-01-31T09:30:00.000Z", imported: false, roundingMinor: 0, ...given,
  };
}
