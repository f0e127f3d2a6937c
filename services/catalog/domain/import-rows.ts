/** Rows of a file, read exactly: a number that cannot be kept as it stands is refused, not rounded. A product's cost is the exception: other systems keep
 *  averages of four decimals there, and stock is valued by what receipts say, not by it. */
import { isCurrency, parseDecimal, parseMoney, exponentOf } from "../../../lib/money.ts";
import { numeral } from "../../../lib/numeral.ts";
import { QUANTITY_MAX } from "../../../lib/quantity.ts";
import { roundRatio, toSafe, type RoundingMode } from "../../../lib/rounding.ts";
import { barcodeFault } from "./variant-rules.ts";

export class RowFault extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ProductRow {
  readonly line: number; readonly sku: string; readonly name: string; readonly barcode?: string | undefined; readonly price?: string | undefined; readonly cost?: string | undefined;
  readonly category?: string | undefined; readonly taxRate?: string | undefined; readonly reorderPoint?: string | undefined; readonly currency: string;
}
export interface ReadProduct { line: number; sku: string; name: string; barcode: string | null; priceMinor: number; costMinor: number | null; currency: string; category: string | null; taxRate: string | null; reorderPoint: number | null }

const SKU_MAX = 100, NAME_MAX = 200, BARCODE_MAX = 80;

/** @throws RowFault */
export function readProduct(row: ProductRow): ReadProduct {
  const sku = row.sku.trim(), barcode = given(row.barcode);
  if (sku === "" || sku.length > SKU_MAX) throw new RowFault("invalid_sku", `The SKU has 1 to ${SKU_MAX} characters`);
  if (!isCurrency(row.currency)) throw new RowFault("currency_mismatch", `${row.currency} is no currency of ISO 4217`);
  const fault = barcode ? barcodeFault(barcode) : undefined;
  if (fault) throw new RowFault(fault.code, fault.detail);
  if (barcode && (barcode.length > BARCODE_MAX || !/^[!-~]+$/.test(barcode))) throw new RowFault("invalid_barcode", `The barcode has 1 to ${BARCODE_MAX} visible ASCII characters`);
  return {
    line: row.line, sku, name: (row.name.trim() || sku).slice(0, NAME_MAX), barcode, priceMinor: amount(row.price, "price", row.currency) ?? 0, costMinor: amount(row.cost, "cost", row.currency, "halfUp"),
    currency: row.currency, category: given(row.category), taxRate: given(row.taxRate), reorderPoint: given(row.reorderPoint) === null ? null : thousandths(row.reorderPoint!),
  };
}

const given = (text: string | undefined): string | null => text?.trim() || null;

function amount(text: string | undefined, field: string, currency: string, mode?: RoundingMode): number | null {
  const value = given(text);
  if (value === null) return null;
  const minor = orFault(`invalid_${field}`, () => parseMoney(numeral(value), currency, mode).amount);
  if (minor < 0) throw new RowFault(`invalid_${field}`, `The ${field} is negative`);
  return minor;
}

/** @throws RowFault invalid_quantity: not a number, negative, too large, more than 3 decimals */
export function thousandths(text: string): number {
  const { digits, decimals } = orFault("invalid_quantity", () => parseDecimal(numeral(text)));
  const scaled = decimals <= 3 ? digits * 10n ** BigInt(3 - decimals) : digits / 10n ** BigInt(decimals - 3);
  if (decimals > 3 && digits % 10n ** BigInt(decimals - 3) !== 0n) throw new RowFault("invalid_quantity", "A quantity has at most 3 decimals");
  if (scaled < 0n || scaled > BigInt(QUANTITY_MAX) * 1000n) throw new RowFault("invalid_quantity", `A quantity lies between 0 and ${QUANTITY_MAX}`);
  return Number(scaled);
}

/** What the whole row costs: unit cost of any precision × quantity, rounded once. @throws RowFault invalid_cost */
export function valueOf(unitCost: string | undefined, quantityThousandths: number, currency: string): number | null {
  const text = given(unitCost);
  if (text === null) return null;
  return orFault("invalid_cost", () => {
    const { digits, decimals } = parseDecimal(numeral(text));
    if (digits < 0n) throw new RowFault("invalid_cost", "The cost is negative");
    return toSafe(roundRatio(digits * BigInt(quantityThousandths) * 10n ** BigInt(exponentOf(currency)), 1000n * 10n ** BigInt(decimals), "halfUp"));
  });
}

function orFault<T>(code: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RowFault) throw error;
    throw new RowFault(code, (error as Error).message);
  }
}
