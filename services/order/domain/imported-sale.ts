/** Another system's document as ours: its positive lines are a sale, its negative ones a return without the sale that they came from. */
import type { ParamsOf } from "../../../lib/contract.ts";
import { parseDecimal } from "../../../lib/money.ts";
import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import { RoundingError, roundProduct, roundRatio, toSafe, type RoundingMode } from "../../../lib/rounding.ts";
import type { orderContract } from "../contract.ts";
import type { Fact, FactLine } from "./facts.ts";
import type { Order } from "./order-document.ts";

export type ImportedDocument = ParamsOf<(typeof orderContract)["actions"]["importSales"]>["documents"][number];
type ImportedLine = ImportedDocument["lines"][number];
export interface KnownVariant { readonly variantId: string; readonly productId: string; readonly categoryId: string | null; readonly categoryName: string | null; readonly name: string }
export interface Terms { readonly storeId: string; readonly currency: string; readonly decimals: number; readonly rounding: RoundingMode }
/** Signed thousandths; the value is Σ quantity × price, rounded once, positive. */
export interface PricedImport { readonly line: ImportedLine; readonly quantityThousandths: number; readonly unitPriceMinor: number; readonly totalMinor: number }

const PRICE_DECIMALS = 4, QUANTITY_DECIMALS = 3;

/** @returns undefined when the amount is beyond what can be kept exactly, or the text is no number */
export function priceImportedLine(line: ImportedLine, { decimals, rounding }: Terms): PricedImport | undefined {
  try {
    const quantity = scaled(line.quantity, QUANTITY_DECIMALS), price = scaled(line.unitPrice, PRICE_DECIMALS);
    if (price < 0) return undefined;
    // decimals ≤ 4, so both denominators are whole.
    const perMinor = 10 ** (PRICE_DECIMALS - decimals);
    return {
      line, quantityThousandths: quantity, unitPriceMinor: roundProduct(price, { num: 1, den: perMinor }, rounding),
      totalMinor: roundProduct(Math.abs(quantity), { num: price, den: perMinor * 10 ** QUANTITY_DECIMALS }, rounding),
    };
  } catch (error) {
    if (error instanceof RoundingError || (error as { code?: string }).code === "invalid_amount") return undefined;
    throw error;
  }
}

/** `2.5` with 3 places → 2500; digits beyond are zeros, or the number is refused. */
function scaled(text: string, places: number): number {
  const { digits, decimals } = parseDecimal(text);
  if (decimals <= places) return toSafe(digits * 10n ** BigInt(places - decimals));
  const den = 10n ** BigInt(decimals - places);
  if (digits % den !== 0n) throw new RoundingError(`${text} has more than ${places} decimals`);
  return toSafe(roundRatio(digits, den, "down"));
}

export interface Half { readonly id: string; readonly document: ImportedDocument; readonly lines: readonly PricedImport[]; readonly facts: readonly FactLine[]; readonly totalMinor: number }

/** The lines of one sign, with ids of their own. @returns undefined when there are none */
export function half(document: ImportedDocument, priced: readonly PricedImport[], variants: ReadonlyMap<string, KnownVariant>, newId: () => string): Half | undefined {
  if (priced.length === 0) return undefined;
  const facts = priced.map((line) => importedFactLine(line, variants.get(line.line.sku)!, newId()));
  return { id: newId(), document, lines: priced, facts, totalMinor: facts.reduce((sum, line) => sum + line.totalMinor, 0) };
}

function importedFactLine({ line, quantityThousandths, totalMinor }: PricedImport, variant: KnownVariant, lineId: string): FactLine {
  const { variantId, productId, categoryId, categoryName, name } = variant;
  return {
    lineId, variantId, productId, categoryId, categoryName, sku: line.sku, name: line.name || name, quantityThousandths: Math.abs(quantityThousandths),
    grossMinor: totalMinor, discountMinor: 0, taxMinor: 0, netMinor: totalMinor, totalMinor, costMinor: 0, taxes: [],
  };
}

/** As reports are told of it. */
export function importedFact(kind: "sale" | "return", { id, document, facts }: Half, customer: { id: string; name: string } | null, { storeId, currency }: Terms): Fact {
  const { number, country, businessDay, hour, at } = document;
  return {
    documentId: id, orderId: kind === "sale" ? id : null, kind, number, storeId, registerId: null, employeeId: null, channel: "import",
    customerId: customer?.id ?? null, customerName: customer?.name ?? null, country, currency, businessDay, hour, at, imported: true, roundingMinor: 0, lines: [...facts],
  };
}

/** As clients read it. The money was taken elsewhere: there is no payment of ours. */
export function importedOrder({ id, document, lines, facts, totalMinor }: Half, customerId: string | null, { storeId, currency }: Terms, now: string): Order {
  const money = (amount: number) => ({ amount, currency });
  return {
    id, number: document.number, status: "paid", channel: "import", storeId, registerId: null, customerId, currency,
    lines: facts.map((line, index) => ({
      id: line.lineId, variantId: line.variantId, sku: line.sku, name: line.name, quantity: thousandthsToQuantity(line.quantityThousandths), unitPrice: money(lines[index]!.unitPriceMinor),
      discount: money(0), tax: money(0), taxes: [], net: money(line.netMinor), total: money(line.totalMinor), returnedQuantity: 0,
    })),
    subtotal: money(totalMinor), discountTotal: money(0), taxTotal: money(0), rounding: money(0), total: money(totalMinor), paid: money(totalMinor), refunded: money(0), change: money(0),
    payments: [], history: [{ at: document.at, status: "paid", by: null, note: "imported" }], placedAt: document.at, reference: null, metadata: {}, createdAt: now, updatedAt: now, version: 1,
  };
}
