/** What must hold of the variants of one request, before anybody is asked about other variants. Checked in this order: currency, check digit, doubles. */
import { isCurrency, type Money } from "../../../lib/money.ts";
import { toGtin14, verifyCheckDigit } from "./gs1.ts";

export interface VariantDraft { readonly sku?: string | undefined; readonly barcode?: string | null | undefined; readonly price?: Money | undefined; readonly cost?: Money | null | undefined }
export type VariantFault =
  | { readonly code: "currency_mismatch"; readonly field: "price" | "cost"; readonly detail: string }
  | { readonly code: "barcode_check_digit"; readonly field: "barcode"; readonly detail: string; readonly expectedDigit: number };

/** @param currency the variant's own, where it has one already: its amounts stay in it */
export function variantFault(draft: VariantDraft, currency: string | undefined = draft.price?.currency): VariantFault | undefined {
  return currencyFault(draft, currency) ?? (draft.barcode ? barcodeFault(draft.barcode) : undefined);
}

function currencyFault({ price, cost }: VariantDraft, currency: string | undefined): VariantFault | undefined {
  for (const [field, amount] of [["price", price], ["cost", cost]] as const) {
    if (!amount) continue;
    if (!isCurrency(amount.currency)) return { code: "currency_mismatch", field, detail: `${amount.currency} is no currency of ISO 4217` };
    if (field === "cost" && currency !== undefined && amount.currency !== currency) return { code: "currency_mismatch", field, detail: `The cost is in ${amount.currency}, the price in ${currency}` };
  }
  return undefined;
}

export function barcodeFault(barcode: string): Extract<VariantFault, { code: "barcode_check_digit" }> | undefined {
  const check = verifyCheckDigit(barcode);
  if (check.valid) return undefined;
  return { code: "barcode_check_digit", field: "barcode", detail: `The check digit of ${barcode} should be ${check.expectedDigit}`, expectedDigit: check.expectedDigit };
}

export const barcodeKey = (barcode: string | null | undefined): string | null => (barcode ? toGtin14(barcode) : null);

/** The first of these drafts that repeats another's SKU or barcode. */
export function firstDouble(drafts: readonly VariantDraft[]): { index: number; field: "sku" | "barcode" } | undefined {
  const seen = new Set<string>();
  for (const [index, { sku, barcode }] of drafts.entries()) {
    for (const [field, key] of [["sku", sku], ["barcode", barcodeKey(barcode)]] as const) {
      if (!key) continue;
      if (seen.has(`${field} ${key}`)) return { index, field };
      seen.add(`${field} ${key}`);
    }
  }
  return undefined;
}
