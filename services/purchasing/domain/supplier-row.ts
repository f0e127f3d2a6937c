import { isCurrency } from "../../../lib/money.ts";
import { EMAIL_PATTERN } from "../../../lib/schemas.ts";

export interface SupplierRow {
  readonly line: number; readonly name: string; readonly email?: string | undefined; readonly currency?: string | undefined;
  readonly leadTimeDays?: string | undefined; readonly paymentTerms?: string | undefined; readonly reference?: string | undefined;
}
export interface Rejected { readonly line: number; readonly code: string; readonly message: string }
const LEAD_TIME_MAX = 3650;
const EMAIL = new RegExp(EMAIL_PATTERN);

/** What is wrong with a row of a supplier file; the first thing found. Empty optional cells are none. */
export function rowFault(row: SupplierRow): Rejected | undefined {
  const no = (code: string, message: string): Rejected => ({ line: row.line, code, message });
  if (row.name.trim() === "") return no("required", "name: must be given");
  if (row.name.length > 200) return no("too_long", "name: at most 200 characters");
  if (row.email && !EMAIL.test(row.email)) return no("wrong_format", "email: not an e-mail address");
  if (row.currency && !isCurrency(row.currency)) return no("invalid_currency", "currency: not an ISO 4217 code");
  if (row.leadTimeDays && !(/^\d{1,4}$/.test(row.leadTimeDays) && Number(row.leadTimeDays) <= LEAD_TIME_MAX)) return no("wrong_format", `leadTimeDays: a whole number up to ${LEAD_TIME_MAX}`);
  if ([row.name, row.email, row.paymentTerms, row.reference].some((text) => text?.includes("\0"))) return no("wrong_format", "a character that cannot be stored");
  if ((row.paymentTerms?.length ?? 0) > 200 || (row.reference?.length ?? 0) > 200) return no("too_long", "paymentTerms, reference: at most 200 characters");
  return undefined;
}
