import { EMAIL_PATTERN } from "../../../lib/schemas.ts";

/** The parts of an address that a file may have, each in a column of its own. */
export const ADDRESS_FIELDS = ["street", "city", "region", "postalCode", "country"] as const;
type AddressField = (typeof ADDRESS_FIELDS)[number];
type Cell = "reference" | "email" | "phone" | "taxNumber" | AddressField;
export interface CustomerRow extends Readonly<Partial<Record<Cell, string | undefined>>> { readonly line: number; readonly name: string }
export interface Rejected { readonly line: number; readonly code: string; readonly message: string }
export interface ReadCustomer {
  readonly line: number; readonly name: string; readonly reference: string | null; readonly email: string | null; readonly phone: string | null; readonly taxNumber: string | null;
  readonly address: Readonly<Record<string, string>> | null;
}

const EMAIL = new RegExp(EMAIL_PATTERN);
/** As the customer resource has them. */
const LONGEST: Readonly<Record<"name" | Cell, number>> = { name: 200, reference: 200, email: 254, phone: 50, taxNumber: 50, street: 200, city: 200, region: 200, postalCode: 200, country: 200 };

/** What is wrong with a row of a customer file: the first thing found. */
export function rowFault(row: CustomerRow): Rejected | undefined {
  const no = (code: string, message: string): Rejected => ({ line: row.line, code, message });
  if (row.name.trim() === "") return no("required", "name: must be given");
  for (const [field, most] of Object.entries(LONGEST) as [Cell, number][]) {
    const text = row[field] ?? "";
    if (text.length > most) return no("too_long", `${field}: at most ${most} characters`);
    if (text.includes("\0")) return no("wrong_format", `${field}: a character that cannot be stored`);
  }
  if (row.email && !EMAIL.test(row.email)) return no("wrong_format", "email: not an e-mail address");
  return undefined;
}

/** A sound row as a customer; an empty cell is none. */
export function asCustomer(row: CustomerRow): ReadCustomer {
  const given = (field: "name" | Cell) => row[field]?.trim() || null;
  const address = Object.fromEntries(ADDRESS_FIELDS.flatMap((field) => { const text = given(field); return text ? [[field, text]] : []; }));
  return {
    line: row.line, name: row.name.trim(), reference: given("reference"), email: given("email"), phone: given("phone"), taxNumber: given("taxNumber"),
    address: Object.keys(address).length ? address : null,
  };
}
